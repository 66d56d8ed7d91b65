"""Tables of CEL and CDR rows: which columns stand where, with a header line or without.

Whatever a PBX product calls its columns, a row comes out in one vocabulary: that of the ``cel`` table of
``cel_custom.conf`` and of FreePBX's ``cdr`` table.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

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
_ALIASES = {
    "calldate": "start",
    "eventname": "eventtype",
    "cidname": "cid_name",
    "cidnum": "cid_num",
    "calleridname": "cid_name",
    "calleridnum": "cid_num",
    "application": "appname",
    "eventextra": "extra",
}
_CEL_NEEDS = {"eventtype", "eventtime", "uniqueid"}
_CDR_NEEDS = {"start", "channel", "disposition"}
_CEL_WORDS = {"CHAN_START", "CHAN_END", "ANSWER", "HANGUP", "APP_START", "APP_END", "BRIDGE_ENTER", "LINKEDID_END"}
_DISPOSITIONS = {"ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CONGESTION"}


def is_cel(row: Mapping[str, object]) -> bool:
    return row.keys() >= _CEL_NEEDS


def is_cdr(row: Mapping[str, object]) -> bool:
    return row.keys() >= _CDR_NEEDS


def renamed(row: Mapping[str, str]) -> dict[str, str]:
    """The row under the names used here."""
    lower = {name.strip().lower(): value for name, value in row.items()}
    return {_ALIASES.get(name, name): value for name, value in lower.items()}


def rows(body: bytes) -> Iterator[tuple[int, Row]]:
    """Each row with its line number; Unrecognised when the columns are not those of any table known here."""
    lines = io.StringIO(body.decode("utf-8-sig", errors="replace"), newline="")
    first = lines.readline()
    lines.seek(0)
    reader = csv.reader(lines, delimiter=_delimiter(first), skipinitialspace=True)
    try:
        yield from _named(reader)
    except csv.Error as error:
        raise Unrecognised(f"line {reader.line_num}: {error}") from error


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
    names = list(renamed(dict.fromkeys(first, "")))
    if len(names) == len(first) and (is_cel(dict.fromkeys(names)) or is_cdr(dict.fromkeys(names))):
        return names, True
    for columns, place, words in _HEADERLESS:
        if len(columns) - 5 <= len(first) <= len(columns) and first[place] in words:
            return columns, False
    shown = ", ".join(first)[:120]
    raise Unrecognised(f"line 1: not the columns of a CEL or CDR table: {shown}")


_HEADERLESS = (
    (CEL_COLUMNS, 0, _CEL_WORDS),
    (CDR_CSV_COLUMNS, CDR_CSV_COLUMNS.index("disposition"), _DISPOSITIONS),
    (CDR_CUSTOM_COLUMNS, CDR_CUSTOM_COLUMNS.index("disposition"), _DISPOSITIONS),
)
"""Columns of tables without a header, and the field that gives each away."""
