"""AMI events: which of the hundreds matter, what of them is kept, and what they say in signals.

Asterisk says 100 to 400 things about one call; about one in four is read here. Field names are AMI's own.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from hub.telephony.providers.asterisk.signals import Birth, Signal, Verb
from hub.telephony.providers.asterisk.text import technology, text

Event = Mapping[str, Any]
Data = Mapping[str, str]

ID_FIELDS = (
    "Uniqueid",
    "Linkedid",
    "DestUniqueid",
    "DestLinkedid",
    "SwapUniqueid",
    "TargetUniqueid",
    "TargetLinkedid",
    "TransfererUniqueid",
    "TransfererLinkedid",
    "TransfereeUniqueid",
    "TransfereeLinkedid",
    "OrigTransfererUniqueid",
    "OrigTransfererLinkedid",
    "SecondTransfererUniqueid",
    "SecondTransfererLinkedid",
    "TransferTargetUniqueid",
    "TransferTargetLinkedid",
    "LocalOneUniqueid",
    "LocalOneLinkedid",
    "LocalTwoUniqueid",
    "LocalTwoLinkedid",
)
"""Every header that names a channel or a group of channels: what shares one belongs to one conversation."""

_CHANNEL = ("Channel", "Uniqueid", "Linkedid")
_DIALLED = (*_CHANNEL, "CallerIDNum", "DestChannel", "DestUniqueid", "DestLinkedid", "DestCallerIDNum")
FIELDS: Mapping[str, tuple[str, ...]] = {
    "Newchannel": (*_CHANNEL, "ChannelState", "Context", "Exten", "CallerIDNum", "CallerIDName"),
    "Newstate": (*_CHANNEL, "ChannelState"),
    "NewCallerid": (*_CHANNEL, "CallerIDNum", "CallerIDName", "CID-CallingPres"),
    "Newexten": (*_CHANNEL, "Context", "Extension", "Application", "AppData"),
    "VarSet": (*_CHANNEL, "Variable", "Value"),
    "DialBegin": (*_DIALLED, "DialString"),
    "DialState": (*_DIALLED, "DialStatus"),
    "DialEnd": (*_DIALLED, "DialStatus", "Forward"),
    "Pickup": (*_CHANNEL, "TargetChannel", "TargetUniqueid", "TargetLinkedid"),
    "BridgeEnter": (*_CHANNEL, "BridgeUniqueid", "BridgeTechnology", "SwapUniqueid"),
    "BridgeLeave": (*_CHANNEL, "BridgeUniqueid"),
    "MeetmeJoin": (*_CHANNEL, "Meetme"),
    "MeetmeLeave": (*_CHANNEL, "Meetme"),
    "Hold": _CHANNEL,
    "Unhold": _CHANNEL,
    "MusicOnHoldStart": _CHANNEL,
    "MusicOnHoldStop": _CHANNEL,
    "BlindTransfer": ("Result", "TransfererChannel", "TransfererUniqueid", "TransfererLinkedid", "Extension"),
    "AttendedTransfer": ("Result",),
    "QueueCallerJoin": (*_CHANNEL, "Queue"),
    "QueueCallerAbandon": (*_CHANNEL, "Queue"),
    "QueueCallerLeave": (*_CHANNEL, "Queue"),
    "HangupRequest": (*_CHANNEL, "ChannelState", "Cause"),
    "Hangup": (*_CHANNEL, "Cause"),
    "OriginateResponse": ("ActionID", "Response", "Channel", "Exten", "Reason", "Uniqueid"),
    "CoreShowChannel": (*_CHANNEL, "ChannelState", "CallerIDNum", "CallerIDName", "BridgeId"),
    "Cdr": (),
    "HubGap": ("From", "To", "Linkedid", "Alive"),
}
REQUEST_VARIABLE = "HUB_CALL_ID"
"""The variable a click-to-call carries: its value is the id of the request."""
_VARIABLES = {REQUEST_VARIABLE, "MIXMONITOR_FILENAME", "FROM_DID", "VMSTATUS", "AMPUSER"}
_APPLICATIONS = {"voicemail", "minivmrecord"}
_PLAYING_BUSY = "7"
_HOLDING = "holding_bridge"
"""Where parked callers wait: together in one bridge, but not with each other."""


def keeps(event: Event) -> bool:
    """Whether the interpreter reads this event; a listener drops the rest before it stores anything."""
    match event.get("Event"):
        case "VarSet":
            return _variable(event) in _VARIABLES and bool(text(event.get("Value")))
        case "Newexten":
            return _is_step(event) or text(event.get("Application")).lower() in _APPLICATIONS
        case "Newstate":
            return text(event.get("ChannelState")) in {"5", "6"}
        case "DialState":
            return text(event.get("DialStatus")) == "RINGING"
        case name:
            return isinstance(name, str) and name in FIELDS


def _variable(event: Event) -> str:
    return text(event.get("Variable")).lstrip("_")


def _is_step(event: Event) -> bool:
    """The dial plan arrived at a short number: the only trace of a phone that is not there."""
    short = text(event.get("Extension"))
    arrived = text(event.get("Priority")) == "1" and short.isdecimal() and 2 <= len(short) <= 6
    return arrived and text(event.get("Application")) not in {"AppDial", "AppDial2", "AppQueue"}


def trim(event: Event) -> dict[str, str]:
    """Only what is read, as text; headers without a value are left out."""
    name = text(event.get("Event"))
    data = {field: value for field in FIELDS[name] if (value := text(event.get(field)))}
    return {"Event": name} | data


def nodes(event: Event) -> frozenset[str]:
    """Every channel and group the event names; a click-to-call's request ties its parts together too."""
    ids = {value for field in ID_FIELDS if (value := text(event.get(field)))}
    if event.get("Event") == "OriginateResponse" and (request := text(event.get("ActionID"))):
        ids.add(f"request:{request}")
    if event.get("Event") == "VarSet" and _variable(event) == REQUEST_VARIABLE:
        ids.add(f"request:{text(event.get('Value'))}")
    return frozenset(ids)


