"""A conversation's CDR rows as signals.

A row is one attempt to bring two channels together: who dialled whom, from when to when, with what result.
That is less than CEL or AMI tell (who hung up, hold, and how long a queue let wait are not in it), but every
PBX writes it and it survives a lost connection.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.domain.clock import parse_iso
from hub.telephony.providers.asterisk.signals import Birth, Signal, Verb
from hub.telephony.providers.asterisk.text import part_for, peer

Data = Mapping[str, str]

_INSTANT = timedelta(milliseconds=1)
"""Puts in order what rows know to the second only: who called is gone after those who were called."""
_RINGS_FROM = timedelta(seconds=1)
_STATUS = {"BUSY": "BUSY", "FAILED": "CONGESTION", "CONGESTION": "CONGESTION", "NO ANSWER": "NOANSWER"}
_CALLED_BY_APP = {"AppDial", "AppDial2", "AppQueue"}


@dataclass(frozen=True, slots=True)
class _Row:
    data: Data
    start: datetime
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


def signals(rows: Iterable[Data], ids: Mapping[str, str]) -> list[Signal]:
    """What the rows say, unordered. `ids`: unique ids of channels other sources know, by name."""
    known = list(rows)
    ids = {data["channel"]: data["uniqueid"] for data in known} | dict(ids)
    read = [_row(data, ids) for data in known]
    return [*(signal for row in read for signal in _of_row(row, read)), *_ends(read)]


def _row(data: Data, ids: Mapping[str, str]) -> _Row:
    answer = data.get("answer")
    called = data.get("dstchannel", "")
    return _Row(
        data=data,
        start=parse_iso(data["start"]),
        answer=parse_iso(answer) if answer else None,
        end=parse_iso(data["end"]),
        caller=data["uniqueid"],
        called=ids.get(called, called) if called else "",
    )


def _of_row(row: _Row, rows: Sequence[_Row]) -> Iterator[Signal]:
    yield from _caller(row, rows)
    if row.called:
        yield from _handed_over(row, rows)
        yield from _attempt(row, _put_through(row, rows))
    if row.data.get("lastapp") == "Queue":
        yield row.say(row.start, Verb.QUEUED, value=row.data.get("lastdata", "").partition(",")[0])
    if row.data.get("lastapp", "").lower() == "voicemail":
        yield row.say(row.start, Verb.RAN, value="voicemail")
    if row.data.get("disposition") == "ANSWERED" and (name := row.data.get("recordingfile")):
        yield row.say(row.start, Verb.VARIABLE, "MIXMONITOR_FILENAME", name)


def _caller(row: _Row, rows: Sequence[_Row]) -> Iterator[Signal]:
    data = row.data
    is_called = data.get("lastapp") in _CALLED_BY_APP or any(row.caller == other.called for other in rows)
    number = data.get("cnum") or data.get("src", "")
    birth = Birth("", data.get("did") or data.get("dst", ""), number, data.get("cnam", ""), "0" if is_called else "4")
    yield row.say(row.start, Verb.BORN)._replace(about=birth)


def _attempt(row: _Row, put_through: datetime | None) -> Iterator[Signal]:
    data = row.data
    yield row.say_of_called(row.start, Verb.BORN)._replace(about=Birth(state="0"))
    string = part_for(data.get("lastdata", ""), peer(data["dstchannel"]))
    dialled = row.say_of_called(row.start, Verb.DIALLED, row.caller, string)
    yield dialled._replace(about=(data.get("dst", ""), data.get("src", "")))
    if put_through is not None or (row.end - row.start >= _RINGS_FROM and data.get("disposition") == "NO ANSWER"):
        yield row.say_of_called(row.start, Verb.RINGING)
    if put_through is None:
        yield row.say_of_called(row.end, Verb.DIAL_ENDED, value=_STATUS.get(data.get("disposition", ""), ""))
        return
    bridge = f"{row.caller} {data['start']} {data['dstchannel']}"
    yield row.say_of_called(put_through, Verb.UP)
    for say in (row.say, row.say_of_called):
        yield say(put_through, Verb.ENTERED, bridge)
        yield say(row.end, Verb.LEFT, bridge)


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
