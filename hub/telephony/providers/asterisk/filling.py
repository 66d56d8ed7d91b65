"""What another source says of stretches in which manager events were lost, put among what was heard.

Rows know less than events, and name bridges their own way. Only what was not heard is taken from them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from hub.telephony.providers.asterisk.cdr_reader import Known
from hub.telephony.providers.asterisk.signals import Signal, Verb
from hub.telephony.providers.asterisk.times import epoch_of

Window = tuple[datetime, datetime]
Moments = Mapping[tuple[str, Verb], Sequence[datetime]]
"""When each thing happened to each channel."""

_SAME_CLOCK = (timedelta(seconds=-2), timedelta(seconds=3))
_ON_THE_WAY = timedelta(milliseconds=200)
"""How long before Hub would have heard of it something may have happened."""
_ONCE = {Verb.BORN, Verb.DIALLED, Verb.RINGING, Verb.UP, Verb.ENDED}
"""What happens to a channel once in its life, or counts the first time."""


def clock_ahead(heard: Iterable[Signal]) -> timedelta:
    """How far Hub's clock is ahead of the PBX's: ids begin with the PBX's own second. Small differences are none."""
    for signal in heard:
        made = epoch_of(signal.channel) if signal.verb is Verb.BORN else None
        if made is not None:
            ahead = signal.at - made
            return timedelta(0) if _SAME_CLOCK[0] <= ahead <= _SAME_CLOCK[1] else ahead
    return timedelta(0)


def fill(
    known: Sequence[Signal],
    other: Iterable[Signal],
    uncovered: Sequence[Window],
    moments: Moments,
    late: timedelta = timedelta(0),
) -> list[Signal]:
    """What is known, with what another source says of the uncovered stretches; nothing that was heard is said again.

    `late`: how much later than told things may have happened (a table that knows whole seconds alone).
    """
    ahead = clock_ahead(known)
    last_heard = {signal.channel: signal.at for signal in known}
    moved = (one._replace(at=one.at + ahead) for one in other)
    placed = {one for signal in moved if (one := _placed(signal, uncovered, late)) is not None}
    taken = {signal for signal in placed if not (late and _is_known(signal, moments, late))}
    same = _same_bridges(known, placed - taken, late)
    taken = {one._replace(other=same.get(one.other, one.other)) for one in taken}
    wrong = {
        signal
        for signal in taken
        if signal.verb is Verb.ENDED and signal.at < last_heard.get(signal.channel, signal.at)
    }
    return sorted({*known, *_by_one_name(known, taken - wrong)})


def _same_bridges(known: Sequence[Signal], heard: Iterable[Signal], late: timedelta) -> dict[str, str]:
    """Bridges of another source that were heard of, as somebody entered them, with the names they were heard by."""
    entered = [signal for signal in known if signal.verb is Verb.ENTERED]
    return {
        signal.other: one.other
        for signal in heard
        if signal.verb is Verb.ENTERED
        for one in entered
        if one.channel == signal.channel and abs(one.at - signal.at) <= 2 * late
    }


def _by_one_name(known: Sequence[Signal], taken: set[Signal]) -> Iterator[Signal]:
    """Each source names bridges its own way: who leaves one by a name nobody entered leaves the last one entered."""
    entered = [signal for signal in sorted({*known, *taken}) if signal.verb is Verb.ENTERED]
    names = {(signal.channel, signal.other) for signal in entered}
    for signal in taken:
        if signal.verb is Verb.LEFT and (signal.channel, signal.other) not in names:
            before = (one.other for one in reversed(entered) if one.channel == signal.channel and one.at < signal.at)
            yield signal._replace(other=next(before, ""))
        else:
            yield signal


def _placed(signal: Signal, uncovered: Iterable[Window], late: timedelta) -> Signal | None:
    """Where it is in the uncovered stretches: what began a moment before one may have happened inside. None: not."""
    for since, until in uncovered:
        if since - signal.at <= _ON_THE_WAY and signal.at <= until:
            return signal
        if signal.at < since <= signal.at + late:
            return signal._replace(at=since)
    return None


def moments(heard: Iterable[Signal]) -> Moments:
    """When each thing was heard to happen to each channel; a list of what is up tells no moment."""
    listed = {(signal.channel, signal.at) for signal in heard if signal.verb is Verb.LISTED}
    told: defaultdict[tuple[str, Verb], list[datetime]] = defaultdict(list)
    for signal in heard:
        if (signal.channel, signal.at) not in listed:
            told[signal.channel, signal.verb].append(signal.at)
    return told


def _is_known(signal: Signal, told: Moments, late: timedelta) -> bool:
    """Whether it was heard: what happens once to a channel at any time, the rest at about the time told."""
    heard = told.get((signal.channel, signal.verb), ())
    return any(signal.verb in _ONCE or abs(at - signal.at) <= 2 * late for at in heard)


def known(heard: Sequence[Signal]) -> Known:
    """What was heard of the channels, for the reader of rows: on the PBX's own clock."""
    ahead, told = clock_ahead(heard), moments(heard)
    rang = {signal.channel: signal.at - ahead for signal in heard if signal.verb is Verb.RINGING}

    def first(verb: Verb) -> dict[str, datetime]:
        return {channel: min(at) - ahead for (channel, said), at in told.items() if said is verb}

    return Known(
        ids={signal.name: signal.channel for signal in heard if signal.channel and signal.name},
        born=first(Verb.BORN),
        ready=first(Verb.BORN) | rang | first(Verb.UP),
        dialled=first(Verb.DIALLED),
        recordings={one.value.rpartition("/")[2] for one in heard if one.other == "MIXMONITOR_FILENAME"},
    )
