"""Which rows a step really changed: what has to be announced, and nothing else."""

from typing import Any

from hub.leads.models import ContactRow, LeadRow, TaskRow

Subject = ContactRow | LeadRow | TaskRow
KINDS = {ContactRow: "contact", LeadRow: "lead", TaskRow: "task"}


class Changes:
    """The subjects (``lead:5``) whose snapshots changed in one transaction."""

    def __init__(self) -> None:
        self._subjects: set[str] = set()

    @property
    def subjects(self) -> tuple[str, ...]:
        return tuple(sorted(self._subjects))

    def mark(self, row: Subject) -> None:
        """This row is new, gone, or changed."""
        self._subjects.add(f"{KINDS[type(row)]}:{row.id}")

    def put(self, row: Subject, **values: Any) -> bool:
        """Set what differs, and whether anything did; a row that already says so stays untouched and unannounced."""
        different = {name: value for name, value in values.items() if getattr(row, name) != value}
        for name, value in different.items():
            setattr(row, name, value)
        if different:
            self.mark(row)
        return bool(different)
