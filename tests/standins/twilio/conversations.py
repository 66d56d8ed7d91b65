"""Whole conversations with an invented company, and what is true of each.

Anna has a browser phone, Boris a SIP phone, Eva's is her mobile; their line is +442079460000. What Hub answers must
ring Anna first, then Boris and Eva together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.telephony.simulator.scripted import Ending, ScriptedCall
from tests.standins.twilio.exchange import Exchange, Leg
from tests.standins.twilio.script import ABSENT, Answers, Busy, Caller

LINE = "+442079460000"
ANNA, BORIS, EVA = "client:anna", "sip:boris@example.sip.twilio.com", "+442079460199"
CLIENT = "+12025550123"
Truth = Mapping[str, Any]


@dataclass(frozen=True)
class Conversation:
    """`hold` plays it, with Hub's hook at that address, and says which leg it is named after; `truth` is its call."""

    name: str
    hold: Callable[[Exchange, str], Leg]
    truth: Truth
    legs: Mapping[str, str] = field(default_factory=dict)
    """How each of our phones fared: ``answered direct``."""

    def __str__(self) -> str:
        return self.name


def inbound(
    number: str = CLIENT, line: str = LINE, patience: int = 600, message: int = 0, **people: Any
) -> Callable[[Exchange, str], Leg]:
    """A call to one of our numbers; everybody of ours who is not named lets it ring."""

    def hold(exchange: Exchange, hook: str) -> Leg:
        exchange.people = {ANNA: ABSENT, BORIS: ABSENT, EVA: ABSENT} | {
            NAMES[name]: who for name, who in people.items()
        }
        caller = Caller(number=number, line=line, patience=patience, message=message)
        return exchange.call_in(caller, f"{hook}/voice", f"{hook}/status")

    return hold


NAMES = {"anna": ANNA, "boris": BORIS, "eva": EVA}


def scripted(call: ScriptedCall) -> Callable[[Exchange, str], Leg]:
    """A call as a script wants it; who is called outbound is called by a browser."""
    picks_up = Answers(after=call.rings, talks=call.talks)

    def hold(exchange: Exchange, hook: str) -> Leg:
        if call.outbound:
            exchange.people = {call.client: picks_up if call.talks else Busy(after=call.rings)}
            return exchange.call_in(
                Caller(number=call.phones[0], line=call.client), f"{hook}/outgoing", f"{hook}/status"
            )
        exchange.people = {phone: picks_up if phone == call.picked_up else ABSENT for phone in call.phones}
        patience = call.rings if call.ending is Ending.GAVE_UP else 600
        caller = Caller(number=call.client, line=call.line, patience=patience)
        return exchange.call_in(caller, f"{hook}/voice", f"{hook}/status")

    return hold


def transferred(number: str = CLIENT) -> Callable[[Exchange, str], Leg]:
    """Anna talks, then sends the client on to Boris."""

    def hold(exchange: Exchange, hook: str) -> Leg:
        to_boris = ("parent", f"{hook}/transfer?to={BORIS.replace('@', '%40')}")
        anna, boris = Answers(after=3, talks=20, redirect=to_boris), Answers(after=5, talks=40)
        return inbound(number, anna=anna, boris=boris)(exchange, hook)

    return hold


def placed(person: Any, client: Any) -> Callable[[Exchange, str], Leg]:
    """Click-to-call as Hub asks for it; the leg must have been placed already when `hold` finds one."""

    def hold(exchange: Exchange, hook: str) -> Leg:
        waiting = [leg for leg in exchange.legs.values() if leg.direction == "outbound-api" and leg.status == "queued"]
        exchange.people = {ANNA: person, CLIENT: client}
        leg = waiting[0] if waiting else _asked_for(exchange, hook)
        exchange.play(leg)
        return leg

    return hold


