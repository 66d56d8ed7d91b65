"""A Hub with recordings: calls that say where theirs lie, and the tries to get them, one at a time."""

from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import update

from hub.custody import fetching
from hub.domain import clock
from hub.recordings import story
from hub.recordings.models import RecordingRow
from hub.unit_of_work import Hub
from tests.pipeline.office import Office

PUSHES = "application/x-www-form-urlencoded"


class Archive:
    def __init__(self, office: Office) -> None:
        self.office = office

    @classmethod
    def opened(cls, url: str, folder: Path) -> "Archive":
        office = Office.opened(url, folder / "data")
        office.connect("generic", "desk", recording_hosts="127.0.0.1,localhost")
        return cls(office)

    @property
    def hub(self) -> Hub:
        return self.office.hub

    def call(self, link: str | None, call: str = "c1") -> None:
        """A call of a minute with this link in its last push."""
        minute = 1_795_000_000 + 600 * int(call[1:])
        began = {"event": "newCall", "callId": call, "direction": "in", "from": "0671234567", "to": "+380445551200"}
        ended = {"event": "hangup", "callId": call, "cause": "normalClearing"} | ({"link": link} if link else {})
        self.office.hear(
            began | {"user": "101", "timestamp": minute},
            {"event": "answer", "callId": call, "user": "101", "timestamp": minute + 5},
            ended | {"timestamp": minute + 65},
            to="desk",
        )

    def rows(self) -> list[RecordingRow]:
        return self.office.rows(RecordingRow)

    def row(self) -> RecordingRow:
        (row,) = self.rows()
        return row

    def fetch(self) -> bool:
        """The one recording is due now, and somebody tries."""
        self.hasten()
        return fetching.fetch(self.hub, self.row().id)

    def hasten(self) -> None:
        """Nobody waits in a test: what is to be tried again is due at once."""
        with self.hub.unit_of_work() as session:
            waits = RecordingRow.next_at.is_not(None)
            session.execute(update(RecordingRow).where(waits).values(next_at=clock.now()))

    def story(self, recording_id: UUID | None = None) -> list[tuple[str, str]]:
        with self.hub.reading() as session:
            return [(one.what, one.detail) for one in story.of(session, recording_id or self.row().id)]

    def shown(self) -> list[dict[str, Any]]:
        """The recordings of the one call, as everybody outside sees them."""
        (call,) = self.office.calls()
        shown: list[dict[str, Any]] = call["recordings"]
        return shown

    def kept(self) -> bytes:
        """What lies in the store of the one recording."""
        return b"".join(self.hub.blobs.read(self.row().sha256 or ""))
