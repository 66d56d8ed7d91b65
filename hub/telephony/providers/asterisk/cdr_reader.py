"""A conversation's CDR rows as signals.

A row is one attempt to bring two channels together: who dialled whom, from when to when, with what result.
That is less than CEL or AMI tell (who hung up, hold, and how long a queue let wait are not in it), but every
PBX writes it and it survives a lost connection.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hub.domain.clock import parse_iso
from hub.telephony.providers.asterisk.signals import Birth, Signal, Verb
from hub.telephony.providers.asterisk.text import part_for, peer

Data = Mapping[str, str]

_INSTANT = timedelta(milliseconds=1)
"""Puts in order what rows know to the second only: who called is gone after those who were called."""
PRECISION = timedelta(seconds=1)
"""Rows show the second in which something happened."""
_RINGS_FROM = timedelta(seconds=1)
_STATUS = {"BUSY": "BUSY", "FAILED": "CONGESTION", "CONGESTION": "CONGESTION", "NO ANSWER": "NOANSWER"}
_CALLED_BY_APP = {"AppDial", "AppDial2", "AppQueue"}


@dataclass(frozen=True, slots=True)
class Known:
    """What other sources know of the channels."""

    ids: Mapping[str, str] = field(default_factory=dict)
    """Unique ids by name."""
    born: Mapping[str, datetime] = field(default_factory=dict)
    """By id, when each was made."""
    ready: Mapping[str, datetime] = field(default_factory=dict)
    """By id, when each was picked up, rang or was made: it was not put through before."""
    dialled: Container[str] = frozenset()
    """Ids of those that were called themselves, so they called nobody before they were picked up."""
    recordings: Container[str] = frozenset()
    """Names of files, without their folders."""


@dataclass(frozen=True, slots=True)
class _Row:
    data: Data
    start: datetime
    dialled: datetime
    """When the second channel was called, as far as is known."""
    answer: datetime | None
    end: datetime
    caller: str
    called: str

    def say(self, at: datetime, verb: Verb, other: str = "", value: str = "") -> Signal:
        """Something about the channel that dialled."""
        return Signal(at, verb, self.caller, self.data["channel"], self.data.get("linkedid", ""), other, value)

    def say_of_called(self, at: datetime, verb: Verb, other: str = "", value: str = "") -> Signal:
        name = self.data["dstchannel"]
        return Signal(at, verb, self.called, name, self.data.get("linkedid", ""), other, value)


def signals(rows: Iterable[Data], known: Known) -> list[Signal]:
    """What the rows say, unordered."""
    told = list(rows)
    ids = {data["channel"]: data["uniqueid"] for data in told} | dict(known.ids)
    read = [_row(data, ids, known) for data in told]
    recordings = (signal for row in read for signal in _recording(row, known))
    return [*(signal for row in read for signal in _of_row(row, read)), *recordings, *_ends(read)]


def _row(data: Data, ids: Mapping[str, str], known: Known) -> _Row:
    """A caller who is up already (handed over, called back) is answered before the one he is brought to."""
    caller, name = data["uniqueid"], data.get("dstchannel", "")
    called = ids.get(name, name) if name else ""
    start = parse_iso(data["start"])
    answer = parse_iso(data["answer"]) if data.get("answer") else None
    ready = known.ready.get(called, answer) if answer else None
    was_up = answer and ready and (ready - answer > PRECISION or caller in known.dialled)
    return _Row(
        data=data,
        start=start,
        dialled=max(answer if answer and was_up else start, known.born.get(caller, start)),
        answer=max(answer, ready) if answer and ready else None,
        end=parse_iso(data["end"]),
        caller=caller,
        called=called,
    )


def _of_row(row: _Row, rows: Sequence[_Row]) -> Iterator[Signal]:
    yield from _caller(row, rows)
    if row.called:
        yield from _handed_over(row, rows)
        yield from _attempt(row, rows)
    if row.data.get("lastapp") == "Queue":
        yield row.say(row.start, Verb.QUEUED, value=row.data.get("lastdata", "").partition(",")[0])
    if row.data.get("lastapp", "").lower() == "voicemail":
        yield row.say(row.start, Verb.RAN, value="voicemail")


def _recording(row: _Row, known: Known) -> Iterator[Signal]:
    name = row.data.get("recordingfile")
    if name and row.data.get("disposition") == "ANSWERED" and name not in known.recordings:
        yield row.say(row.start, Verb.VARIABLE, "MIXMONITOR_FILENAME", name)


def _caller(row: _Row, rows: Sequence[_Row]) -> Iterator[Signal]:
    data = row.data
    is_called = data.get("lastapp") in _CALLED_BY_APP or any(row.caller == other.called for other in rows)
    number = data.get("cnum") or data.get("src", "")
    birth = Birth("", data.get("did") or data.get("dst", ""), number, data.get("cnam", ""), "0" if is_called else "4")
    yield row.say(row.start, Verb.BORN)._replace(about=birth)


def _attempt(row: _Row, rows: Sequence[_Row]) -> Iterator[Signal]:
    data, put_through = row.data, _put_through(row, rows)
    yield row.say_of_called(row.dialled, Verb.BORN)._replace(about=Birth(state="0"))
    string = part_for(data.get("lastdata", ""), peer(data["dstchannel"]))
    dialled = row.say_of_called(row.dialled, Verb.DIALLED, row.caller, string)
    yield dialled._replace(about=(data.get("dst", ""), data.get("src", "")))
    if put_through is not None or (row.end - row.start >= _RINGS_FROM and data.get("disposition") == "NO ANSWER"):
        yield row.say_of_called(row.dialled, Verb.RINGING)
    if put_through is None:
        yield row.say_of_called(row.end, Verb.DIAL_ENDED, value=_STATUS.get(data.get("disposition", ""), ""))
        return
    yield row.say_of_called(put_through, Verb.UP)
    yield from _together(row, rows, put_through)


def _together(row: _Row, rows: Sequence[_Row], put_through: datetime) -> Iterator[Signal]:
    """The two in a bridge. Who goes on to another at the end of the row is moved there by what tells of that; who
    called stays when the other turns to somebody else."""
    bridge = f"{row.caller} {row.data['start']} {row.data['dstchannel']}"
    moved = [one for one in rows if one is not row and one.called and _begins_at(one, rows, row.end)]
    for channel, say in ((row.caller, row.say), (row.called, row.say_of_called)):
        yield say(put_through, Verb.ENTERED, bridge)
        goes_on = any(channel in (one.caller, one.called) for one in moved)
        if not goes_on and not (channel == row.caller and _consults(row, rows)):
            yield say(row.end, Verb.LEFT, bridge)


def _begins_at(row: _Row, rows: Sequence[_Row], at: datetime) -> bool:
    together = _put_through(row, rows)
    return together is not None and abs(together - at) <= PRECISION


def _consults(row: _Row, rows: Sequence[_Row]) -> bool:
    """Whether the one who was called went on to call somebody himself, which ends the row but not the talk."""
    return any(other.caller == row.called and abs(other.start - row.end) <= PRECISION for other in rows)


def _handed_over(row: _Row, rows: Sequence[_Row]) -> Iterator[Signal]:
    """A caller who was with somebody and is then brought to somebody else was transferred; how is not told."""
    before = [one for one in rows if one.caller == row.caller and one.answer and one.called and one.end <= row.start]
    if not row.data["dstchannel"].startswith("Local/"):
        yield from (one.say_of_called(row.start - _INSTANT, Verb.TRANSFERRED) for one in before)


def _put_through(row: _Row, rows: Sequence[_Row]) -> datetime | None:
    """When the two came together. A queue answers at once, so its answer is not a person's: the phones that rang
    in vain stopped when somebody else picked up."""
    if row.answer is None:
        return None
    if row.data.get("lastapp") != "Queue":
        return row.answer
    beside = (
        other.end for other in rows if other.caller == row.caller and other.start == row.start and not other.answer
    )
    return max([row.answer, *(end for end in beside if end <= row.end)])


def _ends(rows: Sequence[_Row]) -> Iterator[Signal]:
    """Each channel is gone at the end of its last row; rows are written when that is known."""
    last: dict[str, Signal] = {}
    for row in rows:
        ends = [row.say(row.end + _INSTANT, Verb.ENDED)]
        if row.called:
            ends.append(row.say_of_called(row.end, Verb.ENDED))
        for signal in ends:
            if signal.channel not in last or last[signal.channel].at < signal.at:
                last[signal.channel] = signal
    yield from last.values()
