"""Tables of CEL and CDR rows: which columns stand where, with a header line or without.

Whatever a PBX product calls its columns, a row comes out in one vocabulary: that of the ``cel`` table of
``cel_custom.conf`` and of FreePBX's ``cdr`` table.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from hub.domain.errors import Unrecognised

Row = Mapping[str, str]

CEL_COLUMNS = (
    *("eventtype", "eventtime", "cid_name", "cid_num", "cid_ani", "cid_rdnis", "cid_dnid", "exten", "context"),
    *("channame", "appname", "appdata", "amaflags", "accountcode", "uniqueid", "linkedid", "peer", "userfield"),
    *("userdeftype", "extra"),
)
"""The order of ``cel_custom.conf`` as Asterisk ships it."""
CDR_CSV_COLUMNS = (
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata"),
    *("start", "answer", "end", "duration", "billsec", "disposition", "amaflags", "uniqueid", "userfield"),
    *("peeraccount", "linkedid", "sequence"),
)
"""The order of ``cdr-csv/Master.csv``; what follows `amaflags` is there when cdr.conf asks for it."""
CDR_CUSTOM_COLUMNS = (
    *("clid", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "lastdata", "start", "answer", "end"),
    *("duration", "billsec", "disposition", "amaflags", "accountcode", "uniqueid", "userfield"),
)
"""The order of ``cdr-custom/Master.csv``."""
_OTHER_COLUMNS = ("id", "did", "recordingfile", "cnum", "cnam", "echo", "dst_cnam", "outbound_cnum", "outbound_cnam")
_ALIASES = {
    "calldate": "start",
    "date": "start",
    "starttime": "start",
    "answertime": "answer",
    "endtime": "end",
    "source": "src",
    "destination": "dst",
    "destinationcontext": "dcontext",
    "destinationchannel": "dstchannel",
    "srcchannel": "channel",
    "sourcechannel": "channel",
    "lastapplication": "lastapp",
    "status": "disposition",
    "billableseconds": "billsec",
    "billseconds": "billsec",
    "callerid": "clid",
    "eventname": "eventtype",
    "calleridname": "cid_name",
    "calleridnum": "cid_num",
    "channelname": "channame",
    "application": "appname",
    "applicationdata": "appdata",
    "eventextra": "extra",
}
"""Other names of columns: those of the manager interface's events, of other back ends, of reports."""
_CEL_NEEDS = {"eventtype", "eventtime", "uniqueid", "linkedid"}
_CDR_NEEDS = {"start", "channel", "disposition"}
_CEL_WORDS = {"CHAN_START", "CHAN_END", "ANSWER", "HANGUP", "APP_START", "APP_END", "BRIDGE_ENTER", "LINKEDID_END"}
_DISPOSITIONS = {"ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CONGESTION"}
_NUMBERED = (
    *("", "CHAN_START", "CHAN_END", "HANGUP", "ANSWER", "APP_START", "APP_END", "BRIDGE_ENTER", "BRIDGE_EXIT"),
    *("PARK_START", "PARK_END", "BLINDTRANSFER", "ATTENDEDTRANSFER", "USER_DEFINED", "LINKEDID_END", "PICKUP"),
    *("FORWARD", "LOCAL_OPTIMIZE", "LOCAL_OPTIMIZE_BEGIN"),
)
"""What a back end writes as a number where its column ``eventtype`` is one (Asterisk 12 and newer)."""
_NUMBERED_BEFORE = {
    "7": "BRIDGE_START",
    "8": "BRIDGE_END",
    "11": "PARK_START",
    "12": "PARK_END",
    "13": "BLINDTRANSFER",
    "14": "ATTENDEDTRANSFER",
    "22": "LINKEDID_END",
    "24": "PICKUP",
    "25": "FORWARD",
}
"""The same of Asterisk 1.8 to 11, where it differs."""


def is_cel(row: Mapping[str, object]) -> bool:
    return row.keys() >= _CEL_NEEDS


def is_cdr(row: Mapping[str, object]) -> bool:
    return row.keys() >= _CDR_NEEDS


