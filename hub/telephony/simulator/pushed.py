"""What a phone system that tells three things about each call tells of one, and when it should."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from hub.domain.clock import iso
from hub.telephony.simulator.scripted import Ending, ScriptedCall

Push = Mapping[str, Any]
_CAUSES = {
    Ending.HUNG_UP: "normalClearing",
    Ending.GAVE_UP: "cancel",
    Ending.RANG_OUT: "noAnswer",
    Ending.BUSY: "busy",
}


def pushes(call: ScriptedCall) -> Iterator[tuple[datetime, Push]]:
    """Each push with its moment."""
    yield call.at, _push(call, "newCall", call.at, _begun(call))
    if call.answered is not None:
        yield call.answered, _push(call, "answer", call.answered, {"user": [call.picked_up or call.phones[0]]})
    yield call.end, _push(call, "hangup", call.end, {"cause": _CAUSES[call.ending]})


def _begun(call: ScriptedCall) -> Push:
    direction, ours = ("out", call.line) if call.outbound else ("in", call.client)
    theirs = call.client if call.outbound else call.line
    told = {"direction": direction, "from": ours, "to": theirs, "user": list(call.phones)}
    return told | ({"queue": call.queue} if call.queue else {})


def _push(call: ScriptedCall, event: str, at: datetime, fields: Push) -> Push:
    return {"event": event, "callId": call.id, "timestamp": iso(at), **fields}
