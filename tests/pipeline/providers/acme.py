"""Acme Voice, an invented cloud phone system that speaks in calls: one signed delivery for each thing that happens."""

import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel, Field, SecretStr

from hub.connectors import Connector
from hub.domain import calls as say
from hub.domain.calls import CallEvent, Direction, LegOutcome, Party
from hub.domain.clock import parse_iso
from hub.domain.delivery import Delivery, Fact
from hub.domain.dialing import DialOrder, Placed
from hub.domain.errors import Rejected, Unauthentic, Unrecognised

SIGNATURE = "x-acme-signature"
PARTIES = {"customer": Party.CLIENT, "agent": Party.US, "network": Party.SYSTEM}
"""Acme's word for who hung up → ours."""


class AcmeSettings(BaseModel):
    secret: SecretStr = Field(min_length=8, description="Signs every delivery; Acme's console shows it once.")
    region: str = Field("UA", description="Region of numbers without a country code.")


class Acme(Connector):
    kind = "acme"
    title = "Acme Voice"
    Settings = AcmeSettings
    headers: ClassVar[frozenset[str]] = frozenset({SIGNATURE})

    def verify(self, delivery: Delivery) -> None:
        offered = delivery.headers.get(SIGNATURE, "").encode("latin-1", "replace")
        if not hmac.compare_digest(offered, signature(delivery.body, delivery.settings.secret).encode()):
            raise Unauthentic("acme signature does not match the body")

    def translate(self, delivery: Delivery) -> Sequence[CallEvent | Fact]:
        match delivery.json():
            case {"event": str(kind), "call": str(call), "at": str(at)} as said if kind in WORDS:
                return WORDS[kind](call, parse_iso(at), said)
            case {"event": "keepalive"}:
                return []
            case {"event": kind}:
                raise Unrecognised(f"acme event {kind!r}")
            case _:
                raise Unrecognised("acme payload without an event")

    def place(self, settings: BaseModel, order: DialOrder) -> Placed:
        if order.extension == "13":
            raise Rejected("acme: phone 13 is switched off")
        return Placed(detail=f"ringing {order.extension} for {order.number}", ref=f"acme-{order.request}")


def signature(body: bytes, secret: SecretStr) -> str:
    return hmac.digest(secret.get_secret_value().encode(), body, "sha256").hex()


def _started(call: str, at: datetime, rest: Mapping[str, Any]) -> list[CallEvent]:
    return [
        say.CallStarted(
            call=call,
            at=at,
            direction=Direction.INBOUND if rest.get("to") else Direction.OUTBOUND,
            number=rest.get("number"),
            name=rest.get("name"),
            line=rest.get("to"),
            extension=rest.get("from"),
            request=rest.get("request"),
        )
    ]


def _rang(call: str, at: datetime, rest: Mapping[str, Any]) -> list[CallEvent]:
    return [say.PhoneRang(call=call, at=at, leg=rest["phone"], extension=rest["phone"])]


def _reached(call: str, at: datetime, _rest: Mapping[str, Any]) -> list[CallEvent]:
    return [say.ClientRang(call=call, at=at)]


def _answered(call: str, at: datetime, rest: Mapping[str, Any]) -> list[CallEvent]:
    phone = rest["phone"]
    return [
        say.PhoneAnswered(call=call, at=at, leg=phone, extension=phone),
        say.TalkBegan(call=call, at=at, leg=phone),
    ]


def _hungup(call: str, at: datetime, rest: Mapping[str, Any]) -> list[CallEvent]:
    left = [say.PhoneLeft(call=call, at=at, leg=phone, outcome=LegOutcome.NO_ANSWER) for phone in rest.get("rang", ())]
    return [*left, say.CallEnded(call=call, at=at, by=PARTIES.get(rest.get("by", "")), reason=rest.get("reason"))]


def _recorded(call: str, at: datetime, rest: Mapping[str, Any]) -> list[CallEvent]:
    message = [say.VoicemailLeft(call=call, at=at)] if rest.get("message") else []
    return [*message, say.RecordingAnnounced(call=call, at=at, reference=rest["file"])]


WORDS: Mapping[str, Callable[[str, datetime, Mapping[str, Any]], list[CallEvent]]] = {
    "started": _started,
    "rang": _rang,
    "reached": _reached,
    "answered": _answered,
    "hungup": _hungup,
    "recorded": _recorded,
}