def _asked_for(exchange: Exchange, hook: str) -> Leg:
    told = "of=out&req=click-1&to=%2B12025550123"
    events = frozenset(("initiated", "ringing", "answered", "completed"))
    connect = f"{hook}/connect?{told}&line=%2B442079460000"
    return exchange.place(ANNA, LINE, url=connect, callback=f"{hook}/status?{told}", events=events, timeout=25)


def _by_browser(exchange: Exchange, hook: str) -> Leg:
    exchange.people = {CLIENT: Answers(after=6, talks=30, hangs_up=True)}
    caller = Caller(number=ANNA, line=CLIENT)
    return exchange.call_in(caller, f"{hook}/outgoing", f"{hook}/status")


def _inbound_truth(**more: Any) -> Truth:
    said = {"direction": "inbound", "external_number": CLIENT, "line": LINE, "talk_seconds": 0.0, "reason": None}
    return said | {"hung_up_by": None, "answered_by": None, "initiated_by": None} | more


def _outbound_truth(**more: Any) -> Truth:
    said = {"direction": "outbound", "external_number": CLIENT, "line": LINE, "initiated_by": ANNA, "answered_by": None}
    return said | {"talk_seconds": 0.0, "ring_seconds": 0.0} | more


GAVE_UP = {"outcome": "missed", "hung_up_by": "client", "reason": "caller gave up"}
CONVERSATIONS = [
    Conversation(
        "answered",
        inbound(anna=Answers(after=4, talks=60, hangs_up=True)),
        _inbound_truth(outcome="answered", answered_by=ANNA, ring_seconds=4.0, talk_seconds=60.0, hung_up_by="us"),
        {ANNA: "answered direct"},
    ),
    Conversation(
        "answered-by-the-second-stage",
        inbound(anna=Busy(), boris=Answers(after=9), eva=Answers(after=7, talks=33)),
        _inbound_truth(outcome="answered", answered_by=EVA, ring_seconds=8.0, talk_seconds=33.0, hung_up_by="client"),
        {ANNA: "busy direct", BORIS: "cancelled direct", EVA: "answered direct"},
    ),
    Conversation(
        "missed",
        inbound(patience=12),
        _inbound_truth(**GAVE_UP, ring_seconds=12.0),
        {ANNA: "cancelled direct"},
    ),
    Conversation(
        "missed-by-a-withheld-number",
        inbound(number="anonymous", patience=5),
        _inbound_truth(**GAVE_UP, external_number=None, ring_seconds=5.0),
        {ANNA: "cancelled direct"},
    ),
    Conversation(
        "voicemail",
        inbound(message=17),
        _inbound_truth(outcome="voicemail", ring_seconds=40.0),
        {ANNA: "no_answer direct", BORIS: "no_answer direct", EVA: "no_answer direct"},
    ),
    Conversation(
        "transferred",
        transferred(),
        _inbound_truth(outcome="answered", answered_by=ANNA, ring_seconds=3.0, talk_seconds=60.0, hung_up_by="client"),
        {ANNA: "answered direct", BORIS: "answered transfer_blind"},
    ),
    Conversation(
        "click-to-call",
        placed(Answers(after=3), Answers(after=5, talks=45)),
        _outbound_truth(outcome="answered", ring_seconds=5.0, talk_seconds=45.0, hung_up_by="us", reason=None),
    ),
    Conversation(
        "click-to-call-client-busy",
        placed(Answers(after=3), Busy(after=2)),
        _outbound_truth(outcome="busy", ring_seconds=2.0, hung_up_by="system", reason="busy"),
    ),
    Conversation(
        "click-to-call-not-picked-up",
        placed(ABSENT, ABSENT),
        _outbound_truth(outcome="cancelled", hung_up_by="system", reason="our phone was not picked up"),
    ),
    Conversation(
        "from-a-browser",
        _by_browser,
        _outbound_truth(outcome="answered", ring_seconds=6.0, talk_seconds=30.0, hung_up_by="client", reason=None),
    ),
]
BY_NAME = {conversation.name: conversation for conversation in CONVERSATIONS}