def signals(at: datetime, data: Data) -> Iterator[Signal]:
    """What one kept event says."""
    handler = _HANDLERS.get(data["Event"])
    return handler(at, data) if handler else iter(())


def _say(at: datetime, verb: Verb, data: Data, other: str = "", value: str = "", about: tuple[str, ...] = ()) -> Signal:
    who = (data.get("Uniqueid", ""), data.get("Channel", ""), data.get("Linkedid", ""))
    return Signal(at, verb, *who, other, value, about)


def _say_of_dialled(
    at: datetime, verb: Verb, data: Data, other: str = "", value: str = "", about: tuple[str, ...] = ()
) -> Signal:
    who = (data.get("DestUniqueid", ""), data.get("DestChannel", ""), data.get("DestLinkedid", ""))
    return Signal(at, verb, *who, other, value, about)


def _birth(data: Data) -> Birth:
    fields = ("Context", "Exten", "CallerIDNum", "CallerIDName", "ChannelState")
    return Birth(*(data.get(field, "") for field in fields))


def _newchannel(at: datetime, data: Data) -> Iterator[Signal]:
    yield _say(at, Verb.BORN, data, about=_birth(data))


def _core_show_channel(at: datetime, data: Data) -> Iterator[Signal]:
    yield _say(at, Verb.LISTED, data)
    yield from _new_caller_id(at, data)
    yield from _newstate(at, data)
    if bridge := data.get("BridgeId"):
        yield _say(at, Verb.ENTERED, data, bridge)


def _newstate(at: datetime, data: Data) -> Iterator[Signal]:
    verb = {"5": Verb.RINGING, "6": Verb.UP}.get(data.get("ChannelState", ""))
    if verb is not None:
        yield _say(at, verb, data)


def _new_caller_id(at: datetime, data: Data) -> Iterator[Signal]:
    about = (data.get("CallerIDNum", ""), data.get("CallerIDName", ""), data.get("CID-CallingPres", ""))
    yield _say(at, Verb.CALLER_ID, data, about=about)


def _new_exten(at: datetime, data: Data) -> Iterator[Signal]:
    if data.get("Application", "").lower() in _APPLICATIONS:
        yield _say(at, Verb.RAN, data, data.get("AppData", ""), data["Application"].lower())
    else:
        yield _say(at, Verb.REACHED, data, data.get("Context", ""), data.get("Extension", ""))


def _var_set(at: datetime, data: Data) -> Iterator[Signal]:
    yield _say(at, Verb.VARIABLE, data, data.get("Variable", "").lstrip("_"), data.get("Value", ""))


