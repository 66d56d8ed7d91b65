"""Any phone system that can push three things: a call began, was answered, ended.

The fields are those many small phone systems send already (Zammad's generic CTI, sipgate's push).
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, get_args

from hub.connectors import Answer, Connector, Switchboard
from hub.domain.calls import CallEvent
from hub.domain.delivery import Delivery, Fact
from hub.domain.errors import Unauthentic, Unrecognised
from hub.domain.recordings import Address, Way
from hub.domain.routing import Route
from hub.telephony.providers.generic import messages, story
from hub.telephony.providers.generic.settings import GenericSettings, SignatureHeader
from hub.telephony.recorded import host

__all__ = ["GenericConnector", "GenericSettings"]


class GenericConnector(Connector):
    kind = "generic"
    title = "Any phone system (push)"
    Settings = GenericSettings
    headers: ClassVar[frozenset[str]] = frozenset(map(str.lower, get_args(SignatureHeader)))

    def verify(self, delivery: Delivery) -> None:
        settings: GenericSettings = delivery.settings
        if not _same(delivery.path, settings.secret.get_secret_value()):
            raise Unauthentic("the address does not end in the connection's secret")
        if settings.hmac_secret is not None:
            offered = delivery.headers.get(settings.signature_header.lower(), "").removeprefix("sha256=")
            if not _same(offered.lower(), signature(delivery.body, settings.hmac_secret.get_secret_value())):
                raise Unauthentic(f"{settings.signature_header} does not match the body")

    def is_question(self, delivery: Delivery) -> bool:
        """A system that can only GET pushes in the address; a GET that tells nothing is somebody trying it."""
        return delivery.method == "GET" and "event=" not in delivery.query

    def kept(self, delivery: Delivery) -> Delivery:
        return replace(delivery, path="")

    def translate(self, delivery: Delivery) -> Sequence[CallEvent | Fact]:
        return [messages.fact(delivery)]

    def interpret(self, facts: Sequence[Fact], settings: Any) -> Sequence[CallEvent]:
        return story.interpret(facts)

    def answer(self, delivery: Delivery, switchboard: Switchboard) -> Answer:
        if self.is_question(delivery):
            return _json({"status": "this is the right address: push newCall, answer and hangup here"})
        return _json(_advice(delivery, switchboard) if delivery.settings.routing else {})

    def addresses(self, settings: Any, hook: str) -> Mapping[str, str]:
        return {"push address": f"{hook}/{settings.secret.get_secret_value()}"}

    def recording(self, settings: GenericSettings, reference: str) -> Sequence[Way]:  # type: ignore[override]
        """The link of the push. Anybody who can push names it, so the password goes to named hosts alone."""
        if not reference.startswith(("https://", "http://")):
            return []
        named = host(reference) in settings.recording_hosts
        password = settings.recording_password.get_secret_value() if settings.recording_password else ""
        auth = (settings.recording_user, password) if named and settings.recording_user else None
        return [Address(url=reference, auth=auth, hosts=frozenset(settings.recording_hosts))]

    def phone(self, extension: str) -> str:
        """Systems name people as they like: ``101``, ``anna.k``, ``anna@example.com``."""
        return extension.strip()


def signature(body: bytes, secret: str) -> str:
    """HMAC-SHA256 of the raw body, in hex."""
    return hmac.digest(secret.encode(), body, "sha256").hex()


def _same(offered: str, expected: str) -> bool:
    return hmac.compare_digest(offered.encode("utf-8", "replace"), expected.encode())


def _json(said: Mapping[str, Any]) -> Answer:
    return Answer(body=json.dumps(said, ensure_ascii=False).encode())


def _advice(delivery: Delivery, switchboard: Switchboard) -> Mapping[str, Any]:
    """Whom to ring, for a call that just began; nothing for all other news."""
    try:
        said = messages.fact(delivery).data
    except Unrecognised:
        return {}
    if said["event"] != "newCall" or said.get("direction") != "in":
        return {}
    return _dial(switchboard.route(said.get("from"), said.get("to")), said)


def _dial(route: Route, said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Both spellings of the caller's id are in use; `users` and `stages` say more to those who read them."""
    if not route.stages:
        return {}
    caller = said.get("from", "")
    named = {"name": route.name} if route.name else {}
    return {
        "action": "dial",
        "number": route.stages[0][0],
        "users": list(route.stages[0]),
        "stages": [list(stage) for stage in route.stages],
        "timeout": route.ring_seconds,
        "callerId": caller,
        "caller_id": caller,
        **named,
    }
