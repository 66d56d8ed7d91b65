"""Hub's side of a conversation without a Hub: deliveries are proven, answered and kept; together they fold to calls."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import InitVar, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from hub.domain.delivery import Delivery, Fact
from hub.domain.errors import Conflict
from hub.domain.routing import Outgoing, RecordRule, Route
from hub.telephony.calls import Call, fold
from hub.telephony.providers.twilio import TwilioConnector, TwilioSettings
from tests.standins.twilio.conversations import ANNA, BORIS, EVA, LINE, Conversation
from tests.standins.twilio.exchange import ACCOUNT, Exchange, Leg
from tests.standins.twilio.http import signature, without_fragment

TOKEN = "the token of an invented account"
PUBLIC = "https://hub.example.org"
HOOK = f"{PUBLIC}/hooks/main"
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
FORM = "application/x-www-form-urlencoded"
CONNECTOR = TwilioConnector()


def settings(**more: Any) -> TwilioSettings:
    plain = {"account_sid": ACCOUNT, "auth_token": TOKEN, "public_url": PUBLIC, "lines": LINE, "region": "GB"}
    return TwilioSettings.model_validate(plain | more)


@dataclass
class Board:
    """A switchboard that always says the same, and remembers what it was asked."""

    answer: Route = field(
        default_factory=lambda: Route(
            stages=((ANNA,), (BORIS, EVA)), ring_seconds=20, voicemail=True, name="Ann Example"
        )
    )
    record: RecordRule = RecordRule.NEVER
    refusal: str = ""
    asked: list[tuple[str | None, str | None]] = field(default_factory=list)

    def route(self, caller: str | None, line: str | None) -> Route:
        self.asked.append((caller, line))
        return self.answer

    def outgoing(self, extension: str, number: str) -> Outgoing:
        self.asked.append((extension, number))
        if self.refusal:
            raise Conflict(self.refusal)
        return Outgoing(number=number, line=LINE, record=self.record)


@dataclass
class HubSide:
    """`deliveries` are all that came, each at the exchange's time."""

    settings: TwilioSettings = field(default_factory=settings)
    board: Board = field(default_factory=Board)
    deliveries: list[Delivery] = field(default_factory=list)
    exchange_of: InitVar[Exchange | None] = None
    """An exchange that is there already."""
    exchange: Exchange = field(init=False)

    def __post_init__(self, exchange_of: Exchange | None) -> None:
        self.exchange = exchange_of or Exchange(self.receive, now=MONDAY)
        self.exchange.send = self.receive

    def receive(self, address: str, fields: Mapping[str, str], *, attempt: str | None = None) -> str:
        delivery = arrived(address, fields, settings=self.settings, at=self.exchange.now, attempt=attempt)
        CONNECTOR.verify(delivery)
        self.deliveries.append(delivery)
        answer = CONNECTOR.answer(delivery, self.board)
        return answer.body.decode() if answer else ""

    def hold(self, conversation: Conversation) -> Leg:
        leg = conversation.hold(self.exchange, HOOK)
        self.exchange.tell()
        return leg

    @property
    def facts(self) -> list[Fact]:
        return [fact for delivery in self.deliveries for fact in facts(delivery)]


def arrived(
    address: str, fields: Mapping[str, str], *, settings: TwilioSettings, at: datetime, attempt: str | None = None
) -> Delivery:
    """A signed form as it comes to the hook of the connection `main`."""
    there = without_fragment(address)
    place = urlsplit(there)
    headers = {"x-twilio-signature": signature(TOKEN, there, fields)}
    return Delivery(
        connection_id=1,
        body=urlencode(fields).encode(),
        content_type=FORM,
        headers=headers | ({"i-twilio-idempotency-token": attempt} if attempt else {}),
        path=place.path.removeprefix("/hooks/main/"),
        query=place.query,
        target=f"{place.path}?{place.query}" if place.query else place.path,
        received_at=at + timedelta(milliseconds=250),
        settings=settings,
    )


def facts(delivery: Delivery) -> list[Fact]:
    said = CONNECTOR.translate(delivery)
    return [thing for thing in said if isinstance(thing, Fact)]


def call_of(told: Iterable[Fact]) -> Call:
    """The one call these facts amount to."""
    return fold(CONNECTOR.interpret(list(told), settings()))


def held(conversation: Conversation, **more: Any) -> HubSide:
    """The whole conversation, told in order."""
    side = HubSide(**more)
    side.hold(conversation)
    return side


def mixed(told: list[Fact], luck: random.Random) -> list[Fact]:
    """Shuffled, and some of it twice."""
    mixed = [*told, *luck.sample(told, luck.randint(0, len(told)))]
    luck.shuffle(mixed)
    return mixed


def shape(call: Call) -> dict[str, Any]:
    """A call in the words of a truth."""
    return {
        "direction": call.direction,
        "outcome": call.outcome,
        "external_number": call.number,
        "line": call.line,
        "reason": call.reason,
        "ring_seconds": call.ring_seconds,
        "talk_seconds": call.talk_seconds,
        "hung_up_by": call.hung_up_by,
        "initiated_by": call.initiated_by,
        "answered_by": call.answered_by,
    }
