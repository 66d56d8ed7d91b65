"""The legs of a conversation, each put together from all that was said of it, in whatever order it came."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from hub.domain.delivery import Fact
from hub.telephony.providers.twilio.facts import LEG
from hub.telephony.providers.twilio.states import ANSWERED, OVER, STEPS, Step

Said = Mapping[str, object]


@dataclass(frozen=True)
class Leg:
    """One of Twilio's calls. `parent` None: it began by itself, or nobody said otherwise yet."""

    id: str
    parent: str | None = None
    facts: Sequence[Fact] = field(default=(), repr=False)

    def text(self, name: str) -> str | None:
        """What was said first under this name: Twilio repeats itself, and another leg's words are in none of these."""
        return next((str(value) for fact in self.facts if (value := fact.data.get(name)) is not None), None)

    @cached_property
    def tried_at(self) -> datetime | None:
        """When it began; of a leg first heard of at its end, as long before as it lasted."""
        before = [fact.at for fact in self.facts if fact.data["status"] not in OVER]
        return min(before, default=self.ended_at and self.ended_at - self._length)

    @cached_property
    def rang_at(self) -> datetime | None:
        """A `ringing` that comes late and without its own time cannot have been after the answer, nor the end."""
        return _first(self._when(Step.RANG), self.picked_up_at, self.ended_at) if self._when(Step.RANG) else None

    @cached_property
    def picked_up_at(self) -> datetime | None:
        """When it was picked up; told by its end and its length when nothing else tells."""
        if said := self._when(Step.PICKED_UP):
            return _first(said, self.ended_at)
        if self.status not in ANSWERED or self.ended_at is None:
            return None
        return self.ended_at - self._length

    @property
    def ended_at(self) -> datetime | None:
        return self._ends[0].at if self._ends else None

    @property
    def status(self) -> str | None:
        """Twilio's word for how it ended; None while it has not."""
        return str(self._ends[0].data["status"]) if self._ends else None

    @property
    def apart(self) -> bool:
        """Picked up, but too late to be joined with whoever was waiting."""
        return any("apart" in fact.data for fact in self.facts)

    @property
    def _length(self) -> timedelta:
        """How long it was up."""
        told = (int(str(fact.data["seconds"])) for fact in self._ends if "seconds" in fact.data)
        return timedelta(seconds=next(told, 0))

    @cached_property
    def _ends(self) -> list[Fact]:
        return _told_best(fact for fact in self.facts if fact.data["status"] in OVER)

    def _when(self, step: Step) -> datetime | None:
        said = _told_best(fact for fact in self.facts if STEPS[str(fact.data["status"])] is step)
        return said[0].at if said else None


def legs(facts: Iterable[Fact]) -> dict[str, Leg]:
    """Every leg that is spoken of, by id; of some only their children, or their recording."""
    said: defaultdict[str, list[Fact]] = defaultdict(list)
    parents: dict[str, str] = {}
    for fact in sorted(facts, key=_canonical):
        call, parent = str(fact.data["call"]), fact.data.get("parent")
        told = said[call]
        if fact.data["kind"] == LEG:
            told.append(fact)
        if isinstance(parent, str) and parent != call:
            parents.setdefault(call, parent)
    ids = {*said, *parents, *parents.values()}
    return {call: Leg(call, parents.get(call), said.get(call, ())) for call in sorted(ids)}


def _told_best(facts: Iterable[Fact]) -> list[Fact]:
    """Twilio's own times before those of arrival; then the earliest, for what comes again comes later."""
    return sorted(facts, key=lambda fact: ("stamped" not in fact.data, *_canonical(fact)))


def _canonical(fact: Fact) -> tuple[datetime, str]:
    return fact.at, repr(sorted(fact.data.items(), key=str))


def _first(*moments: datetime | None) -> datetime:
    return min(moment for moment in moments if moment)
