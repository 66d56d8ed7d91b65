"""What Zadarma is told to do with a call: one phone to ring, where it goes else, and the client's name to show."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from hub.connectors import Answer, Switchboard
from hub.domain.delivery import Delivery
from hub.domain.errors import Unrecognised
from hub.domain.routing import Route
from hub.telephony.providers.zadarma import messages, phones
from hub.telephony.providers.zadarma.settings import ZadarmaSettings

ASKS = (messages.START, messages.IVR)
"""Notifications whose answer decides what happens to the call."""
SHORTEST_SECONDS = 3
"""The least a phone rings before the call returns to the exchange's menu."""
LONGEST_NAME = 60
_ECHO = re.compile(r"[A-Za-z0-9._=-]{1,200}")


def echo(delivery: Delivery) -> Answer | None:
    """Zadarma tries an address before it uses it, and wants back what it said; None when it is not that."""
    said = parse_qs(delivery.query).get("zd_echo", [""])[0]
    return Answer(body=said.encode(), content_type="text/plain; charset=utf-8") if _ECHO.fullmatch(said) else None


def answer(delivery: Delivery, switchboard: Switchboard) -> Answer | None:
    """None: as it would have gone without Hub."""
    settings: ZadarmaSettings = delivery.settings
    try:
        said = messages.fields(delivery)
    except Unrecognised:
        return None
    if not settings.routing or said.get("event") not in ASKS:
        return None
    route = switchboard.route(said.get("caller_id") or None, said.get("called_did") or None)
    return Answer(body=json.dumps(_orders(route, settings), ensure_ascii=False).encode())


def _orders(route: Route, settings: ZadarmaSettings) -> Mapping[str, Any]:
    named = {"caller_name": route.name[:LONGEST_NAME]} if route.name else {}
    return _redirect(route, settings) | named


def _redirect(route: Route, settings: ZadarmaSettings) -> dict[str, Any]:
    """Zadarma rings one extension, and takes the call back when it is not picked up; several are a scenario of its."""
    first = route.stages[0] if route.stages else ()
    alone = phones.extension(first[0]) if len(first) == 1 else None
    if alone:
        return {"redirect": alone, "return_timeout": max(route.ring_seconds, SHORTEST_SECONDS)}
    return {"redirect": settings.group} if len(first) > 1 and settings.group else {}
