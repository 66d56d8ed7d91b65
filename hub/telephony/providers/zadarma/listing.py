"""The exchange's own statistics, call by call, for comparison with what Hub heard."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from hub.connectors import Listed
from hub.domain.errors import Unrecognised
from hub.http import NoAnswer
from hub.telephony.providers.zadarma import rest, rows, times
from hub.telephony.providers.zadarma.settings import ZadarmaSettings

PAGE = 1000
"""Rows Zadarma gives at most; it may be asked for statistics three times a minute."""
PAGE_SECONDS = 20.0
MONTH = timedelta(days=28)
"""Zadarma's longest stretch is a month."""
MARGIN = timedelta(hours=1)
"""The hour that comes twice a year, and calls put through after they began."""


def listed(settings: ZadarmaSettings, since: datetime, until: datetime) -> Iterator[Listed]:
    """Calls that began in that time, each with all its rows. Transient when Zadarma cannot be asked now."""
    calls: defaultdict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    start = since - MARGIN
    while start < until + MARGIN:
        for row in _rows(settings, start, end := min(start + MONTH, until + MARGIN)):
            if call := str(row.get("pbx_call_id") or ""):
                calls[call][json.dumps(row, sort_keys=True)] = row
        start = end
    for call, found in calls.items():
        began = min((at for row in found.values() if (at := _began(settings, row))), default=None)
        if began and since <= began < until:
            yield Listed(call=call, at=began, body=json.dumps({"stats": list(found.values())}).encode())


def _rows(settings: ZadarmaSettings, start: datetime, end: datetime) -> Iterator[Mapping[str, Any]]:
    """Page by page, until one is not full."""
    stretch = {"start": times.wall_clock(start, settings.timezone), "end": times.wall_clock(end, settings.timezone)}
    skip, full = 0, True
    while full:
        page = rest.ask(settings, "/v1/statistics/pbx/", PAGE_SECONDS, **stretch, version=2, skip=skip, limit=PAGE).get(
            "stats"
        )
        if not isinstance(page, list):
            raise NoAnswer("Zadarma answered a list that is none")
        yield from (_bare(row) for row in page if isinstance(row, dict))
        skip, full = skip + len(page), len(page) >= PAGE


def _bare(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: row[name] for name in rows.TEXTS if name in row}


def _began(settings: ZadarmaSettings, row: Mapping[str, Any]) -> datetime | None:
    try:
        return times.moment(str(row.get("callstart", "")), settings.timezone)
    except Unrecognised:
        return None
