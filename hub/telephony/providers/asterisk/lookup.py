"""Whom to ring, asked by the dial plan while a caller waits: one GET, answered in a line of text.

``exten => …,Set(RING=${CURL(https://hub.example.org/hooks/pbx/route?secret=…&from=…&to=…)})``
"""

import hmac
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from hub.connectors import Answer, Switchboard
from hub.domain.delivery import Delivery
from hub.domain.errors import Unauthentic
from hub.domain.routing import Route
from hub.telephony.providers.asterisk.settings import AsteriskSettings

DOOR = "route"
SAFE = re.compile(r"[0-9A-Za-z_.-]{1,80}")
"""What may become part of a dial string; nothing else is ever answered."""


def verify(delivery: Delivery) -> None:
    """Unauthentic unless the question carries the connection's `lookup_secret`."""
    settings: AsteriskSettings = delivery.settings
    secret = settings.lookup_secret.get_secret_value() if settings.lookup_secret else ""
    offered = _asked(delivery).get("secret", "")
    if not secret or not hmac.compare_digest(offered.encode("utf-8", "replace"), secret.encode()):
        raise Unauthentic("the question does not carry the connection's lookup_secret")


def answer(delivery: Delivery, switchboard: Switchboard) -> Answer | None:
    """``101&102``: the phones to ring first; ``stage=2`` those after them, and so on. Empty: as without Hub."""
    if delivery.method != "GET" or delivery.path != DOOR:
        return None
    asked = _asked(delivery)
    route = switchboard.route(asked.get("from"), asked.get("to"))
    return Answer(body=_phones(route, asked.get("stage", "1")).encode(), content_type="text/plain; charset=utf-8")


def addresses(settings: AsteriskSettings, hook: str) -> Mapping[str, str]:
    """What the dial plan asks, once a secret was agreed."""
    if settings.lookup_secret is None:
        return {}
    secret = settings.lookup_secret.get_secret_value()
    question = f"{hook}/{DOOR}?secret={secret}&from=${{CALLERID(num)}}&to=${{FROM_DID}}"
    return {"whom to ring, for CURL() in the dial plan": question}


def _asked(delivery: Delivery) -> dict[str, str]:
    try:
        found: dict[str, Any] = parse_qs(delivery.query, max_num_fields=20)
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items()}


def _phones(route: Route, stage: str) -> str:
    place = int(stage) - 1 if stage.isascii() and stage.isdecimal() and len(stage) < 4 else -1
    phones = route.stages[place] if 0 <= place < len(route.stages) else ()
    return "&".join(phone for phone in phones if SAFE.fullmatch(phone))
