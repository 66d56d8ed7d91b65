"""AMI events: which of the hundreds matter and what of them is kept, under AMI's own field names.

Asterisk says 100 to 400 things about one call; about one in six is read here.
"""

from collections.abc import Mapping
from typing import Any

from hub.telephony.providers.asterisk.channels import REQUEST_VARIABLE
from hub.telephony.providers.asterisk.text import text

Event = Mapping[str, Any]

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
_VARIABLES = {REQUEST_VARIABLE, "MIXMONITOR_FILENAME", "FROM_DID", "VMSTATUS", "AMPUSER"}
APPLICATIONS = {"voicemail", "minivmrecord"}


def keeps(event: Event) -> bool:
    """Whether the interpreter reads this event; a listener drops the rest before it stores anything."""
    match event.get("Event"):
        case "VarSet":
            return _variable(event) in _VARIABLES and bool(text(event.get("Value")))
        case "Newexten":
            return _is_step(event) or text(event.get("Application")).lower() in APPLICATIONS
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
    """Every channel and group the event names; a click-to-call's request ties its parts together too.

    An answer that names its channel needs no such tie: other programs may give all their requests one ActionID.
    """
    ids = {value for field in ID_FIELDS if (value := text(event.get(field)))}
    if event.get("Event") == "OriginateResponse" and not ids and (request := text(event.get("ActionID"))):
        ids.add(f"request:{request}")
    if event.get("Event") == "VarSet" and _variable(event) == REQUEST_VARIABLE:
        ids.add(f"request:{text(event.get('Value'))}")
    return frozenset(ids)
