"""Where manager events are missing, and what is put in their place.

A listener that loses its line notes a gap for each call that was open; a capture may begin or end in the
middle. What other sources say of just those stretches is taken from them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hub.domain.calls import CallEnded, CallEvent, CallSeen
from hub.domain.clock import parse_iso
from hub.telephony.providers.asterisk.signals import Signal, Verb
from hub.telephony.providers.asterisk.times import epoch_of

Window = tuple[datetime, datetime]

_BEFORE_ALL, _AFTER_ALL = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_PLUMBING = ("Local/", "Message/", "Bridge/")
_SAME_CLOCK = (timedelta(seconds=-2), timedelta(seconds=3))
_ON_THE_WAY = timedelta(milliseconds=200)
"""How long before Hub would have heard of it something may have happened."""
_LISTING_TAKES = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """Nothing was heard between the two moments; after it the call was still `alive`, or no longer known."""

    since: datetime
    until: datetime
    alive: bool

    @classmethod
    def read(cls, data: Mapping[str, str]) -> "Gap":
        """From a ``HubGap`` note."""
        return cls(parse_iso(data["From"]), parse_iso(data["To"]), data.get("Alive") == "yes")


def windows(heard: Sequence[Signal], gaps: Sequence[Gap]) -> list[Window]:
    """The stretches manager events (in order) do not cover: noted gaps, a missing beginning, a missing end."""
    uncovered = [(gap.since, gap.until) for gap in gaps]
    parties = {signal.channel for signal in heard if signal.name and not signal.name.startswith(_PLUMBING)}
    if parties - _channels(heard, Verb.BORN):
        uncovered.append((_BEFORE_ALL, heard[0].at))
    if parties - _channels(heard, Verb.ENDED):
        uncovered.append((heard[-1].at, _AFTER_ALL))
    return uncovered


def _channels(signals: Iterable[Signal], verb: Verb) -> set[str]:
    return {signal.channel for signal in signals if signal.verb is verb}


def clock_ahead(heard: Iterable[Signal]) -> timedelta:
    """How far Hub's clock is ahead of the PBX's: ids begin with the PBX's own second. Small differences are none."""
    for signal in heard:
        made = epoch_of(signal.channel) if signal.verb is Verb.BORN else None
        if made is not None:
            ahead = signal.at - made
            return timedelta(0) if _SAME_CLOCK[0] <= ahead <= _SAME_CLOCK[1] else ahead
    return timedelta(0)


def fill(heard: Sequence[Signal], other: Iterable[Signal], uncovered: Sequence[Window]) -> list[Signal]:
    """What was heard, with what another source says of the uncovered stretches."""
    ahead = clock_ahead(heard)
    last_heard = {signal.channel: signal.at for signal in heard}
    taken = [signal for signal in (one._replace(at=one.at + ahead) for one in other) if _within(signal.at, uncovered)]
    wrong = {
        signal
        for signal in taken
        if signal.verb is Verb.ENDED and signal.at < last_heard.get(signal.channel, signal.at)
    }
    return sorted({*heard, *taken} - wrong)


def _within(at: datetime, uncovered: Iterable[Window]) -> bool:
    return any(since - at <= _ON_THE_WAY and at <= until for since, until in uncovered)


def mend(heard: Sequence[Signal], gaps: Sequence[Gap]) -> list[Signal]:
    """What was heard, with what follows from it: who leaves a bridge was in it, who is not listed is gone."""
    return sorted({*heard, *_entered_unheard(heard, gaps), *_gone_unheard(heard, gaps)})


def _entered_unheard(heard: Sequence[Signal], gaps: Sequence[Gap]) -> Iterable[Signal]:
    entered = {(signal.channel, signal.other) for signal in heard if signal.verb is Verb.ENTERED}
    for signal in heard:
        if signal.verb is Verb.LEFT and (signal.channel, signal.other) not in entered:
            since = [gap.until for gap in gaps if gap.until <= signal.at]
            yield signal._replace(verb=Verb.ENTERED, at=max(since, default=heard[0].at))


def _gone_unheard(heard: Sequence[Signal], gaps: Sequence[Gap]) -> Iterable[Signal]:
    last = {signal.channel: signal for signal in heard if signal.name}
    ended = _channels(heard, Verb.ENDED)
    for gap in gaps:
        listed = {one for one in heard if one.verb is Verb.LISTED and gap.until <= one.at <= gap.until + _LISTING_TAKES}
        for channel, signal in last.items():
            if listed and channel not in ended and signal.at <= gap.until:
                yield Signal(gap.until, Verb.ENDED, channel, signal.name, signal.linkedid)


def unreported_end(call: str, events: Iterable[CallEvent], last: datetime, gaps: Sequence[Gap]) -> list[CallEvent]:
    """How far an open call is known to have lived, and its end when the PBX no longer knows it after a gap."""
    if any(isinstance(event, CallEnded) for event in events):
        return []
    later = [gap for gap in gaps if gap.until >= last]
    gone = [gap for gap in later if not gap.alive]
    if gone and not any(gap.alive for gap in later):
        seen = max(last, *(gap.since for gap in gone))
        return [CallSeen(call=call, at=seen), CallEnded(call=call, at=max(seen, gone[-1].until), certain=False)]
    return [CallSeen(call=call, at=max([last, *(gap.until for gap in later if gap.alive)]))]
