"""From a delivery to facts: what it says of one leg, of a dial that is over, or of a recording.

Twilio speaks of legs ("calls"): a conversation is a tree of them, held together by ParentCallSid and DialCallSid. Any
of them may be heard of first, so each fact stands by itself and `story` reads them together.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from hub.domain.delivery import Delivery, Fact
from hub.domain.errors import Unrecognised
from hub.domain.identity import clean
from hub.telephony.providers.twilio import requests
from hub.telephony.providers.twilio.requests import Told
from hub.telephony.providers.twilio.states import OVER, STEPS, Step

CALL = re.compile(r"CA[0-9a-fA-F]{32}")
RECORDING = re.compile(r"RE[0-9a-fA-F]{32}")
SECONDS = re.compile(r"\d{1,6}")
LEG, DIALLED, RECORDED = "leg", "dialled", "recorded"
CONTEXT = {"of": "of", "req": "request", "to": "client", "as": "role"}
"""What our own addresses say of the conversation → the fact's word."""


def facts(delivery: Delivery) -> Iterator[Fact]:
    """Unrecognised when it is nothing Twilio says of calls."""
    if delivery.content_type == requests.JSON and isinstance(rows := _rows(delivery), list):
        for row in rows:
            yield from _row(row, delivery.received_at)
        return
    told = requests.read(delivery)
    call = told.fields.get("CallSid", "")
    if not CALL.fullmatch(call):
        raise Unrecognised(f"twilio tells of no call: CallSid {call[:40]!r}")
    records = "RecordingSid" in told.fields and "CallbackSource" not in told.fields
    if records:
        yield from _recorded(told, call)
    if not records or "CallStatus" in told.fields:
        yield _leg(told, call)
    if "DialCallStatus" in told.fields:
        yield from _dialled(told, call)


def _leg(told: Told, call: str) -> Fact:
    status = told.get("CallStatus")
    if status not in STEPS:
        raise Unrecognised(f"twilio call status {status!r}")
    said: dict[str, Any] = {
        "from": told.get("From"),
        "to": told.get("To"),
        "direction": told.get("Direction"),
        "door": told.door,
    }
    said |= {"name": told.get("CallerName"), "seconds": _seconds(told.get("CallDuration")), "status": status}
    said |= {word: told.context.get(name) for name, word in CONTEXT.items()}
    at = told.moment("Timestamp")
    return _fact(LEG, at or told.at, call, _sid(told.get("ParentCallSid")), said | {"stamped": at is not None or None})


def _dialled(told: Told, call: str) -> Iterator[Fact]:
    """A `<Dial>` is over: how the leg it made fared, and whether the one that dialled is still there."""
    child, status = _sid(told.get("DialCallSid")), told.get("DialCallStatus")
    said: dict[str, Any] = {"status": status, "left": told.get("CallStatus") in OVER or None}
    yield _fact(DIALLED, told.at, call, None, said | {"child": child})
    if child and status in STEPS:
        ended: dict[str, Any] = {"status": "completed" if STEPS[status] is Step.PICKED_UP else status}
        ended |= {
            "seconds": _seconds(told.get("DialCallDuration")),
            "apart": told.get("DialBridged") == "false" or None,
        }
        yield _fact(LEG, told.at, child, call, ended | {"direction": "outbound-dial"})


def _recorded(told: Told, call: str) -> Iterator[Fact]:
    """A recording is there (`completed`; the action of `<Record>` says no status), or will never be (`absent`)."""
    sid, status = told.fields["RecordingSid"], told.get("RecordingStatus") or "completed"
    if not RECORDING.fullmatch(sid):
        raise Unrecognised(f"twilio tells of no recording: RecordingSid {sid[:40]!r}")
    if status != "completed" or told.get("RecordingDuration") == "0":
        return
    message = told.door == "voicemail" or told.get("RecordingSource") == "RecordVerb"
    said = {"recording": sid, "message": message or None, "source": told.get("RecordingSource")}
    yield _fact(RECORDED, told.moment("RecordingStartTime") or told.at, call, None, said)


# ---- Twilio's own list ----


def _rows(delivery: Delivery) -> Any:
    """The list `listing` wrote; None when this is a webhook."""
    said = delivery.json()
    return said.get("calls") if isinstance(said, dict) else None


def _row(row: Any, now: datetime) -> Iterator[Fact]:
    """A leg as Twilio's list shows it: when it began, and how and when it ended."""
    match row:
        case {"sid": str(call), "status": str(status)} if CALL.fullmatch(call) and status in STEPS:
            parent = _sid(_text(row, "parent_call_sid"))
        case _:
            raise Unrecognised("a listed call without sid or status")
    said = {name: _text(row, name) for name in ("from", "to", "direction")} | {"name": _text(row, "caller_name")}
    began = requests.moment(_text(row, "start_time")) or requests.moment(_text(row, "date_created"))
    began_as = "ringing" if status not in ("failed", "queued") else "queued"
    yield _fact(LEG, began or now, call, parent, said | {"status": began_as, "stamped": began is not None or None})
    ended = requests.moment(_text(row, "end_time"))
    if status in OVER and ended is not None:
        seconds = _seconds(_text(row, "duration"))
        yield _fact(LEG, ended, call, parent, {"status": status, "seconds": seconds, "stamped": True})


def _text(row: Mapping[str, Any], name: str) -> str | None:
    value = row.get(name)
    return clean(value, requests.MAX_VALUE) or None if isinstance(value, str) else None


# ---- small print ----


def _fact(kind: str, at: datetime, call: str, parent: str | None, said: Mapping[str, Any]) -> Fact:
    told = {name: value for name, value in said.items() if value is not None}
    nodes = frozenset(filter(None, (call, parent, told.get("child"))))
    return Fact(nodes=nodes, at=at, data={"kind": kind, "call": call} | ({"parent": parent} if parent else {}) | told)


def _sid(text: str | None) -> str | None:
    return text if text and CALL.fullmatch(text) else None


def _seconds(text: str | None) -> int | None:
    return int(text) if text and SECONDS.fullmatch(text) else None
