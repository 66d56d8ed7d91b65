"""Captured calls, ready to be played again as new ones: other ids, other times, if wished other people.

The captures were taken from an Asterisk of our own, with invented numbers; times in them are those of Kyiv. One is
composed: 15-inbound-voicemail is 02 up to where its dial plan branches to voicemail, then what Asterisk says while
VoiceMail runs.
"""

import gzip
import itertools
import json
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from hub.telephony.simulator import lengths

ZONE = ZoneInfo("Europe/Kyiv")
CLIENTS = ("671234567", "501112233", "931230045")
"""Who calls or is called in the captures, without country code."""

_ID_HEADER = re.compile(r"uniqueid$|linkedid$", re.IGNORECASE)
_ID = re.compile(r"\d{10}\.\d+|hub-.+")
_CHANNEL = re.compile(r"[A-Za-z]+/\S+-[0-9a-f]{8}")
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_NUMBER = rf"(?:\+?380|0)(?:{'|'.join(CLIENTS)})"
_EXTENSION = r"(?<![\w.+])10[123](?![\w.])"
_REQUEST = r"c2c-\d{4}"
_TIMES = {
    "%Y-%m-%d %H:%M:%S": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
    "%Y%m%d-%H%M%S": r"\d{8}-\d{6}(?!\d)",
}
_FOLDER = r"\d{4}/\d\d/\d\d(?=/)"


@dataclass(frozen=True, slots=True)
class Step:
    """One event: when (seconds after the first), what, of which classes, and its text cut at every name."""

    after: float
    kind: str
    classes: frozenset[str]
    pieces: tuple[str, ...]
    """Plain text and names in turn, plain text first."""


@dataclass(frozen=True, slots=True)
class Capture:
    title: str
    began: datetime
    steps: tuple[Step, ...]

    @property
    def names(self) -> set[str]:
        return {name for step in self.steps for name in step.pieces[1::2]}

    @property
    def seconds(self) -> float:
        return self.steps[-1].after


def titles() -> list[str]:
    """Every capture we have, in the order of their numbers."""
    folder = resources.files(__package__) / "captures"
    return sorted(entry.name.removesuffix(".jsonl.gz") for entry in folder.iterdir() if entry.name.endswith(".gz"))


@cache
def load(title: str) -> Capture:
    """A capture by its title (``01-inbound-answered``)."""
    packed = resources.files(__package__).joinpath("captures", f"{title}.jsonl.gz").read_bytes()
    return read(title, gzip.decompress(packed).decode().splitlines())


def read(title: str, lines: Iterable[str]) -> Capture:
    """A capture from JSON lines ``{"t": seconds, "at": "…Z", "event": {…}}``; other lines are passed over."""
    entries = [entry for entry in map(json.loads, lines) if "event" in entry]
    cutter = re.compile(f"({'|'.join(_patterns(entries))})")
    first = entries[0]
    steps = tuple(_step(entry, entry["t"] - first["t"], cutter) for entry in entries)
    return Capture(title, datetime.fromisoformat(first["at"]).astimezone(UTC), steps)