def renamed(row: Mapping[str, str]) -> dict[str, str]:
    """The row under the names used here."""
    named = {_column(name): value for name, value in row.items()}
    if "eventtype" in named and "channel" in named:
        named.setdefault("channame", named.pop("channel"))
    return named


@lru_cache(maxsize=1024)
def _column(shown: str) -> str:
    plain = _squeezed(shown)
    return _ALIASES.get(plain) or _SPELLINGS.get(plain) or shown.strip().lower()


def _squeezed(name: str) -> str:
    """``Event_Type``, ``event type`` and ``eventtype`` are one name."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def rows(body: bytes) -> Iterator[tuple[int, Row]]:
    """Each row with its line number; Unrecognised when the columns are not those of any table known here."""
    lines = io.StringIO(body.decode("utf-8-sig", errors="replace"), newline="")
    first = lines.readline()
    lines.seek(0)
    reader = csv.reader(lines, delimiter=_delimiter(first), skipinitialspace=True)
    try:
        yield from _worded(_named(reader))
    except csv.Error as error:
        raise Unrecognised(f"line {reader.line_num}: {error}") from error


def _worded(table: Iterator[tuple[int, Row]]) -> Iterator[tuple[int, Row]]:
    """The rows with events by name, where the table numbers them; it is read whole to see by which numbers."""
    head = next(table, None)
    if head is None:
        return
    if not head[1].get("eventtype", "").strip().isdecimal():
        yield head
        yield from table
        return
    numbered = [head, *table]
    before = any(row.get("eventtype", "").strip() in {"22", "23", "24", "25"} for _, row in numbered)
    for number, row in numbered:
        yield number, {**row, "eventtype": event_name(row.get("eventtype", ""), before=before)}


def event_name(shown: str, *, before: bool = False) -> str:
    """A CEL event by name, whether shown by name or number; `before`: by the numbers before Asterisk 12."""
    plain = shown.strip()
    if not plain.isdecimal():
        return plain
    if before and plain in _NUMBERED_BEFORE:
        return _NUMBERED_BEFORE[plain]
    return _NUMBERED[int(plain)] if len(plain) < 3 and int(plain) < len(_NUMBERED) else ""


_SPELLINGS = {_squeezed(name): name for name in (*CEL_COLUMNS, *CDR_CSV_COLUMNS, *CDR_CUSTOM_COLUMNS, *_OTHER_COLUMNS)}


def _delimiter(line: str) -> str:
    return max(",;\t|", key=line.count)


def _named(reader: "Iterator[list[str]]") -> Iterator[tuple[int, Row]]:
    first = next(reader, None)
    if first is None:
        return
    columns, is_header = _columns(first)
    if not is_header:
        yield 1, dict(zip(columns, first, strict=False))
    for number, fields in enumerate(reader, start=2):
        if len(fields) > 1:
            yield number, dict(zip(columns, fields, strict=False))


def _columns(first: Sequence[str]) -> tuple[Sequence[str], bool]:
    """The columns' names, and whether the first row is the header that says so."""
    names = _header(first)
    known = renamed(dict.fromkeys(names, ""))
    if is_cel(known) or is_cdr(known):
        return names, True
    for columns, place, words in _HEADERLESS:
        if len(columns) - 5 <= len(first) <= len(columns) and first[place] in words:
            return columns, False
    shown = ", ".join(first)[:120]
    raise Unrecognised(f"line 1: not the columns of a CEL or CDR table: {shown}")


def _header(first: Sequence[str]) -> list[str]:
    """The names a header line gives; of two columns of one name the first counts."""
    names: list[str] = []
    for shown in first:
        name = _column(shown)
        names.append(name if name not in names else f"{name} {len(names)}")
    return names


_HEADERLESS = (
    (CEL_COLUMNS, 0, _CEL_WORDS),
    (CDR_CSV_COLUMNS, CDR_CSV_COLUMNS.index("disposition"), _DISPOSITIONS),
    (CDR_CUSTOM_COLUMNS, CDR_CUSTOM_COLUMNS.index("disposition"), _DISPOSITIONS),
)
"""Columns of tables without a header, and the field that gives each away."""
