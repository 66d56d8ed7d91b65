"""Conversations the exchange holds: what is notified of each, in order, and what is true of its call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.telephony.simulator.scripted import Ending, ScriptedCall
from tests.standins.zadarma.exchange import LINE, Exchange, Fields, Row, wall

Q931 = {"answered": "16", "busy": "17", "no answer": "19", "cancel": "16", "unallocated number": "1"}


@dataclass
class Conversation:
    """`truth` in the words of the log; `told` in the order of the exchange, first to last."""

    call: str
    truth: Mapping[str, Any]
    told: list[Fields] = field(default_factory=list)

    def tell(self, event: str, **fields: str) -> None:
        self.told.append({"event": event, "pbx_call_id": self.call} | fields)


def answered(exchange: Exchange, caller: str, by: str = "102", *, rings: int = 8, talks: int = 60) -> Conversation:
    """Two phones ring, one picks up; recorded."""
    held, start = _inbound(exchange, caller, rings + talks, outcome="answered", talk_seconds=float(talks), reason=None)
    recording = exchange.recording_id()
    held.tell("NOTIFY_START", **start)
    for phone in ("101", "102"):
        held.tell("NOTIFY_INTERNAL", **start, internal=phone)
    held.tell("NOTIFY_ANSWER", **_picked_up(start, by))
    held.tell("NOTIFY_END", **start, **_end("answered", talks), internal=by, call_id_with_rec=recording)
    held.told[-1]["is_recorded"] = "1"
    held.tell("NOTIFY_RECORD", call_id_with_rec=recording)
    _listed(exchange, held, caller, by, "answered", talks, rings + talks, recording)
    held.truth = {**held.truth, "answered_by": by, "phones": {"101": "cancelled", "102": "cancelled", by: "answered"}}
    return held


def missed(exchange: Exchange, caller: str, how: str = "cancel", reason: str = "caller gave up") -> Conversation:
    held, start = _inbound(exchange, caller, 15, outcome="missed", talk_seconds=0.0, reason=reason)
    held.tell("NOTIFY_START", **start)
    held.tell("NOTIFY_INTERNAL", **start, internal="101")
    held.tell("NOTIFY_END", **start, **_end(how, 0), internal="101")
    _listed(exchange, held, caller, "101", how, 0, 15)
    return held


def message(exchange: Exchange, caller: str) -> Conversation:
    """Nobody picks up; the caller speaks to the exchange's voicemail."""
    held, start = _inbound(exchange, caller, 35, outcome="voicemail", talk_seconds=0.0, reason=None)
    recording = exchange.recording_id()
    held.tell("NOTIFY_START", **start)
    held.tell("NOTIFY_INTERNAL", **start, internal="101")
    held.tell("NOTIFY_END", **start, **_end("answered", 15), call_id_with_rec=recording)
    held.told[-1]["is_recorded"] = "1"
    held.tell("NOTIFY_RECORD", call_id_with_rec=recording)
    return held


def in_the_menu(exchange: Exchange, caller: str) -> Conversation:
    """The caller listens to the menu and hangs up."""
    reason = "nobody picked up, only a menu"
    held, start = _inbound(exchange, caller, 12, outcome="missed", talk_seconds=0.0, reason=reason)
    held.tell("NOTIFY_START", **start)
    held.tell("NOTIFY_IVR", **start, wait_dtmf='{"name":"menu","digits":"1","default_behaviour":false}')
    held.tell("NOTIFY_END", **start, **_end("answered", 12))
    return held


def transferred(exchange: Exchange, caller: str, *, rings: int = 5, talks: int = 90) -> Conversation:
    """101 picks up and puts the caller through to 103."""
    held, start = _inbound(exchange, caller, rings + talks, outcome="answered", talk_seconds=float(talks), reason=None)
    held.tell("NOTIFY_START", **start)
    for phone in ("101", "103"):
        held.tell("NOTIFY_INTERNAL", **start, internal=phone)
        held.tell("NOTIFY_ANSWER", **_picked_up(start, phone))
    held.tell("NOTIFY_END", **start, **_end("answered", talks), internal="101", last_internal="103")
    held.truth = {**held.truth, "answered_by": "101", "phones": {"101": "answered", "103": "answered"}}
    return held


