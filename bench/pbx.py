"""The stand-in PBX of the benchmarks: which captured calls it plays, and when each must change what people see."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from pydantic import BaseModel

from bench.places import Installation
from hub.connectors import Connector, discover
from hub.domain.calls import CallEvent, CallState
from hub.domain.delivery import Delivery, Fact
from hub.telephony.calls import Call, fold
from hub.telephony.listener.lines import line
from hub.telephony.simulator import Capture, Simulator, load
from hub.telephony.simulator.captures import Step

NAME = "pbx"
CALLS = (
    "01-inbound-answered",
    "04-inbound-queue-answered",
    "04c-inbound-ring-group",
    "05-inbound-queue-abandoned",
    "06-inbound-blind-transfer",
    "06b-inbound-blind-transfer-feature-code",
    "08-outbound-answered-agent-hangs-up",
    "09b-outbound-busy",
)
"""Calls that are one conversation from their first event on; about two hundred events each."""
SETTINGS: Mapping[str, str] = {
    "extensions": r"^1\d\d$",
    "trunks": "PJSIP/pstn-trunk",
    "inbound_contexts": "from-pstn",
    "internal_contexts": "from-internal",
    "lines": ",".join(f"+38044555120{last}" for last in (0, 1, 2, 3, 4, 6)),
    "region": "UA",
    "timezone": "Europe/Kyiv",
}


def connect(place: Installation, pbx: Simulator | None = None) -> None:
    """Add the connection: to a PBX that is there, or for imported history alone."""
    live = {"host": pbx.host, "port": pbx.port, "username": pbx.username, "secret": pbx.secret} if pbx else {}
    given = [f"--set={name}={value}" for name, value in {**SETTINGS, **live}.items()]
    place.run("connection", "add", "asterisk", NAME, *given)


def clients(number: int) -> Mapping[str, str]:
    """Other people for the captures' three clients: `number` makes them nobody else's."""
    return {"671234567": f"67{number:07}", "501112233": f"50{number:07}", "931230045": f"93{number:07}"}


def headers(text: str) -> dict[str, Any]:
    """An event's text as the captures keep it; a header that comes twice becomes a list."""
    found: dict[str, Any] = {}
    for name, _, value in (one.partition(": ") for one in text.splitlines()):
        before = found.get(name)
        found[name] = value if before is None else [*(before if isinstance(before, list) else [before]), value]
    return found


def call_id(capture: Capture) -> str:
    """The id the PBX itself gave the captured call."""
    return _calls(capture, len(capture.steps))[0].id


@cache
def changes(title: str) -> Mapping[CallState, float]:
    """Seconds after the first event at which the call's state must change: asked of the connector, step by step."""
    capture = load(title)
    found = {state: _first(capture, state) for state in (CallState.RINGING, CallState.TALKING, CallState.ENDED)}
    return {state: capture.steps[place].after for state, place in found.items() if place is not None}


def _first(capture: Capture, state: CallState) -> int | None:
    """The step after which the call is in `state` for the first time; states never go backwards."""
    order = (None, CallState.RINGING, CallState.TALKING, CallState.ENDED)
    low, high = 0, len(capture.steps)
    while low < high:
        middle = (low + high) // 2
        now = next((call.state for call in _calls(capture, middle + 1)), None)
        low, high = (low, middle) if order.index(now) >= order.index(state) else (middle + 1, high)
    reached = low < len(capture.steps) and _calls(capture, low + 1)[0].state == state
    return low if reached else None


def events_a_call() -> float:
    """How many call events one of `CALLS` is, on average."""
    return sum(len(_events(load(title), len(load(title).steps))) for title in CALLS) / len(CALLS)


def _calls(capture: Capture, steps: int) -> Sequence[Call]:
    events = _events(capture, steps)
    return [fold(event for event in events if event.call == call) for call in sorted({event.call for event in events})]


def _events(capture: Capture, steps: int) -> Sequence[CallEvent]:
    connector, settings = _connector()
    body = b"".join(_lines(capture.steps[:steps], capture.began))
    delivery = Delivery(connection_id=1, body=body, content_type="application/x-ndjson", received_at=capture.began)
    delivery = delivery.with_settings(settings)
    facts = [thing for thing in connector.translate(delivery) if isinstance(thing, Fact)]
    return connector.interpret(facts, settings)


def _lines(steps: Sequence[Step], began: datetime) -> Iterator[bytes]:
    for step in steps:
        yield line(began + timedelta(seconds=step.after), headers("".join(step.pieces)))


@cache
def _connector() -> tuple[Connector, BaseModel]:
    connector = discover()["asterisk"]
    return connector, connector.Settings(**SETTINGS)
