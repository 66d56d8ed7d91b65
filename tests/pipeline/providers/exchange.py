"""Exchange, an invented PBX that speaks in channels: lines of JSON, each about one or two of them.

A conversation is every channel that was ever bridged with another; its call is named after the oldest channel.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel, Field

from hub.connectors import Connector
from hub.domain import calls as say
from hub.domain.calls import CallEvent, Direction, Party
from hub.domain.clock import parse_iso
from hub.domain.delivery import Delivery, Fact
from hub.domain.errors import Unrecognised


class ExchangeSettings(BaseModel):
    lines: tuple[str, ...] = Field((), description="Our numbers.")
    region: str = Field("UA", description="Region of numbers without a country code.")


class Exchange(Connector):
    kind = "exchange"
    title = "Exchange"
    Settings = ExchangeSettings
    receives = False

    def verify(self, delivery: Delivery) -> None:
        """Nothing arrives from outside: files only."""

    def translate(self, delivery: Delivery) -> Sequence[CallEvent | Fact]:
        return [_fact(line) for line in delivery.json_lines()]

    def interpret(self, facts: Sequence[Fact], settings: BaseModel) -> Sequence[CallEvent]:
        births = [fact for fact in facts if fact.data["what"] == "born"]
        if not births:
            return ()
        call = min((fact.at, fact.data["channel"]) for fact in births)[1]
        return [event for fact in facts for event in _told(call, fact)]


def _fact(line: Any) -> Fact:
    match line:
        case {"what": "born" | "bridged" | "died", "channel": str(channel), "at": str(at)}:
            return Fact(nodes=frozenset({channel, line.get("other", channel)}), at=parse_iso(at), data=line)
        case _:
            raise Unrecognised(f"exchange does not say {line!r:.80}")


def _told(call: str, fact: Fact) -> Iterator[CallEvent]:
    channel, at = fact.data["channel"], fact.at
    match fact.data["what"]:
        case "born" if channel.startswith("client"):
            yield say.CallStarted(call=call, at=at, direction=Direction.INBOUND, number=fact.data.get("number"))
        case "born":
            yield say.PhoneRang(call=call, at=at, leg=channel, extension=fact.data["phone"])
        case "bridged":
            yield say.PhoneAnswered(call=call, at=at, leg=channel, extension=fact.data["phone"])
            yield say.TalkBegan(call=call, at=at, leg=channel)
        case "died" if channel.startswith("client"):
            yield say.CallEnded(call=call, at=at, by=Party.CLIENT)