def _patterns(entries: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What counts as a name in these entries, the longest first where one may hold another."""
    headers = [header for entry in entries for header in entry["event"].items()]
    ids = {value for name, value in headers if _ID_HEADER.search(name) and _ID.fullmatch(value)}
    channels = {match.group() for _, value in headers if (match := _CHANNEL.match(value))}
    yield from (re.escape(name) for name in sorted(channels, key=len, reverse=True))
    yield from (rf"{re.escape(name)}(?!\d)" for name in sorted(ids, key=len, reverse=True))
    yield from (*_TIMES.values(), _FOLDER, _UUID, _NUMBER, _REQUEST, _EXTENSION)


def _step(entry: Mapping[str, Any], after: float, cutter: re.Pattern[str]) -> Step:
    event = entry["event"]
    values = ((name, value if isinstance(value, list) else [value]) for name, value in event.items())
    text = "".join(f"{name}: {each}\r\n" for name, all_values in values for each in all_values)
    classes = frozenset(event.get("Privilege", "").split(",")) - {"all"}
    return Step(after, event["Event"], classes, tuple(cutter.split(text)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Who plays: nine digits of `CLIENTS` and short numbers by others; the rest is what an Originate asked for."""

    clients: Mapping[str, str] = field(default_factory=dict)
    extensions: Mapping[str, str] = field(default_factory=dict)
    dialled: str | None = None
    request: str | None = None
    channel_id: str | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A quiet moment, seconds after the first event, that lasts `by` whole seconds longer than it did."""

    after: float
    by: int


_counter = itertools.count()
"""What makes ids of this process unique, as the counter of a running Asterisk does."""


class Take:
    """One playing of a capture that begins `at`: each name gets a new one, the same wherever it occurs."""

    def __init__(
        self, capture: Capture, at: datetime, cast: Cast | None = None, stretch: Stretch | None = None
    ) -> None:
        self.capture = capture
        self.stretch = stretch
        self._cast = cast or Cast()
        # Whole seconds: what the PBX writes to the second stays as near to its events as it was.
        self._shift = timedelta(seconds=round((at - capture.began).total_seconds()))
        self._request = self._cast.request or f"c2c-{uuid.uuid4().hex[:12]}"
        ordered = sorted(capture.names, key=_age)
        self.renamed = {name: self._rename(name) for name in ordered}
        """New names by old ones: ids, channels, bridges, numbers, times."""
        if self._cast.channel_id:
            self.renamed[next(filter(_ID.fullmatch, ordered))] = self._cast.channel_id

    def text(self, step: Step) -> str:
        """The step as a block of this take, without the empty line that ends it."""
        pieces = list(step.pieces)
        pieces[1::2] = [self.renamed[name] for name in pieces[1::2]]
        text = "".join(pieces)
        return lengths.of_event(text) if self.stretch and step.kind == "Cdr" else text

    def after(self, step: Step) -> float:
        """Seconds from the first event to this one."""
        stretch = self.stretch
        return step.after + (stretch.by if stretch and step.after > stretch.after else 0)

    def moment(self, step: Step) -> datetime:
        """When the step is, on the PBX's own clock."""
        return self.capture.began + self._shift + timedelta(seconds=self.after(step))

    def later(self, captured: datetime) -> datetime:
        """A moment of the capture in this take."""
        stretch = self.stretch
        late = stretch is not None and (captured - self.capture.began).total_seconds() > stretch.after
        return captured + self._shift + timedelta(seconds=stretch.by if stretch and late else 0)

    def renamed_number(self, name: str) -> str:
        """Who plays the client of that number."""
        return self._number(name)

    def renamed_extension(self, name: str) -> str:
        """Who plays the phone of that short number."""
        return self._extension(name)

    def records(self, csv: str) -> str:
        """Call detail records of the capture as those of this take."""
        return lengths.of_records(self.translate(csv)) if self.stretch else self.translate(csv)

    def translate(self, text: str) -> str:
        """Any text about the captured call (a CDR row, a file name) as one about this take."""
        names = sorted(self.renamed, key=len, reverse=True)
        known = re.compile("|".join((*map(re.escape, names), *_TIMES.values())))
        return known.sub(lambda match: self.renamed.get(match.group()) or self._rename(match.group()), text)

    def _rename(self, name: str) -> str:
        for pattern, rename in self._RULES:
            if pattern.fullmatch(name):
                return rename(self, name)
        raise ValueError(f"no rule renames {name!r}")

    def _id(self, name: str) -> str:
        if name.startswith("hub-"):
            return re.sub(_REQUEST, self._request, name)
        epoch = int(name.partition(".")[0]) + int(self._shift.total_seconds())
        return f"{epoch}.{next(_counter)}"

    def _channel(self, name: str) -> str:
        endpoint = re.sub(_EXTENSION, lambda match: self._extension(match.group()), name[:-8])
        return f"{endpoint}{next(_counter):08x}"

    def _bridge(self, _name: str) -> str:
        return str(uuid.uuid4())

    def _number(self, name: str) -> str:
        return self._cast.dialled or name[:-9] + self._cast.clients.get(name[-9:], name[-9:])

    def _originated(self, _name: str) -> str:
        return self._request

    def _extension(self, name: str) -> str:
        return self._cast.extensions.get(name, name)

    def _time(self, name: str) -> str:
        shape = next(shape for shape, pattern in _TIMES.items() if re.fullmatch(pattern, name))
        moment = self.later(datetime.strptime(name, shape).replace(tzinfo=ZONE).astimezone(UTC))
        return moment.astimezone(ZONE).strftime(shape)

    def _folder(self, _name: str) -> str:
        return (self.capture.began + self._shift).astimezone(ZONE).strftime("%Y/%m/%d")

    _RULES: ClassVar[tuple[tuple[re.Pattern[str], Callable[["Take", str], str]], ...]] = (
        (_CHANNEL, _channel),
        (_ID, _id),
        (re.compile("|".join(_TIMES.values())), _time),
        (re.compile(r"\d{4}/\d\d/\d\d"), _folder),
        (re.compile(_UUID), _bridge),
        (re.compile(_NUMBER), _number),
        (re.compile(_REQUEST), _originated),
        (re.compile(r"10[123]"), _extension),
    )


def _age(name: str) -> tuple[int, int, str]:
    """Older channels first, so that new ids keep the order of the old ones."""
    epoch, _, number = name.partition(".")
    return (int(epoch), int(number), "") if re.fullmatch(r"\d{10}\.\d+", name) else (0, 0, name)
