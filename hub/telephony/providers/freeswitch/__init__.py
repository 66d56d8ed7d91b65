"""FreeSWITCH: call records as mod_json_cdr pushes them, and what happens at this moment over the event socket.

records, events    a pushed record, an event: what each shows of one leg, as the same facts (snapshots)
facts of a call  →  legs → roles → story (ending, causes): the call events
access             who may push                live (line, esl, wire): the event socket
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from hub.connectors import Connector, Listening
from hub.domain.calls import CallEvent
from hub.domain.delivery import Delivery, Fact
from hub.domain.dialing import DialOrder, Placed
from hub.domain.recordings import Way
from hub.telephony import recorded
from hub.telephony.providers.freeswitch import access, events, live, records, story
from hub.telephony.providers.freeswitch.settings import FreeSwitchSettings

UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

__all__ = ["FreeSwitchConnector", "FreeSwitchSettings"]


class FreeSwitchConnector(Connector):
    kind = "freeswitch"
    title = "FreeSWITCH"
    Settings = FreeSwitchSettings
    headers: ClassVar[frozenset[str]] = frozenset({access.HEADER})

    def verify(self, delivery: Delivery) -> None:
        access.verify(delivery)

    def kept(self, delivery: Delivery) -> Delivery:
        return replace(delivery, path="", headers={k: v for k, v in delivery.headers.items() if k != access.HEADER})

    def addresses(self, settings: Any, hook: str) -> Mapping[str, str]:
        return {"url of json_cdr.conf": f"{hook}/{settings.secret.get_secret_value()}"}

    def translate(self, delivery: Delivery) -> Sequence[CallEvent | Fact]:
        if delivery.content_type == events.CONTENT_TYPE:
            return list(events.facts(delivery))
        return records.facts(delivery)

    def interpret(self, facts: Sequence[Fact], settings: Any) -> Sequence[CallEvent]:
        return story.interpret(facts, settings)

    def listener(self, settings: Any) -> Listening | None:
        return live.listener(settings)

    def probe(self, settings: Any) -> str:
        return live.probe(settings)

    def reference(self, settings: Any, said: str) -> str:
        return recorded.below(said, settings.recordings_root)

    def recording(self, settings: Any, reference: str) -> Sequence[Way]:
        return recorded.ways(settings, reference)

    def folder(self, settings: Any) -> Path | None:
        return Path(settings.recordings_folder) if settings.recordings_folder else None

    def call_of(self, reference: str) -> str | None:
        """A name with the channel's UUID in it, as dial plans make them."""
        found = UUID.findall(reference)
        return found[-1].lower() if found else None

    def place(self, settings: Any, order: DialOrder) -> Placed:
        return live.place(settings, order)

    def cancel(self, settings: Any, order: DialOrder, ref: str | None) -> str:
        return live.cancel(settings, order)
