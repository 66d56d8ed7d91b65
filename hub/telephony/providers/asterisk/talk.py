"""Who talks with the other party, and when that party is on hold: told as call events.

Talk is being connected through bridges. A colleague who turns to somebody else while the client waits
in their bridge (a consultation) still has that client: the talk goes on, on hold.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from hub.domain.calls import CallEvent, Direction, HoldBegan, HoldEnded, TalkBegan, TalkEnded
from hub.telephony.providers.asterisk.wiring import Wiring

CALLER = ""
"""Stands among the ids of legs for the one of ours who placed the call."""
Groups = list[set[str]]
SeatOf = Callable[[str], str | None]
"""Whose part in the call a channel is: a leg's id, `CALLER`, or None when it is nobody of ours."""


class Talk:
    """Follows the wiring; every method yields the events a change causes."""

    def __init__(
        self, call: str, direction: Direction, clients: frozenset[str], wiring: Wiring, seat_of: SeatOf
    ) -> None:
        self._call = call
        self._internal = direction is Direction.INTERNAL
        self._clients = clients
        self._wiring = wiring
        self._seat_of = seat_of
        self._holders: set[str] = set()
        self._consulting: set[str] = set()
        self._away: dict[str, datetime] = {}
        """Who left the client's bridge and is in no other, since when."""
        self._on_hold = False
        self.now: set[str] = set()
        """Who talks at this moment."""
        self.last_began: datetime | None = None
        self.same_since: datetime | None = None
        """When the last round of people came together: whoever hung up first after that ended the talk."""

    def groups(self) -> Groups:
        """All channels that hear the other party; internally, each group that hear one another."""
        return list(self._wiring.groups()) if self._internal else [self._wiring.together(self._clients)]

    def rewired(
        self, at: datetime, groups: Groups, present: Callable[[], set[str]], *, parted: bool = False
    ) -> Iterator[CallEvent]:
        """Somebody entered or left a bridge. `present`: seats with a living channel; `parted`: a blind transfer."""
        talking = self._talking(groups)
        awaited = set() if parted or talking else self._awaited(present)
        self._consulting = awaited & self._seats(self._wiring.everybody())
        yield from self._change(at, talking | awaited)
        self._away = {seat: self._away.get(seat, at) for seat in awaited - self._consulting}
        yield from self._hold_changed(at)

    def _talking(self, groups: Groups) -> set[str]:
        """Whoever hears the client; internally, whoever of those called hears at least one other of us."""
        seats = [self._seats(group) for group in groups]
        if not self._internal:
            return seats[0]
        return set().union(*(group - {CALLER} for group in seats if len(group) > 1))

    def _seats(self, channels: set[str]) -> set[str]:
        return {seat for channel in channels if (seat := self._seat_of(channel)) is not None}

    def _awaited(self, present: Callable[[], set[str]]) -> set[str]:
        if not self.now or self._internal or not any(self._wiring.is_in(client) for client in self._clients):
            return set()
        return self.now & present()

    def _change(self, at: datetime, talking: set[str]) -> Iterator[CallEvent]:
        for seat in sorted(self.now - talking):
            # Who left the client's bridge and never turned up in another was gone when leaving.
            yield TalkEnded(call=self._call, at=self._away.get(seat, at), leg=seat or None)
        began = sorted(talking - self.now)
        for seat in began:
            yield TalkBegan(call=self._call, at=at, leg=seat or None)
        if talking and talking != self.now:
            self.same_since = at
        if began:
            self.last_began = at
            self._holders.clear()
        self.now = talking

    def held(self, at: datetime, holder: str) -> Iterator[CallEvent]:
        if self.now:
            self._holders.add(holder)
            yield from self._hold_changed(at)

    def released(self, at: datetime, holder: str) -> Iterator[CallEvent]:
        self._holders.discard(holder)
        yield from self._hold_changed(at)

    def _hold_changed(self, at: datetime) -> Iterator[CallEvent]:
        on_hold = bool(self.now) and bool(self._holders or self._consulting)
        if on_hold != self._on_hold:
            self._on_hold = on_hold
            yield (HoldBegan if on_hold else HoldEnded)(call=self._call, at=at)