def outbound(
    exchange: Exchange, client: str, how: str = "answered", *, outcome: str = "answered", talks: int = 45, **leg: str
) -> Conversation:
    """One of ours calls; `leg` says which of a callback's two calls it is."""
    seconds = talks + 6
    truth = {"direction": "outbound", "external_number": f"+{client}", "initiated_by": "101", "outcome": outcome}
    held = Conversation(exchange.call_id("out"), truth | {"talk_seconds": float(talks)})
    start = {"call_start": wall(exchange.began(seconds)), "internal": "101", "destination": client} | leg
    held.tell("NOTIFY_OUT_START", **start)
    if talks:
        held.tell("NOTIFY_ANSWER", **start, caller_id=LINE)
    held.tell("NOTIFY_OUT_END", **start, **_end(how, talks), caller_id=LINE)
    exchange.rows.append(Row(held.call, exchange.began(seconds), "101", LINE, client, how, talks))
    return held


def clicked(exchange: Exchange, client: str, *, talks: int = 45) -> tuple[Conversation, Conversation]:
    """A callback: the call to our own phone, which is nobody's, and the client's."""
    ours = outbound(exchange, "101", talks=talks + 6, calltype="callback_leg1")
    return ours, outbound(exchange, client, talks=talks, calltype="callback_leg2")


_HOW = {Ending.HUNG_UP: "answered", Ending.GAVE_UP: "cancel", Ending.RANG_OUT: "no answer", Ending.BUSY: "busy"}


def scripted(exchange: Exchange, call: ScriptedCall) -> Conversation:
    """A call as a script wants it, that ends now."""
    how, client, took = _HOW[call.ending], call.client.removeprefix("+"), call.rings + call.talks
    if call.outbound:
        held = Conversation(exchange.call_id("out"), {})
        start = {"call_start": wall(exchange.began(took)), "internal": call.phones[0], "destination": client}
        held.tell("NOTIFY_OUT_START", **start)
        if call.talks:
            held.tell("NOTIFY_ANSWER", **start, caller_id=LINE)
        held.tell("NOTIFY_OUT_END", **start, **_end(how, call.talks), caller_id=LINE)
        return held
    held, start = _inbound(exchange, client, took)
    held.tell("NOTIFY_START", **start)
    for phone in call.phones:
        held.tell("NOTIFY_INTERNAL", **start, internal=phone)
    if call.picked_up:
        held.tell("NOTIFY_ANSWER", **_picked_up(start, call.picked_up))
    held.tell("NOTIFY_END", **start, **_end(how, call.talks), internal=call.picked_up or call.phones[-1])
    return held


def _inbound(exchange: Exchange, caller: str, seconds: int, **truth: Any) -> tuple[Conversation, Fields]:
    number = f"+{caller}" if caller.isdecimal() else None
    held = Conversation(exchange.call_id("in"), {"direction": "inbound", "external_number": number} | truth)
    return held, {"call_start": wall(exchange.began(seconds)), "caller_id": caller, "called_did": LINE}


def _picked_up(start: Fields, phone: str) -> Fields:
    plain = {name: value for name, value in start.items() if name != "called_did"}
    return plain | {"destination": phone, "internal": phone}


def _end(how: str, seconds: int) -> Fields:
    return {"duration": str(seconds), "disposition": how, "status_code": Q931[how], "is_recorded": "0"}


def _listed(  # noqa: PLR0917 - a row of the statistics has that many columns
    exchange: Exchange, held: Conversation, caller: str, phone: str, how: str, talks: int, took: int, rec: str = ""
) -> None:
    clid = f'"{caller}" <{caller}>'
    exchange.rows.append(Row(held.call, exchange.began(took), LINE, clid, phone, how, talks, rec))
