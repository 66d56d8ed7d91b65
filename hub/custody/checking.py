"""Everything that is stored, read from end to end and held against its checksum."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from sqlalchemy import select

from hub.domain import clock
from hub.domain.errors import NotFound
from hub.recordings import story
from hub.recordings.models import RecordingRow
from hub.unit_of_work import Hub

STEP = 200
PARTS = {"sha256": "original", "rendition_sha256": "rendition", "peaks_sha256": "waveform"}
GONE, CHANGED = "is gone", "is not what was stored"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Wrong:
    """A part of a recording that cannot be relied on."""

    recording_id: UUID
    part: str
    problem: str


@dataclass(slots=True)
class Report:
    """`read`: objects looked at; `strays`: objects no recording points to."""

    read: int = 0
    wrong: list[Wrong] = field(default_factory=list)
    strays: int = 0


def check(hub: Hub) -> Report:
    """Memory stays flat; each object is read once, however many recordings share it."""
    report, seen = Report(), dict[str, str | None]()
    for recording_id, part, sha256 in _stored(hub):
        if sha256 not in seen:
            seen[sha256] = _problem(hub, sha256)
            report.read += 1
        if (problem := seen[sha256]) is not None:
            report.wrong.append(Wrong(recording_id, part, problem))
            _written_down(hub, recording_id, f"its {part} {problem}")
    report.strays = sum(one not in seen for one in hub.blobs)
    return report


def _stored(hub: Hub) -> Iterator[tuple[UUID, str, str]]:
    last: UUID | None = None
    while True:
        chosen = select(RecordingRow).where(RecordingRow.sha256.is_not(None)).order_by(RecordingRow.id).limit(STEP)
        with hub.reading() as session:
            rows = session.scalars(chosen if last is None else chosen.where(RecordingRow.id > last)).all()
            found = [(row.id, part, getattr(row, name)) for row in rows for name, part in PARTS.items()]
        yield from ((one, part, sha256) for one, part, sha256 in found if sha256)
        if len(rows) < STEP:
            return
        last = rows[-1].id


def _problem(hub: Hub, sha256: str) -> str | None:
    try:
        return None if hub.blobs.check(sha256) else CHANGED
    except NotFound:
        return GONE


def _written_down(hub: Hub, recording_id: UUID, what: str) -> None:
    log.error("a stored recording is wrong", recording=str(recording_id), problem=what)
    with hub.unit_of_work() as session:
        story.tell(session, recording_id, "wrong", what, clock.now())
