"""All that was told of one call, put in order.

When something happened is known by the receipt of what told it, and that may be late; how long was talked is known
exactly. So nobody picked up after a notification said so, nor later than that long before the end was told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from hub.domain.calls import Direction
from hub.domain.clock import parse_iso
from hub.domain.delivery import Fact
from hub.telephony.providers.zadarma import endings, messages, phones, rows
from hub.telephony.providers.zadarma.endings import Cause

ENDS = (messages.END, messages.OUT_END)
OUTBOUND = (messages.OUT_START, messages.OUT_END)


@dataclass(frozen=True)
class Conversation:
    """`facts` of one call, in order of receipt."""

    facts: Sequence[Fact]

    def of(self, *events: str) -> list[Fact]:
        return [fact for fact in self.facts if fact.data["event"] in events]

    def text(self, name: str, *events: str) -> str | None:
        """The first that is said of it, by these events where any are named."""
        told = self.of(*events) if events else self.facts
        return next((str(fact.data[name]) for fact in told if name in fact.data), None)

    @cached_property
    def call(self) -> str:
        return str(self.facts[0].data["call"])

    @cached_property
    def began(self) -> datetime | None:
        """Never after the first that was heard of it, whatever the clocks say; None while only recordings are known."""
        said = [parse_iso(fact.data["began"]) for fact in self.facts if "began" in fact.data]
        return min([*said, *(fact.at for fact in self.facts)]) if said else None

    @cached_property
    def direction(self) -> Direction:
        if not rows.is_out(self.call) and not self.of(*OUTBOUND):
            return Direction.INBOUND
        return Direction.INTERNAL if phones.extension(self.called or "") else Direction.OUTBOUND

    @cached_property
    def called(self) -> str | None:
        """Whom one of ours called; not whom the call was put through to."""
        return self.text("destination", *OUTBOUND, rows.LISTED) or self.text("destination")

    @cached_property
    def caller(self) -> str | None:
        """Who of ours called."""
        return self.text("internal", *OUTBOUND, rows.LISTED) or self.text("internal")

    @cached_property
    def shown(self) -> str | None:
        """Our number that the one we called saw; where nothing is shown the extension stands there."""
        said = (str(fact.data["caller"]) for fact in self.facts if "caller" in fact.data)
        return next((number for number in said if not phones.extension(number)), None)

    # ---- how it ended ----

    @cached_property
    def ends(self) -> list[Fact]:
        """Every end that was told; the statistics are asked only where none was."""
        return self.of(*ENDS) or self.of(rows.LISTED)

    @cached_property
    def talked(self) -> list[Fact]:
        """Ends after a talk."""
        return [end for end in self.ends if endings.is_answered(end.data["disposition"])]

    @cached_property
    def is_over(self) -> bool:
        """Whether an end was told that is not just that of a phone that rang beside the one that picked up."""
        if self.direction is Direction.OUTBOUND or not self._answers or self.talked:
            return bool(self.ends)
        named = [{end.data.get("internal"), end.data.get("last_internal")} - {None} for end in self.ends]
        return any(not phones_of or phones_of & set(self._answers) for phones_of in named)

    @cached_property
    def ended_at(self) -> datetime | None:
        if not self.is_over or self.began is None:
            return None
        told = max(end.at for end in self.ends)
        pickups = [*self._answers.values(), *self._client_answers]
        if len(self.talked) == 1 and len(pickups) == 1:
            told = min(told, pickups[0] + _length(self.talked[0]))
        return max(told, self.began)

    @cached_property
    def cause(self) -> Cause:
        """What ended it, where nobody talked."""
        last = (self.talked or self.ends)[-1]
        return endings.cause(last.data["disposition"], self.direction)

    # ---- who picked up ----

    @cached_property
    def rang(self) -> Mapping[str, datetime]:
        """Our phones that were rung, each since when: by a time of its own where it has one, else by the receipt."""
        found: dict[str, datetime] = {}
        for fact in self.of(messages.INTERNAL):
            own = parse_iso(fact.data["began"])
            if phone := _phone(fact.data):
                found.setdefault(phone, own if self.began and own > self.began else fact.at)
        return found

    @cached_property
    def picked_up(self) -> Mapping[str, datetime]:
        """Our phones that picked up, first to last."""
        order = sorted(self._answers, key=lambda phone: (phone == self._last, self._answers[phone], phone))
        found, limit = {}, self.ended_at
        for phone in reversed(order):
            limit = min(self._answers[phone], limit or self._answers[phone])
            found[phone] = max(limit, self.began or limit)
        return dict(reversed(found.items()))

    @cached_property
    def client_picked_up(self) -> datetime | None:
        """When the one we called did."""
        if not self._client_answers:
            return None
        at = min([*self._client_answers, *([self.ended_at] if self.ended_at else [])])
        return max(at, self.began or at)

    @cached_property
    def _answers(self) -> Mapping[str, datetime]:
        found: dict[str, datetime] = {}
        for fact in self.of(messages.ANSWER):
            if self.direction is Direction.INBOUND and (phone := _phone(fact.data)):
                found.setdefault(phone, fact.at)
            elif self.direction is Direction.INTERNAL:
                found.setdefault(self.called or "", fact.at)
        if self.direction is not Direction.OUTBOUND:
            self._correct(found)
        return found

    def _correct(self, found: dict[str, datetime]) -> None:
        """By how long was talked before the end was told: picked up earlier than its receipt, or never told at all.

        One end for several who talked in turn tells how long they did together.
        """
        together = len(found) > 1 and len(self.ends) == 1
        for end in self.talked:
            first = min(found, key=lambda phone: (phone == self._last, found[phone], phone), default=None)
            phone = first if together else self._whose(end.data) or first
            if phone and (phone in found or not found):
                told = end.at - _length(end)
                found[phone] = min(found.get(phone, told), told)

    @cached_property
    def _last(self) -> str | None:
        """Who talked last, where that is told."""
        return next((str(end.data["last_internal"]) for end in self.ends if "last_internal" in end.data), None)

    def _whose(self, data: Mapping[str, Any]) -> str | None:
        if self.direction is Direction.INTERNAL:
            return self.called
        return data.get("last_internal") or data.get("internal")

    @cached_property
    def _client_answers(self) -> list[datetime]:
        if self.direction is not Direction.OUTBOUND:
            return []
        clients = (fact for fact in self.of(messages.ANSWER) if not phones.extension(fact.data.get("destination", "")))
        told = [fact.at for fact in clients] + [end.at - _length(end) for end in self.talked]
        return [min(told)] if told else []


def conversations(facts: Sequence[Fact]) -> list[Conversation]:
    """By call; what was told twice counts as of the first time."""
    first: dict[str, Fact] = {}
    for fact in sorted(facts, key=lambda fact: (fact.at, repr(sorted(fact.data.items())))):
        first.setdefault(repr(sorted(fact.data.items())), fact)
    calls = dict.fromkeys(str(fact.data["call"]) for fact in first.values())
    return [Conversation([fact for fact in first.values() if fact.data["call"] == call]) for call in calls]


def _phone(data: Mapping[str, Any]) -> str | None:
    """The extension, or the number outside that a call of a client's was sent on to."""
    return data.get("internal") or phones.extension(data.get("destination", "")) or data.get("destination")


def _length(end: Fact) -> timedelta:
    return timedelta(seconds=end.data["seconds"])
