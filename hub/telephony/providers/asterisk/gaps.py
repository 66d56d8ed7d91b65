"""Where manager events are missing, and what follows from those that were heard.

A listener that loses its line notes a gap for each call that was open; a capture may begin or end in the
middle. What other sources say of just those stretches is put there by `filling`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hub.domain.calls import CallEnded, CallEvent, CallSeen, Outcome
from hub.domain.clock import parse_iso
from hub.telephony.providers.asterisk.filling import Window
from hub.telephony.providers.asterisk.signals import Signal, Verb
from hub.telephony.providers.asterisk.text import base_name

_BEFORE_ALL, _AFTER_ALL = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_PLUMBING = ("Local/", "Message/", "Bridge/")
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
    parties = {
        signal.channel for signal in heard if signal.channel and signal.name and not signal.name.startswith(_PLUMBING)
    }
    if parties - _channels(heard, Verb.BORN):
        uncovered.append((_BEFORE_ALL, heard[0].at))
    if parties - _channels(heard, Verb.ENDED):
        uncovered.append((heard[-1].at, _AFTER_ALL))
    return uncovered


def _channels(signals: Iterable[Signal], verb: Verb) -> set[str]:
    return {signal.channel for signal in signals if signal.verb is verb}


def mend(heard: Sequence[Signal], gaps: Sequence[Gap]) -> list[Signal]:
    """What was heard, with what follows from it: who leaves a bridge was in it, who is not listed is gone, and so is
    a phone the PBX was to call for somebody and could not reach."""
    return sorted({*heard, *_entered_unheard(heard, gaps), *_gone_unheard(heard, gaps), *_not_reached(heard)})


def _entered_unheard(heard: Sequence[Signal], gaps: Sequence[Gap]) -> Iterable[Signal]:
    entered = {(signal.channel, signal.other) for signal in heard if signal.verb is Verb.ENTERED}
    for signal in heard:
        if signal.verb is Verb.LEFT and (signal.channel, signal.other) not in entered:
            since = [gap.until for gap in gaps if gap.until <= signal.at]
            yield signal._replace(verb=Verb.ENTERED, at=max(since, default=heard[0].at))


def _gone_unheard(heard: Sequence[Signal], gaps: Sequence[Gap]) -> Iterable[Signal]:
    last = {signal.channel: signal for signal in heard if signal.channel and signal.name}
    ended = _channels(heard, Verb.ENDED)
    for gap in gaps:
        listed = {one for one in heard if one.verb is Verb.LISTED and gap.until <= one.at <= gap.until + _LISTING_TAKES}
        for channel, signal in last.items():
            if listed and channel not in ended and signal.at <= gap.until:
                yield Signal(gap.until, Verb.ENDED, channel, signal.name, signal.linkedid)


def _not_reached(heard: Sequence[Signal]) -> Iterable[Signal]:
    ended = _channels(heard, Verb.ENDED)
    asked = {
        one.channel: one for one in heard if one.channel and one.channel == one.linkedid and one.channel not in ended
    }
    for signal in heard:
        if signal.verb is Verb.ORIGINATED and signal.value == "Failure":
            for channel, one in asked.items():
                if base_name(one.name) == signal.name and one.at <= signal.at:
                    yield Signal(signal.at, Verb.ENDED, channel, one.name, one.linkedid)


def unreported_end(
    call: str, events: Iterable[CallEvent], last: datetime, gaps: Sequence[Gap], so_far: Outcome | None
) -> list[CallEvent]:
    """How far an open call is known to have lived, and its end when the PBX no longer knows it after a gap."""
    if any(isinstance(event, CallEnded) for event in events):
        return []
    later = [gap for gap in gaps if gap.until >= last]
    gone = [gap for gap in later if not gap.alive]
    if gone and not any(gap.alive for gap in later):
        seen = max(last, *(gap.since for gap in gone))
        end = CallEnded(call=call, at=max(seen, gone[-1].until), outcome=so_far, certain=False)
        return [CallSeen(call=call, at=seen), end]
    return [CallSeen(call=call, at=max([last, *(gap.until for gap in later if gap.alive)]))]
