"""The simulator's days as each phone system tells them: what comes to Hub of every call, and how the log must show it.

A system that says less than the script knows, or more, says so here.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel

from hub.domain.delivery import Delivery
from hub.domain.identity import PhoneNumber
from hub.domain.routing import RecordRule, Route
from hub.telephony.ami.wire import parse
from hub.telephony.calls import Call
from hub.telephony.providers.twilio import TwilioSettings
from hub.telephony.simulator import Take, load, truth
from hub.telephony.simulator.captures import CLIENTS, ZONE
from hub.telephony.simulator.desk import DeskScript
from hub.telephony.simulator.pushed import pushes
from hub.telephony.simulator.script import Script
from hub.telephony.simulator.scripted import Ending, Entry, ScriptedCall, entry
from tests.standins.freeswitch import conversations as freeswitch
from tests.standins.freeswitch.channels import posted
from tests.standins.twilio import conversations as twilio
from tests.standins.twilio.conversations import ANNA, BORIS
from tests.standins.zadarma import SECRET, Exchange, notification_signature
from tests.standins.zadarma import conversations as zadarma
from tests.unit.telephony.twilio.hub_side import HOOK, Board, HubSide

MONDAY = datetime(2026, 11, 23, 9, tzinfo=ZONE)
LINE = "+442079460000"
PEOPLE = [f"+4420794601{digits:02}" for digits in range(20)]
AN_HOUR = 1000.0
MOMENTS = ("rang_at", "answered_at", "left_at")
FORM, JSON, LINES = "application/x-www-form-urlencoded", "application/json", "application/x-ndjson"


@dataclass(frozen=True)
class Told:
    """All that comes of one call, in the order a system that is well tells it."""

    deliveries: list[Delivery]
    entry: Entry


Day = Callable[[int, BaseModel], Iterator[Told]]
"""Of a seed and the connection's settings; without end."""


def _shop(seed: int) -> Iterator[ScriptedCall]:
    return DeskScript(seed, MONDAY, PEOPLE, LINE, AN_HOUR).calls()


def _asterisk(seed: int, settings: BaseModel) -> Iterator[Told]:
    for planned in Script(seed, MONDAY, CLIENTS, AN_HOUR).calls():
        take = Take(load(planned.title), planned.at, planned.cast, planned.stretch)
        steps = [(take.moment(step), parse(take.text(step).encode())) for step in take.capture.steps]
        bodies = [(at, json.dumps({"at": at.isoformat(), "event": event}).encode()) for at, event in steps]
        yield Told([_delivery(body, LINES, at, settings) for at, body in bodies], truth.entry(take))


def _generic(seed: int, settings: BaseModel) -> Iterator[Told]:
    for call in _shop(seed):
        told = [_delivery(json.dumps(push).encode(), JSON, at, settings) for at, push in pushes(call)]
        yield Told(told, entry(call))


def _zadarma(seed: int, settings: BaseModel) -> Iterator[Told]:
    """It does not name queues, and the moment of what it tells is that of its receipt."""
    exchange = Exchange()
    for call in map(_without_queue, _shop(seed)):
        exchange.clock = partial(_end, call)
        held = zadarma.scripted(exchange, call)
        told = [
            replace(
                _delivery(urlencode(fields).encode(), FORM, _heard(call, fields["event"]), settings),
                headers={"signature": notification_signature(SECRET, fields)},
            )
            for fields in held.told
        ]
        yield Told(told, entry(call) | {"provider_call_id": held.call})


def _freeswitch(seed: int, settings: BaseModel) -> Iterator[Told]:
    """It says who hung up; the dial plan's queues are not in its records."""
    for call in map(_without_queue, _shop(seed)):
        held = freeswitch.scripted(call)
        told = [_delivery(*posted(leg.record()), call.end, settings) for leg in held.legs]
        yield Told(told, entry(call) | {"provider_call_id": held.call} | _who_hung_up(call))


def _twilio(seed: int, settings: BaseModel) -> Iterator[Told]:
    """Who rings, and how long, is Hub's to say: here everybody at once, for as long as the script says.

    Whoever reached nobody is told so, and the call is as much longer.
    """
    side = HubSide(settings=TwilioSettings.model_validate(settings))
    for call in map(_by_twilio, _shop(seed)):
        patience = call.rings + (call.ending is Ending.GAVE_UP)  # the caller's ends before the line's
        side.board = Board(
            Route(stages=(tuple(call.phones),), ring_seconds=patience, record=RecordRule.ALWAYS),
            record=RecordRule.ALWAYS,
        )
        side.deliveries, side.exchange.now = [], call.at
        leg = twilio.scripted(call)(side.exchange, HOOK)
        side.exchange.tell()
        told = entry(call) | {"provider_call_id": leg.sid} | _who_hung_up(call)
        ours = {"ended_at", "duration_seconds"} if not call.talks and call.ending is not Ending.GAVE_UP else set()
        yield Told(side.deliveries, {name: value for name, value in told.items() if name not in ours})


def _heard(call: ScriptedCall, event: str) -> datetime:
    """When Zadarma tells of it."""
    if event.endswith("_END"):
        return call.end
    return call.answered or call.at if event == "NOTIFY_ANSWER" else call.at


def _end(call: ScriptedCall) -> datetime:
    return call.end


def _who_hung_up(call: ScriptedCall) -> Entry:
    if call.ending is Ending.BUSY:
        return {"hung_up_by": "system"}
    return {"hung_up_by": "us" if call.outbound else "client"} if call.talks else {}


def _without_queue(call: ScriptedCall) -> ScriptedCall:
    return replace(call, queue=None)


def _by_twilio(call: ScriptedCall) -> ScriptedCall:
    phones = {"201": ANNA, "202": BORIS}
    rung = [phones[phone] for phone in call.phones]
    return replace(call, queue=None, phones=rung, picked_up=phones.get(call.picked_up or ""))


def _delivery(body: bytes, content_type: str, at: datetime, settings: BaseModel) -> Delivery:
    return Delivery(
        connection_id=1,
        body=body,
        content_type=content_type,
        received_at=at + timedelta(milliseconds=250),
        settings=settings,
    )


DAYS: dict[str, Day] = {
    "asterisk": _asterisk,
    "freeswitch": _freeswitch,
    "generic": _generic,
    "twilio": _twilio,
    "zadarma": _zadarma,
}


def day(kind: str, seed: int, settings: BaseModel, calls: int) -> list[Told]:
    return list(islice(DAYS[kind](seed, settings), calls))


def shape(call: Call, region: str) -> dict[str, Any]:
    """A call under the names of the log's JSON, its numbers written as the log writes them."""
    legs = [{name: getattr(leg, name) for name in ("extension", "outcome", "via", *MOMENTS)} for leg in call.legs]
    return {
        **{name: getattr(call, name) for name in ("direction", "state", "outcome", "reason", "queue")},
        **{name: getattr(call, name) for name in ("started_at", "answered_at", "ended_at", "hung_up_by")},
        **{f"{name}_seconds": getattr(call, f"{name}_seconds") for name in ("ring", "talk", "hold", "duration")},
        "provider_call_id": call.id,
        "external_number": PhoneNumber.parse(call.number, region).e164,
        "line": PhoneNumber.parse(call.line, region).e164,
        "initiated_by": call.initiated_by,
        "answered_by": call.answered_by,
        "legs": legs,
    }
