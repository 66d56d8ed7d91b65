"""The PBX's own list of calls: its call detail records, conversation by conversation."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from hub.connectors import Listed
from hub.domain.clock import parse_iso
from hub.domain.errors import Misconfigured
from hub.telephony.cdr_source import Records
from hub.telephony.listener import Window
from hub.telephony.providers.asterisk import cdr, tables
from hub.telephony.providers.asterisk.settings import AsteriskSettings
from hub.telephony.providers.asterisk.tables import Row

BESIDE = timedelta(hours=6)
"""A conversation's rows begin at different times; those of a long one are looked for as long as this, both ways."""
AT_ONCE = timedelta(hours=3)
"""Read in one go: well below what a source gives at most."""


def listed(settings: AsteriskSettings, since: datetime, until: datetime) -> Iterator[Listed] | None:
    """Conversations that began in that time, each with all its rows; None where no records can be read.

    Transient when they cannot be read now; Misconfigured when nothing in them names a channel's id.
    """
    if settings.cdr is None or not settings.cdr.get_secret_value():
        return None
    records = Records(settings.cdr.get_secret_value(), settings.zone)
    return _conversations(records, settings, since, until)


def _conversations(records: Records, settings: AsteriskSettings, since: datetime, until: datetime) -> Iterator[Listed]:
    rows: defaultdict[str, dict[tuple[str, ...], Row]] = defaultdict(dict)
    for row in _rows(records, since - BESIDE, until + BESIDE):
        if not row.get("uniqueid"):
            raise Misconfigured("cdr: its rows name no channel's id; expected loguniqueid=yes in the PBX's cdr.conf")
        rows[row.get("linkedid") or row["uniqueid"]][tuple(row.values())] = row
    for call, found in rows.items():
        same = list(found.values())
        began = _began(same, settings)
        if began and since <= began < until:
            yield Listed(call=call, at=began, body=_table(same), content_type="text/csv")


def _rows(records: Records, since: datetime, until: datetime) -> Iterator[Row]:
    """Rows at the edge of two steps come twice."""
    while since < until:
        step = min(since + AT_ONCE, until)
        for body in records.read(Window(since, step)):
            yield from (tables.renamed(row) for _, row in tables.rows(body))
        since = step


def _began(rows: Sequence[Row], settings: AsteriskSettings) -> datetime | None:
    """None when no row names a channel and a time."""
    found = []
    for row in rows:
        try:
            fact = cdr.fact(row, settings)
        except (KeyError, ValueError):
            continue
        if fact is not None:
            found.append(parse_iso(fact.data["start"]))
    return min(found, default=None)


def _table(rows: Sequence[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