def _dial_begin(at: datetime, data: Data) -> Iterator[Signal]:
    by = data.get("Uniqueid", "")
    numbers = (data.get("DestCallerIDNum", ""), data.get("CallerIDNum", "") if by else "")
    yield _say_of_dialled(at, Verb.DIALLED, data, by, data.get("DialString", ""), numbers)


def _dial_state(at: datetime, data: Data) -> Iterator[Signal]:
    yield _say_of_dialled(at, Verb.RINGING, data)


def _dial_end(at: datetime, data: Data) -> Iterator[Signal]:
    yield _say_of_dialled(at, Verb.DIAL_ENDED, data, data.get("Forward", ""), data.get("DialStatus", ""))


def _pickup(at: datetime, data: Data) -> Iterator[Signal]:
    who = (data.get("TargetUniqueid", ""), data.get("TargetChannel", ""), data.get("TargetLinkedid", ""))
    yield Signal(at, Verb.PICKED_UP, *who, data.get("Uniqueid", ""), data.get("Channel", ""))


def _bridge_enter(at: datetime, data: Data) -> Iterator[Signal]:
    if data.get("BridgeTechnology") != _HOLDING:
        yield _say(at, Verb.ENTERED, data, data.get("BridgeUniqueid", ""))


def _bridge_leave(at: datetime, data: Data) -> Iterator[Signal]:
    yield _say(at, Verb.LEFT, data, data.get("BridgeUniqueid", ""))


def _meetme(verb: Verb) -> Callable[[datetime, Data], Iterator[Signal]]:
    def handler(at: datetime, data: Data) -> Iterator[Signal]:
        yield _say(at, verb, data, f"meetme:{data.get('Meetme', '')}")

    return handler


def _blind_transfer(at: datetime, data: Data) -> Iterator[Signal]:
    if data.get("Result") == "Success":
        who = (
            data.get("TransfererUniqueid", ""),
            data.get("TransfererChannel", ""),
            data.get("TransfererLinkedid", ""),
        )
        yield Signal(at, Verb.TRANSFERRED, *who, value=data.get("Extension", ""))


def _hangup_request(at: datetime, data: Data) -> Iterator[Signal]:
    # While the dial plan plays busy or congestion, this comes from the PBX, not from the party.
    tone = "tone" if data.get("ChannelState") == _PLAYING_BUSY else ""
    yield _say(at, Verb.ASKED_TO_END, data, value=tone)


def _originate_response(at: datetime, data: Data) -> Iterator[Signal]:
    if technology(data.get("Channel", "")) and data.get("Exten"):
        yield Signal(at, Verb.ORIGINATED, data.get("Uniqueid", ""), other=data["Exten"])


def _plain(verb: Verb, field: str = "") -> Callable[[datetime, Data], Iterator[Signal]]:
    def handler(at: datetime, data: Data) -> Iterator[Signal]:
        yield _say(at, verb, data, value=data.get(field, ""))

    return handler


_HANDLERS: Mapping[str, Callable[[datetime, Data], Iterator[Signal]]] = {
    "Newchannel": _newchannel,
    "CoreShowChannel": _core_show_channel,
    "Newstate": _newstate,
    "NewCallerid": _new_caller_id,
    "Newexten": _new_exten,
    "VarSet": _var_set,
    "DialBegin": _dial_begin,
    "DialState": _dial_state,
    "DialEnd": _dial_end,
    "Pickup": _pickup,
    "BridgeEnter": _bridge_enter,
    "BridgeLeave": _bridge_leave,
    "MeetmeJoin": _meetme(Verb.ENTERED),
    "MeetmeLeave": _meetme(Verb.LEFT),
    "Hold": _plain(Verb.HELD),
    "Unhold": _plain(Verb.UNHELD),
    "MusicOnHoldStart": _plain(Verb.MUSIC),
    "MusicOnHoldStop": _plain(Verb.QUIET),
    "BlindTransfer": _blind_transfer,
    "QueueCallerJoin": _plain(Verb.QUEUED, "Queue"),
    "QueueCallerAbandon": _plain(Verb.ABANDONED),
    "QueueCallerLeave": _plain(Verb.UNQUEUED),
    "HangupRequest": _hangup_request,
    "Hangup": _plain(Verb.ENDED, "Cause"),
    "OriginateResponse": _originate_response,
}
