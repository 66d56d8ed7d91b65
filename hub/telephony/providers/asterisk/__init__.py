"""Asterisk and FreePBX: manager events live, CEL and CDR rows for history."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from hub.connectors import Answer, Connector, Listed, Listening, Switchboard
from hub.domain.calls import CallEvent
from hub.domain.delivery import Delivery, Fact
from hub.domain.dialing import BrowserPhone, DialOrder, PhoneState, Placed
from hub.domain.recordings import Way
from hub.telephony.providers.asterisk import browser, listing, live, lookup, recordings
from hub.telephony.providers.asterisk.ami import keeps
from hub.telephony.providers.asterisk.facts import facts
from hub.telephony.providers.asterisk.interpreter import interpret
from hub.telephony.providers.asterisk.settings import AsteriskSettings

__all__ = ["AsteriskConnector", "AsteriskSettings", "keeps"]


class AsteriskConnector(Connector):
    """A PBX that speaks in channels: each delivery becomes facts, all facts of a conversation one call."""

    kind = "asterisk"
    title = "Asterisk / FreePBX"
    Settings = AsteriskSettings

    def verify(self, delivery: Delivery) -> None:
        """The dial plan may ask, with its secret; news comes from Hub's own listener and the operator's files alone."""
        lookup.verify(delivery)

    def is_question(self, delivery: Delivery) -> bool:
        return True

    def answer(self, delivery: Delivery, switchboard: Switchboard) -> Answer | None:
        return lookup.answer(delivery, switchboard)

    def addresses(self, settings: Any, hook: str) -> Mapping[str, str]:
        return lookup.addresses(settings, hook)

    def translate(self, delivery: Delivery) -> Sequence[CallEvent | Fact]:
        return list(facts(delivery))

    def interpret(self, facts: Sequence[Fact], settings: Any) -> Sequence[CallEvent]:
        return interpret(facts, settings)

    def listener(self, settings: Any) -> Listening | None:
        return live.listener(settings)

    def probe(self, settings: Any) -> str:
        return live.probe(settings)

    def browser_phone(self, settings: Any, extension: str) -> BrowserPhone | None:
        return browser.browser_phone(settings, extension)

    def place(self, settings: Any, order: DialOrder) -> Placed:
        return live.place(settings, order)

    def cancel(self, settings: Any, order: DialOrder, ref: str | None) -> str:
        return live.cancel(settings, order)

    def phone_state(self, settings: Any, extension: str) -> PhoneState:
        return live.phone_state(settings, extension)

    def reference(self, settings: Any, said: str) -> str:
        return recordings.reference(settings, said)

    def recording(self, settings: Any, reference: str) -> Sequence[Way]:
        return recordings.ways(settings, reference)

    def folder(self, settings: Any) -> Path | None:
        return Path(settings.recordings_folder) if settings.recordings_folder else None

    def recordings(self, settings: Any) -> Iterable[str]:
        return recordings.listed(settings)

    def call_of(self, reference: str) -> str | None:
        return recordings.call_of(reference)

    def listed(self, settings: Any, since: datetime, until: datetime) -> Iterable[Listed] | None:
        return listing.listed(settings, since, until)
