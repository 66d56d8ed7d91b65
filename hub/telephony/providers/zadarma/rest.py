"""Zadarma's API: one signed request, and what it means when it says no."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from hub.domain.errors import Misconfigured, Rejected, Transient
from hub.http import Ask, NoAnswer, Reply
from hub.telephony.providers.zadarma import signature
from hub.telephony.providers.zadarma.settings import ZadarmaSettings

WHO = "Zadarma"


def ask(settings: ZadarmaSettings, path: str, seconds: float, **given: str | int) -> Mapping[str, Any]:
    """What it says to a method such as ``/v1/info/timezone/``. NoAnswer: it is not known whether it was done."""
    query = urlencode(sorted((given | {"format": "json"}).items()))
    proof = signature.headers(settings.key, settings.secret.get_secret_value(), path, query)
    url = f"{settings.api_base}{path}?{query}"
    return _understood(Ask(who=WHO, url=url, seconds=seconds, headers=proof).once())


def _understood(reply: Reply) -> Mapping[str, Any]:
    if reply.status in (401, 403):
        raise Misconfigured(f"secret: {WHO} does not accept it for this key ({reply.status})")
    if reply.status == 429:
        raise Transient(f"{WHO} was asked too often for this account; try again in a moment", reply.pause)
    if reply.status >= 500:
        raise NoAnswer(f"{WHO} has trouble of its own ({reply.status})")
    said = reply.json()
    if not isinstance(said, dict) or said.get("status") not in ("success", "error"):
        raise NoAnswer(f"{WHO} answered something that is no answer ({reply.status})")
    if said["status"] == "error":
        raise Rejected(f"{WHO} refuses: {str(said.get('message') or 'no reason given')[:200]}")
    return said
