"""The legs of one conversation, each put together from everything that was told of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hub.domain.clock import parse_iso
from hub.domain.delivery import Fact
from hub.telephony.providers.freeswitch import text as read
from hub.telephony.providers.freeswitch.settings import FreeSwitchSettings

Span = tuple[datetime, datetime | None]
_LATEST = ("ended",)
"""All other moments are the first that was told."""


@dataclass(slots=True)
class Leg:
    """One channel. Texts are empty and moments None where nothing was told."""

    id: str
    settings: FreeSwitchSettings
    said: dict[str, str] = field(default_factory=dict)
    times: dict[str, datetime] = field(default_factory=dict)
    seen: datetime | None = None
    whole: bool = False
    """Told of by itself, not only by the leg that called it."""
    holds: list[Span] = field(default_factory=list)
    transfers: list[tuple[datetime, str]] = field(default_factory=list)
    recordings: list[str] = field(default_factory=list)
    _marks: list[tuple[datetime, str]] = field(default_factory=list)

    def hear(self, fact: Fact) -> None:
        """Facts come in the order of their moments: later texts replace earlier ones, but for who was called first."""
        data = fact.data
        own = "heard_of" not in data
        self.whole = self.whole or own
        if own:
            self.seen = max(self.seen or fact.at, fact.at)
        for name, value in data.items():
            if isinstance(value, str):
                self._text(name, value, own=own)
            elif isinstance(value, int):
                self._time(name, read.moment(value))
        self._lists(data)

    def _text(self, name: str, value: str, *, own: bool) -> None:
        if name in {"held", "released"}:
            self._marks.append((parse_iso(value), name))
        elif own and name not in {"dialled", "caller", "name"}:
            self.said[name] = value
        else:
            self.said.setdefault(name, value)

    def _time(self, name: str, at: datetime) -> None:
        there = self.times.get(name, at)
        self.times[name] = max(there, at) if name in _LATEST else min(there, at)

    def _lists(self, data: Any) -> None:
        for begin, end in data.get("holds", ()):
            self.holds.append((read.moment(begin), read.moment(end)))
        for at, how in data.get("transfers", ()):
            self.transfers.append((read.moment(at), how))
        self.recordings += [one for one in data.get("recordings", ()) if one not in self.recordings]

    def held(self) -> Iterator[Span]:
        """When the other side was on hold: as the record tells, else as it was heard live."""
        if self.holds:
            yield from dict.fromkeys(self.holds)
            return
        since = None
        for at, mark in sorted(self._marks):
            if mark == "held":
                since = since or at
            elif since is not None:
                yield since, at
                since = None
        if since is not None:
            yield since, self.ended

    def _of(self, name: str) -> str:
        return self.said.get(name, "")

    @property
    def by(self) -> str:
        return self._of("by")

    @property
    def inward(self) -> bool:
        """Somebody called the switch; otherwise the switch called somebody."""
        return self._of("direction") != "outbound"

    @property
    def plumbing(self) -> bool:
        """A channel with nobody at its end: the switch calling itself."""
        return self._of("channel").startswith("loopback/")

    @property
    def party(self) -> str:
        """Who is at the end of it: a phone of ours or an outside number; empty when withheld."""
        user = self._of("user")
        if self.settings.is_extension(user):
            return user
        return self._of("caller") if self.inward else self._of("dialled")

    @property
    def dialled_number(self) -> bool:
        """Whether the switch called a number, not a name."""
        return any(character.isdigit() for character in self.party)

    @property
    def ours(self) -> bool:
        return self.settings.is_extension(self.party)

    @property
    def born(self) -> datetime | None:
        return self.times.get("born") or self.seen

    @property
    def rang(self) -> datetime | None:
        heard = [self.times[name] for name in ("rang", "early") if name in self.times]
        return min(heard, default=None)

    @property
    def answered(self) -> datetime | None:
        return self.times.get("answered")

    @property
    def together(self) -> datetime | None:
        """When it was first put through to another leg, after it was answered."""
        bridged = self.times.get("bridged")
        return max(bridged, self.answered) if bridged and self.answered else None

    @property
    def ended(self) -> datetime | None:
        return self.times.get("ended")

    def text(self, name: str) -> str:
        return self._of(name)


def legs(facts: Iterable[Fact], settings: FreeSwitchSettings) -> dict[str, Leg]:
    """Every leg told of, by its id."""
    found: dict[str, Leg] = {}
    for fact in ordered(facts):
        if one := fact.data.get("leg"):
            found.setdefault(one, Leg(one, settings)).hear(fact)
    return found


def ordered(facts: Iterable[Fact]) -> Sequence[Fact]:
    """By moment; at one moment what a leg tells of itself comes last and counts."""
    return sorted(facts, key=lambda fact: (fact.at, "heard_of" not in fact.data, repr(sorted(fact.data.items()))))
