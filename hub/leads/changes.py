"""Which rows a step really changed: what has to be announced, and nothing else."""

from collections.abc import Iterable
from typing import Any

from hub.leads.models import ContactRow, LeadRow, TaskRow

Subject = ContactRow | LeadRow | TaskRow
KINDS = {ContactRow: "contact", LeadRow: "lead", TaskRow: "task"}


class Changes:
    """The subjects (``lead:5``) whose snapshots changed in one transaction."""

    def __init__(self) -> None:
        self._rows: dict[str, Subject] = {}

    @property
    def subjects(self) -> tuple[str, ...]:
        return tuple(sorted(self._rows))

    @property
    def rows(self) -> Iterable[Subject]:
        return self._rows.values()

    def mark(self, row: Subject) -> None:
        """This row is new, gone, or changed."""
        self._rows[f"{KINDS[type(row)]}:{row.id}"] = row

    def put(self, row: Subject, **values: Any) -> bool:
        """Set what differs, and whether anything did; a row that already says so stays untouched and unannounced."""
        different = {name: value for name, value in values.items() if getattr(row, name) != value}
        for name, value in different.items():
            setattr(row, name, value)
        if different:
            self.mark(row)
        return bool(different)
