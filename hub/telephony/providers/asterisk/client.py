"""The outside party of a call we made: its phone rings, is answered, or the network says why not."""

from collections.abc import Iterator
from datetime import datetime

from hub.domain.calls import CallEvent, ClientAnswered, ClientLeft, ClientRang, Direction
from hub.telephony.providers.asterisk.cast import Cast


class Client:
    """The channels of the outside party. Inbound they only tell who it is; every method yields what a change causes."""

    def __init__(self, cast: Cast) -> None:
        self._call = cast.call
        self._called = cast.direction is Direction.OUTBOUND
        self.channels = frozenset(client.id for client in cast.clients)
        self.status = ""
        """How the last attempt to reach it ended, in Asterisk's words."""
        self.cause = ""
        """Why its last channel is gone: a hangup cause (Q.850)."""
        self.failed_at: datetime | None = None

    def rang(self, at: datetime, channel: str) -> Iterator[CallEvent]:
        if self._called and channel in self.channels:
            yield ClientRang(call=self._call, at=at)

    def answered(self, at: datetime, channel: str) -> Iterator[CallEvent]:
        if self._called and channel in self.channels:
            yield ClientAnswered(call=self._call, at=at)

    def dial_ended(self, at: datetime, channel: str, status: str) -> Iterator[CallEvent]:
        if self._called and channel in self.channels:
            self.status = status
            yield from self._stopped(at)

    def ended(self, at: datetime, channel: str, cause: str) -> Iterator[CallEvent]:
        if channel in self.channels:
            self.cause = cause
            yield from self._stopped(at)

    def _stopped(self, at: datetime) -> Iterator[CallEvent]:
        if self._called and self.status != "ANSWER":
            self.failed_at = self.failed_at or at
            yield ClientLeft(call=self._call, at=at)
