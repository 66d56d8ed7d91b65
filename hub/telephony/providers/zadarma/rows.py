"""Calls as the exchange's statistics tell them (`/v1/statistics/pbx/`, version 2): rows of what is over."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from hub.domain.delivery import Delivery, Fact
from hub.domain.errors import Unrecognised
from hub.domain.identity import clean
from hub.telephony.providers.zadarma import phones, times

LISTED = "listed"
"""The event of a fact that comes of the statistics."""
MAX_ROWS = 1000
TEXTS = ("pbx_call_id", "call_id", "sip", "callstart", "clid", "destination", "disposition", "seconds", "is_recorded")
Row = Mapping[str, Any]


def facts(delivery: Delivery) -> Sequence[Fact]:
    """One fact for each row; Unrecognised when they are none."""
    said = delivery.json()
    found = said.get("stats") if isinstance(said, dict) else None
    if not isinstance(found, list) or len(found) > MAX_ROWS or not all(isinstance(row, dict) for row in found):
        raise Unrecognised('stats: is missing; expected {"stats": [{"pbx_call_id": …}, …]}')
    return [_fact({name: clean(str(row.get(name, "")), 200) for name in TEXTS}, delivery) for row in found]


def is_out(call: str) -> bool:
    """Whether one of ours called: Zadarma says so in the call's id."""
    return call.startswith("out_")


def _fact(row: Mapping[str, str], delivery: Delivery) -> Fact:
    call = row["pbx_call_id"]
    if not call:
        raise Unrecognised("pbx_call_id: is missing; every row names its call")
    began, talked = times.moment(row["callstart"], delivery.settings.timezone), times.seconds(row["seconds"])
    data: dict[str, Any] = {"event": LISTED, "call": call, "began": began.isoformat()}
    data |= {"disposition": row["disposition"], "seconds": talked}
    data |= _outbound(row) if is_out(call) else _inbound(row)
    if row["is_recorded"].lower() in ("true", "1") and row["call_id"]:
        data["recording"] = row["call_id"]
    return Fact(nodes=frozenset({call}), at=began + timedelta(seconds=talked), data=data)


def _outbound(row: Mapping[str, str]) -> dict[str, str]:
    shown, phone = _number(row["clid"]), phones.extension(row["sip"])
    said = {"caller": "" if phones.extension(shown) else shown, "destination": row["destination"]}
    return {name: text for name, text in (said | {"internal": phone or ""}).items() if text}


def _inbound(row: Mapping[str, str]) -> dict[str, str]:
    """`destination` and `sip` are the phone and our number, in either order."""
    both = [row["destination"], row["sip"]]
    phone = next((found for text in both if (found := phones.extension(text))), "")
    line = next((text for text in both if text and not phones.extension(text)), "")
    said = {"caller": _number(row["clid"]), "line": line, "internal": phone}
    return {name: text for name, text in said.items() if text}


def _number(clid: str) -> str:
    """The number of ``"Anna" <442079460123>``."""
    found = re.search(r"<([^<>]*)>\s*$", clid)
    return (found[1] if found else clid).strip()
