"""One notification as a fact. What happened when is told by its receipt; `call_start` is when the call began."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from hub.domain.delivery import Delivery, Fact
from hub.domain.errors import Unrecognised
from hub.domain.identity import clean
from hub.telephony.providers.zadarma import phones, rows, times

START, INTERNAL, ANSWER, END = "NOTIFY_START", "NOTIFY_INTERNAL", "NOTIFY_ANSWER", "NOTIFY_END"
OUT_START, OUT_END = "NOTIFY_OUT_START", "NOTIFY_OUT_END"
RECORD, IVR = "NOTIFY_RECORD", "NOTIFY_IVR"
EVENTS = (START, INTERNAL, ANSWER, END, OUT_START, OUT_END, RECORD, IVR)
FORM = "application/x-www-form-urlencoded"
OUR_LEG = "callback_leg1"
"""Click-to-call rings our own phone by a call of its own, which is nobody's conversation."""
MAX_FIELDS = 100
MAX_TEXT = 200
NUMBERS = {"caller_id": "caller", "called_did": "line", "destination": "destination"}
"""Fields of numbers → the names they have in a fact."""
Fields = Mapping[str, str]


def fields(delivery: Delivery) -> Fields:
    """Every field as it may be kept; Unrecognised when it is no form."""
    return {name: clean(value, MAX_TEXT) for name, value in form(delivery).items()}


def form(delivery: Delivery) -> Fields:
    """Every field as it was sent, the last of each name as Zadarma's own code reads it."""
    if delivery.content_type != FORM:
        raise Unrecognised(f"got {delivery.content_type[:80]}: expected a form")
    try:
        pairs = parse_qsl(delivery.body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise Unrecognised(f"no form: {error}") from error
    return dict(pairs)


def facts(delivery: Delivery) -> Sequence[Fact]:
    """What a notification says of its call, or what the statistics say of theirs; Unrecognised names what is wrong."""
    if delivery.content_type.endswith("json"):
        return rows.facts(delivery)
    said = fields(delivery)
    event, call = said.get("event", ""), said.get("pbx_call_id", "")
    if event not in EVENTS:
        raise Unrecognised(f"event: got {event!r}: expected one of {', '.join(EVENTS)}")
    if not call:
        raise Unrecognised("pbx_call_id: is missing; every notification names its call")
    if said.get("calltype") == OUR_LEG:
        return []
    return [Fact(nodes=frozenset({call}), at=delivery.received_at, data=_data(event, call, said, delivery))]


def _data(event: str, call: str, said: Fields, delivery: Delivery) -> dict[str, Any]:
    data: dict[str, Any] = {"event": event, "call": call}
    if event != RECORD:
        zone = delivery.settings.timezone
        data["began"] = times.moment(said.get("call_start", ""), zone, delivery.received_at).isoformat()
    data |= {name: text for field, name in NUMBERS.items() if (text := said.get(field))}
    data |= {name: phone for name in ("internal", "last_internal") if (phone := _phone(said.get(name, "")))}
    if event in (END, OUT_END):
        data |= {"disposition": said.get("disposition", ""), "seconds": times.seconds(said.get("duration", ""))}
    if (reference := said.get("call_id_with_rec")) and (event == RECORD or said.get("is_recorded") == "1"):
        data["recording"] = reference
    return data


def _phone(text: str) -> str | None:
    """A phone as it is known here: an extension, or the number a call was sent on to."""
    return phones.extension(text) or text or None
