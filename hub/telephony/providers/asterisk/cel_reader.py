"""A conversation's CEL rows as signals.

CEL tells who was made, answered, bridged and ended. It does not tell that a phone rang: a phone is taken to
ring from the moment its channel is made, unless it was gone at once or said busy.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from hub.telephony.providers.asterisk.cel_outlook import Data, Outlook, Row
from hub.telephony.providers.asterisk.settings import AsteriskSettings
from hub.telephony.providers.asterisk.signals import BUSY_TONE, CONGESTION_TONE, Signal, Verb
from hub.telephony.providers.asterisk.text import part_for, peer

About = tuple[str, ...]

_KINDS = (
    *("APP_START", "CHAN_START", "XIVO_INCALL", "XIVO_OUTCALL", "PICKUP", "ANSWER", "BLINDTRANSFER"),
    *("BRIDGE_START", "BRIDGE_ENTER", "STREAM_BEGIN", "STREAM_END", "MIXMONITOR_START", "BRIDGE_EXIT", "BRIDGE_END"),
    *("APP_END", "HANGUP", "CHAN_END", "LINKEDID_END"),
)
"""The rows that are read; what comes first at the same instant where the table does not number its rows."""
_ORDER = {kind: place for place, kind in enumerate(_KINDS)}
_ENDINGS = {"HANGUP", "CHAN_END"}
_DIALLING = {"Dial", "Queue", ""}
_TONES = {"17": BUSY_TONE, "34": CONGESTION_TONE}
_TICK = timedelta(microseconds=1)
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


def signals(rows: Iterable[Row], settings: AsteriskSettings) -> list[Signal]:
    """What the rows say, in order; each a moment after the one before, as tables often know only seconds."""
    return list(_Reader(sorted(rows, key=_place), settings).read())


def tells_who(rows: Iterable[Row]) -> bool:
    """Whether this PBX writes who hung up (from Asterisk 12 on, in the column ``extra``)."""
    return any("hangupcause" in data for _, data in rows)


def _place(row: Row) -> tuple[datetime, int, int, bool, tuple[str, ...]]:
    """Where nothing else tells what came first: who called is made before those he called, and is gone after them."""
    at, data = row
    kind = data["eventtype"]
    called = data["uniqueid"] != data.get("linkedid")
    late = called if kind not in _ENDINGS else not called
    return (at, int(data.get("id", 0)), _ORDER.get(kind, 0), late, tuple(data.values()))


class _Reader:
    """Goes through the rows once, knowing already how each channel ends."""

    def __init__(self, rows: list[Row], settings: AsteriskSettings) -> None:
        self._rows = rows
        self._settings = settings
        self._outlook = Outlook(rows)
        self._dials: list[Data] = []
        self._dialler: dict[str, str] = {}
        self._together: dict[str, str] = {}
        self._left_behind: dict[str, str] = {}
        self._up: dict[str, str] = {}
        self._gone: set[str] = set()
        self._now = _BEFORE_ALL

    def read(self) -> Iterator[Signal]:
        for at, data in self._rows:
            reader = _READERS.get(data["eventtype"])
            if reader is not None:
                yield from reader(self, at, data)

    def _say(self, at: datetime, verb: Verb, data: Data, other: str = "", value: str = "", about: About = ()) -> Signal:
        return self._signal(at, verb, (data["uniqueid"], data.get("channame", "")), data, (other, value), about)

    def _signal(
        self, at: datetime, verb: Verb, who: tuple[str, str], data: Data, what: tuple[str, str], about: About = ()
    ) -> Signal:
        self._now = at if at > self._now else self._now + _TICK
        return Signal(self._now, verb, *who, data.get("linkedid", ""), *what, about)

    # How a channel comes to be.

    def chan_start(self, at: datetime, data: Data) -> Iterator[Signal]:
        called = self._is_called(data)
        about = (data.get(field, "") for field in ("context", "exten", "cid_num", "cid_name"))
        yield self._say(at, Verb.BORN, data, about=(*about, "0" if called else "4"))
        if called:
            yield from self._dialled(at, data)

    def _is_called(self, data: Data) -> bool:
        """A channel born into somebody else's conversation is called; one that starts its own without saying where
        it wants to go was originated, unless it is a line that cannot say (an analogue trunk)."""
        if data["uniqueid"] != data.get("linkedid"):
            return True
        return data.get("exten") == "s" and not self._settings.is_inbound(data.get("context", ""))

    def _dialled(self, at: datetime, data: Data) -> Iterator[Signal]:
        dial = self._dial_of(data)
        if dial is not None:
            self._dialler[data["uniqueid"]] = dial["uniqueid"]
            string = part_for(dial.get("appdata", ""), peer(data.get("channame", "")))
            numbers = (data.get("cid_num", ""), dial.get("cid_num", ""))
            yield self._say(at, Verb.DIALLED, data, dial["uniqueid"], string, numbers)
        if self._outlook.rang(at, data["uniqueid"]):
            yield self._say(at, Verb.RINGING, data)

    def _dial_of(self, data: Data) -> Data | None:
        """The application that made this channel: the last that names it, else the last of its conversation."""
        same = [dial for dial in reversed(self._dials) if dial.get("linkedid") == data.get("linkedid")]
        name = peer(data.get("channame", ""))
        return next((dial for dial in same if name in dial.get("appdata", "")), next(iter(same), None))

    def answer(self, at: datetime, data: Data) -> Iterator[Signal]:
        self._up[data["uniqueid"]] = data.get("linkedid", "")
        yield from self._caller(at, data)
        yield self._say(at, Verb.UP, data)

    def _caller(self, at: datetime, data: Data) -> Iterator[Signal]:
        if data["uniqueid"] in self._dialler or data.get("appname") == "AppDial2":
            yield self._say(at, Verb.CALLER_ID, data, about=(data.get("cid_num", ""), data.get("cid_name", ""), ""))
        if data.get("appname") == "AppDial2" and data["uniqueid"] == data.get("linkedid"):
            yield self._say(at, Verb.DIALLED, data, about=("", ""))

    def pickup(self, at: datetime, data: Data) -> Iterator[Signal]:
        by = data.get("pickup_channel", "")
        yield self._say(
            at, Verb.PICKED_UP, data, data.get("pickup_channel_uniqueid") or self._outlook.ids.get(by, ""), by
        )

    # What it does.

    def app_start(self, at: datetime, data: Data) -> Iterator[Signal]:
        name = data.get("appname", "")
        if name in _DIALLING:
            self._dials.append(data)
        if name == "Queue":
            yield self._say(at, Verb.QUEUED, data, value=data.get("appdata", "").partition(",")[0])
        elif name not in _DIALLING:
            yield self._say(at, Verb.RAN, data, value=name.lower())

    def app_end(self, at: datetime, data: Data) -> Iterator[Signal]:
        """Leaving a queue is news only when the caller lives on; else the hangup ended it."""
        if data.get("appname") == "Queue" and self._outlook.lives_on(at, data["uniqueid"]):
            yield self._say(at, Verb.UNQUEUED, data)

    def bridge_enter(self, at: datetime, data: Data) -> Iterator[Signal]:
        if data.get("bridge_technology") != "holding_bridge":
            bridge, name = data.get("bridge_id") or self._bridge_with(data), data.get("channame", "")
            if name in self._together:
                self._left_behind[name] = self._together[name]
            self._together[name] = bridge
            yield self._say(at, Verb.ENTERED, data, bridge)

    def _bridge_with(self, data: Data) -> str:
        """A table without bridge ids: the bridge of the peer it names, else the only one this conversation has."""
        peers = (self._together.get(name) for name in data.get("peer", "").split(",") if name)
        return next((bridge for bridge in peers if bridge), f"of {data.get('linkedid', '')}")

    def bridge_exit(self, at: datetime, data: Data) -> Iterator[Signal]:
        """Who moved at one instant has entered the next bridge by now: this is about the one before."""
        name = data.get("channame", "")
        bridge = self._left_behind.pop(name, None) or self._together.pop(name, "")
        yield self._say(at, Verb.LEFT, data, data.get("bridge_id") or bridge)

    def bridge_start(self, at: datetime, data: Data) -> Iterator[Signal]:
        """Before Asterisk 12 a bridge is told by one of its channels: all that are up are in it."""
        for channel in self._both(data):
            yield self._signal(at, Verb.ENTERED, (channel, ""), data, (f"of {data.get('linkedid', '')}", ""))

    def bridge_end(self, at: datetime, data: Data) -> Iterator[Signal]:
        for channel in self._both(data):
            yield self._signal(at, Verb.LEFT, (channel, ""), data, (f"of {data.get('linkedid', '')}", ""))

    def _both(self, data: Data) -> list[str]:
        linked = data.get("linkedid", "")
        return [channel for channel, home in self._up.items() if home == linked and channel not in self._gone]

    def blindtransfer(self, at: datetime, data: Data) -> Iterator[Signal]:
        yield self._say(at, Verb.TRANSFERRED, data, value=data.get("extension", ""))

    def stream_begin(self, at: datetime, data: Data) -> Iterator[Signal]:
        if "class" in data:
            yield self._say(at, Verb.MUSIC, data)

    def stream_end(self, at: datetime, data: Data) -> Iterator[Signal]:
        yield self._say(at, Verb.QUIET, data)

    def mixmonitor_start(self, at: datetime, data: Data) -> Iterator[Signal]:
        if name := data.get("filename"):
            yield self._say(at, Verb.VARIABLE, data, "MIXMONITOR_FILENAME", name)

    def xivo_incall(self, at: datetime, data: Data) -> Iterator[Signal]:
        yield self._say(at, Verb.MARKED, data, value="inbound")

    def xivo_outcall(self, at: datetime, data: Data) -> Iterator[Signal]:
        yield self._say(at, Verb.MARKED, data, value="outbound")

    # How it ends.

    def hangup(self, at: datetime, data: Data) -> Iterator[Signal]:
        yield from self._caller(at, data)
        yield from self._who(at, data)
        channel = data["uniqueid"]
        if status := self._outlook.status(channel, self._dialler.get(channel, "")):
            yield self._say(at, Verb.DIAL_ENDED, data, value=status)
        yield from self._over(at, data, data.get("hangupcause", ""))

    def _who(self, at: datetime, data: Data) -> Iterator[Signal]:
        """The channel that ended it, by name. A caller's own busy or congestion is a tone the PBX played."""
        source = data.get("hangupsource", "")
        if source in self._outlook.ids:
            own = source == data.get("channame") and data["uniqueid"] not in self._dialler
            tone = _TONES.get(data.get("hangupcause", ""), "") if own else ""
            yield self._signal(at, Verb.ASKED_TO_END, (self._outlook.ids[source], source), data, ("", tone))

    def chan_end(self, at: datetime, data: Data) -> Iterator[Signal]:
        yield from self._over(at, data, "")

    def _over(self, at: datetime, data: Data, cause: str) -> Iterator[Signal]:
        if data["uniqueid"] not in self._gone:
            self._gone.add(data["uniqueid"])
            yield self._say(at, Verb.ENDED, data, value=cause)

    def linkedid_end(self, at: datetime, data: Data) -> Iterator[Signal]:
        """Nothing is left of the conversation; a channel heard of later moved to another one."""
        for channel, last in self._outlook.last.items():
            if last <= at and channel not in self._gone:
                self._gone.add(channel)
                yield self._signal(at, Verb.ENDED, (channel, ""), data, ("", ""))


_READERS: Mapping[str, Callable[[_Reader, datetime, Data], Iterator[Signal]]] = {
    kind: reader for kind in _KINDS if (reader := getattr(_Reader, kind.lower(), None))
}
"""Each kind of row is read by the method of its name."""
