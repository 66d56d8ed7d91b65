"""Zadarma: a cloud exchange that notifies as calls go on, and may be answered with whom to ring.

signature  how either side proves itself      messages   what is notified, read; rows: its statistics, read
facts of a call  →  conversation (phones, endings) → story: the call events
routing    what a notification is answered    rest       what Hub asks: dialing, listing, trying
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from hub.connectors import Answer, Connector, Listed, Switchboard
from hub.domain.calls import CallEvent
from hub.domain.delivery import Delivery, Fact
from hub.domain.dialing import DialOrder, PhoneState, Placed
from hub.domain.recordings import Way
from hub.telephony.providers.zadarma import dialing, listing, media, messages, phones, routing, signature, story, trying
from hub.telephony.providers.zadarma.settings import ZadarmaSettings

__all__ = ["ZadarmaConnector", "ZadarmaSettings"]


class ZadarmaConnector(Connector):
    kind = "zadarma"
    title = "Zadarma"
    Settings = ZadarmaSettings
    names_clicks: ClassVar[bool] = False
    headers: ClassVar[frozenset[str]] = frozenset({signature.HEADER})

    def verify(self, delivery: Delivery) -> None:
        """A GET tells nothing and is not kept: it needs no proof."""
        if not self.is_question(delivery):
            signature.verify(delivery)

    def translate(self, delivery: Delivery) -> Sequence[CallEvent | Fact]:
        return messages.facts(delivery)

    def interpret(self, facts: Sequence[Fact], settings: Any) -> Sequence[CallEvent]:
        return story.interpret(facts)

    def answer(self, delivery: Delivery, switchboard: Switchboard) -> Answer | None:
        return routing.echo(delivery) if self.is_question(delivery) else routing.answer(delivery, switchboard)

    def addresses(self, settings: Any, hook: str) -> Mapping[str, str]:
        return {"address for notifications": hook}

    def phone(self, extension: str) -> str:
        return phones.spelled(extension)

    def probe(self, settings: Any) -> str:
        return trying.probe(settings)

    def phone_state(self, settings: Any, extension: str) -> PhoneState:
        return dialing.phone_state(settings, extension)

    def place(self, settings: Any, order: DialOrder) -> Placed:
        return dialing.place(settings, order)

    def recording(self, settings: Any, reference: str) -> Sequence[Way]:
        return media.ways(settings, reference)

    def listed(self, settings: Any, since: datetime, until: datetime) -> Iterable[Listed] | None:
        return listing.listed(settings, since, until)
