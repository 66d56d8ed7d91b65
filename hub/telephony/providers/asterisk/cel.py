"""CEL rows as facts: of each row what the interpreter reads, under the names of ``cel_custom.conf``."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from hub.domain.delivery import Fact
from hub.telephony.providers.asterisk import times
from hub.telephony.providers.asterisk.settings import AsteriskSettings
from hub.telephony.providers.asterisk.tables import Row, event_name
from hub.telephony.providers.asterisk.text import text

Data = Mapping[str, str]

_CHANNEL = ("uniqueid", "linkedid", "channame")
_CALLER = (*_CHANNEL, "cid_num", "cid_name")
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "CHAN_START": (*_CALLER, "context", "exten"),
    "ANSWER": (*_CALLER, "appname"),
    "APP_START": (*_CALLER, "appname", "appdata"),
    "APP_END": (*_CHANNEL, "appname"),
    "BRIDGE_ENTER": (*_CHANNEL, "peer"),
    "BRIDGE_EXIT": (*_CHANNEL, "peer"),
    "BRIDGE_START": (*_CHANNEL, "peer"),
    "BRIDGE_END": (*_CHANNEL, "peer"),
    "BLINDTRANSFER": _CHANNEL,
    "ATTENDEDTRANSFER": _CHANNEL,
    "PICKUP": _CHANNEL,
    "STREAM_BEGIN": _CHANNEL,
    "STREAM_END": _CHANNEL,
    "MIXMONITOR_START": _CHANNEL,
    "XIVO_INCALL": _CHANNEL,
    "XIVO_OUTCALL": _CHANNEL,
    "HANGUP": (*_CALLER, "appname"),
    "CHAN_END": _CHANNEL,
    "LINKEDID_END": _CHANNEL,
}
_EXTRA: Mapping[str, tuple[str, ...]] = {
    "BRIDGE_ENTER": ("bridge_id", "bridge_technology"),
    "BRIDGE_EXIT": ("bridge_id",),
    "BLINDTRANSFER": ("extension", "transferee_channel_uniqueid"),
    "ATTENDEDTRANSFER": ("channel2_uniqueid", "transferee_channel_uniqueid", "transfer_target_channel_uniqueid"),
    "PICKUP": ("pickup_channel", "pickup_channel_uniqueid"),
    "STREAM_BEGIN": ("class",),
    "MIXMONITOR_START": ("filename",),
    "HANGUP": ("hangupcause", "hangupsource", "dialstatus"),
}
"""What is read of the ``extra`` column, which holds a JSON object where it holds anything."""
_APPLICATIONS = {"Dial", "Queue", "VoiceMail", "MinivmRecord"}


def fact(row: Row, settings: AsteriskSettings) -> Fact | None:
    """A row as a fact; None when nothing in it is read. ValueError when its time is none."""
    kind = event_name(row["eventtype"])
    fields = _FIELDS.get(kind)
    if fields is None or (kind in {"APP_START", "APP_END"} and row.get("appname", "") not in {*_APPLICATIONS, ""}):
        return None
    data = {"eventtype": kind} | {name: value for name in fields if (value := text(row.get(name)))}
    unique_id = data.get("uniqueid", "")
    if not unique_id:
        return None
    if (place := row.get("id", "")).isdecimal():
        data["id"] = place
    if kind in _EXTRA:
        data |= _extra(row.get("extra") or row.get("userfield") or "", _EXTRA[kind])
    at = times.parse(row["eventtime"], settings.zone, times.epoch_of(unique_id))
    ids = {value for name, value in data.items() if name.endswith("uniqueid") or name == "linkedid"}
    return Fact(nodes=frozenset(ids), at=at, data=data)


def _extra(shown: Any, names: Sequence[str]) -> dict[str, str]:
    try:
        told = json.loads(shown) if isinstance(shown, str) else shown
    except (ValueError, RecursionError):
        return {}
    if not isinstance(told, dict):
        return {}
    return {name: value for name in names if (value := text(told.get(name)))}


def of_manager_event(event: Mapping[str, Any]) -> dict[str, str]:
    """A ``CEL`` event of the manager interface as a row; its time is the line's own."""
    return {column: text(event.get(header)) for header, column in _HEADERS.items()}


_HEADERS = {
    "EventName": "eventtype",
    "UniqueID": "uniqueid",
    "LinkedID": "linkedid",
    "Channel": "channame",
    "CallerIDnum": "cid_num",
    "CallerIDname": "cid_name",
    "Context": "context",
    "Exten": "exten",
    "Application": "appname",
    "AppData": "appdata",
    "Peer": "peer",
    "Extra": "extra",
}
