"""What AMI events that were kept say, in signals."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from hub.telephony.providers.asterisk.ami import APPLICATIONS
from hub.telephony.providers.asterisk.signals import BUSY_TONE, CONGESTION_TONE, Birth, Signal, Verb

Data = Mapping[str, str]

_PLAYING, _BUSY = "7", "17"
_HOLDING = "holding_bridge"
"""Where parked callers wait: together in one bridge, but not with each other."""


def signals(at: datetime, data: Data) -> Iterator[Signal]:
    """What one event says; of those kept for their ids alone, nothing."""
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
    if data.get("Application", "").lower() in APPLICATIONS:
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
    tone = BUSY_TONE if data.get("Cause") == _BUSY else CONGESTION_TONE
    yield _say(at, Verb.ASKED_TO_END, data, value=tone if data.get("ChannelState") == _PLAYING else "")


def _originate_response(at: datetime, data: Data) -> Iterator[Signal]:
    who = (data.get("Uniqueid", ""), data.get("Channel", ""))
    yield Signal(at, Verb.ORIGINATED, *who, other=data.get("Exten", ""), value=data.get("Response", ""))


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
