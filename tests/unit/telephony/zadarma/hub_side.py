"""Hub's end: notifications as deliveries, and the call they amount to."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from hub.domain.delivery import Delivery, Fact
from hub.telephony.calls import Call, fold
from hub.telephony.providers.zadarma import ZadarmaConnector, ZadarmaSettings
from tests.standins.zadarma import KEY, SECRET, Conversation, Exchange, notification_signature

CONNECTOR = ZadarmaConnector()
FORM = "application/x-www-form-urlencoded"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CALLER, CLIENT = "442079460123", "442079460125"


def settings(**more: Any) -> ZadarmaSettings:
    said = {"key": KEY, "secret": SECRET, "timezone": "Europe/Kyiv", "lines": "+442079460000", "region": "GB"}
    return ZadarmaSettings.model_validate(said | more)


SETTINGS = settings()


def exchange() -> Exchange:
    """One whose calls all end at noon."""
    return Exchange(clock=lambda: NOON)


def delivery(fields: Mapping[str, str], at: float = 0, sign: str | None = None, **more: Any) -> Delivery:
    """A notification received `at` seconds after noon, signed unless `sign` is something else."""
    proof = notification_signature(SECRET, fields) if sign is None else sign
    said: dict[str, Any] = {"settings": SETTINGS, "content_type": FORM} | more
    return Delivery(
        connection_id=1,
        body=urlencode(fields).encode(),
        headers={"signature": proof},
        received_at=NOON + timedelta(seconds=at),
        **said,
    )


def facts(*deliveries: Delivery) -> list[Fact]:
    return [thing for one in deliveries for thing in CONNECTOR.translate(one) if isinstance(thing, Fact)]


def call(*deliveries: Delivery) -> Call:
    """The one call they are about."""
    events = CONNECTOR.interpret(facts(*deliveries), SETTINGS)
    (found,) = {event.call for event in events}
    return fold(event for event in events if event.call == found)


def heard(held: Conversation, order: Iterable[int] | None = None) -> Call:
    """The call of a conversation, its notifications received in that order, all at noon."""
    told = [delivery(fields) for fields in held.told]
    return call(*(told if order is None else [told[place] for place in order]))


def disagreements(told: Call, truth: Mapping[str, Any]) -> dict[str, Any]:
    number = f"+{told.number}" if told.number and told.number.isdecimal() else None
    said: dict[str, Any] = {
        "direction": told.direction,
        "external_number": number,
        "outcome": told.outcome,
        "reason": told.reason,
    }
    said |= {"talk_seconds": told.talk_seconds, "initiated_by": told.initiated_by, "answered_by": told.answered_by}
    said |= {"phones": {leg.extension: leg.outcome for leg in told.legs}}
    return {name: said[name] for name, true in truth.items() if said[name] != true}
