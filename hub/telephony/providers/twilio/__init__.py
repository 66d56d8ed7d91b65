"""Twilio Programmable Voice: calls to and from a cloud telephone exchange that asks Hub what to do with them.

requests   what Twilio says, read          signature  that it was Twilio who said it
doors      what it is answered (twiml), at which addresses (addresses)
facts      what it tells, leg by leg  →  legs → tree → story (ending): the call events of a conversation
rest       what Hub asks Twilio (transport): to place and cancel calls (dialing), for its list (listing)
tokens     passes for browser phones
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from hub.connectors import Answer, Connector, Listed, Switchboard
from hub.domain.calls import CallEvent
from hub.domain.delivery import Delivery, Fact
from hub.domain.dialing import BrowserPhone, DialOrder, Placed
from hub.domain.errors import Unrecognised
from hub.domain.recordings import Way
from hub.telephony.providers.twilio import (
    dialing,
    doors,
    listing,
    media,
    phones,
    requests,
    signature,
    tokens,
)
from hub.telephony.providers.twilio.addresses import Hook
from hub.telephony.providers.twilio.facts import facts
from hub.telephony.providers.twilio.settings import TwilioSettings
from hub.telephony.providers.twilio.story import interpret

__all__ = ["TwilioConnector", "TwilioSettings"]

ATTEMPT = "i-twilio-idempotency-token"
NAMES = (("RecordingSid", "RecordingStatus"), ("CallSid", "CallStatus", "SequenceNumber"))
"""Fields that together name one thing that happened."""


class TwilioConnector(Connector):
    kind = "twilio"
    title = "Twilio"
    Settings = TwilioSettings
    headers: ClassVar[frozenset[str]] = frozenset({signature.HEADER, ATTEMPT})

    def verify(self, delivery: Delivery) -> None:
        signature.verify(delivery)

    def translate(self, delivery: Delivery) -> Sequence[CallEvent | Fact]:
        return list(facts(delivery))

    def interpret(self, facts: Sequence[Fact], settings: Any) -> Sequence[CallEvent]:
        return interpret(facts)

    def key(self, delivery: Delivery) -> str:
        """Twilio's own token, the same for each attempt; else what the fields name; else the bytes."""
        if token := delivery.headers.get(ATTEMPT):
            return f"attempt:{token}"
        try:
            told = requests.read(delivery)
        except Unrecognised:
            return super().key(delivery)
        for names in NAMES:
            if all(told.get(name) for name in names):
                return ":".join((told.door, *(told.fields[name] for name in names)))
        return super().key(delivery)

    def is_question(self, delivery: Delivery) -> bool:
        """Never: where Twilio is set to GET, it tells by GET."""
        return False

    def answer(self, delivery: Delivery, switchboard: Switchboard) -> Answer | None:
        return doors.answer(delivery, switchboard)

    def addresses(self, settings: Any, hook: str) -> Mapping[str, str]:
        """Under the address Twilio was told of, which its signatures are about."""
        return Hook(settings.public_url + hook[hook.index("/hooks/") :]).entered()

    def phone(self, extension: str) -> str:
        return phones.spelled(extension)

    def probe(self, settings: Any) -> str:
        return listing.probe(settings)

    def place(self, settings: Any, order: DialOrder) -> Placed:
        return dialing.place(settings, order)

    def cancel(self, settings: Any, order: DialOrder, ref: str | None) -> str:
        return dialing.cancel(settings, ref)

    def browser_phone(self, settings: Any, extension: str) -> BrowserPhone | None:
        return tokens.browser_phone(settings, extension)

    def recording(self, settings: Any, reference: str) -> Sequence[Way]:
        return media.ways(settings, reference)

    def listed(self, settings: Any, since: datetime, until: datetime) -> Iterable[Listed] | None:
        return listing.listed(settings, since, until)
