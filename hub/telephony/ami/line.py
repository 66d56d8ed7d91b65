"""A manager interface as a listener hears it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from hub.telephony.ami.client import Ami, Endpoint
from hub.telephony.ami.wire import Block, one
from hub.telephony.listener.ports import Heard, Keeps, Listed

EVENTS = "system,call,agent,dialplan,cdr,cel,user"
"""Classes of events the interpreter reads; without this list the PBX also tells us of each RTP packet report."""
NOT_LISTED = "the PBX does not let Hub list its channels: give the manager user write permission 'reporting'"
_NOTHING = Heard()


@dataclass(frozen=True, slots=True)
class Manager:
    """The manager interface at `endpoint`; `keeps` says which of its events are worth storing."""

    endpoint: Endpoint
    keeps: Keeps

    def __str__(self) -> str:
        return str(self.endpoint)

    def connect(self, patience: float) -> "ManagerLine":
        ami = Ami.connect(self.endpoint, patience)
        try:
            ami.login(self.endpoint, EVENTS)
        except Exception:
            ami.close()
            raise
        return ManagerLine(ami, self.keeps)


class ManagerLine:
    """See hub.telephony.listener.ports.Line."""

    def __init__(self, ami: Ami, keeps: Keeps) -> None:
        self._ami = ami
        self._keeps = keeps
        self._list_id = ""
        self._alive: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ami.close()

    def ask(self) -> None:
        self._alive.clear()
        self._list_id = self._ami.send("CoreShowChannels")

    def receive(self, seconds: float) -> Sequence[Heard]:
        return [self._sorted(block) for block in self._ami.receive(seconds)]

    def ping(self) -> None:
        self._ami.send("Ping")

    def _sorted(self, block: Block) -> Heard:
        if self._list_id and one(block, "ActionID") == self._list_id:
            return self._listed(block)
        return Heard(block, at=_told(block)) if "Event" in block and self._keeps(block) else _NOTHING

    def _listed(self, block: Block) -> Heard:
        """Part of the answer to CoreShowChannels: a refusal, a channel, or the end of the list."""
        if one(block, "Event") == "CoreShowChannel":
            self._alive |= {one(block, "Uniqueid"), one(block, "Linkedid")}
            return Heard(block)
        if one(block, "Response") == "Error":
            return Heard(listed=Listed(None, NOT_LISTED))
        if one(block, "Event") == "CoreShowChannelsComplete":
            return Heard(listed=Listed(frozenset(self._alive)))
        return _NOTHING


def _told(block: Block) -> datetime | None:
    """When the PBX says it happened: seconds since 1970, with ``timestampevents=yes`` in its manager.conf."""
    try:
        return datetime.fromtimestamp(float(one(block, "Timestamp")), UTC)
    except (ValueError, OverflowError, OSError):
        return None
