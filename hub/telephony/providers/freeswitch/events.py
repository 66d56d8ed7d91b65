"""Events of the event socket: which of them matter, what of them is kept, and the leg each shows.

Nearly every event shows its channel whole, with all moments up to then, so one that was missed is made up for
by the next.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from hub.domain.clock import parse_iso
from hub.domain.delivery import Delivery, Fact
from hub.domain.errors import Unrecognised
from hub.telephony.providers.freeswitch import text as read
from hub.telephony.providers.freeswitch.records import nodes
from hub.telephony.providers.freeswitch.snapshots import Snapshot, known, of_variables

CONTENT_TYPE = "application/x-ndjson"
NAMES = (
    *("CHANNEL_CREATE", "CHANNEL_PROGRESS", "CHANNEL_PROGRESS_MEDIA", "CHANNEL_ANSWER", "CHANNEL_BRIDGE"),
    *("CHANNEL_UNBRIDGE", "CHANNEL_HOLD", "CHANNEL_UNHOLD", "CHANNEL_HANGUP_COMPLETE", "RECORD_START"),
)
_VARIABLES = frozenset(
    (
        *("originating_leg_uuid", "bridge_uuid", "signal_bond", "last_bridge_to", "call_uuid", "originate_causes"),
        *(
            "originated_legs",
            "originator",
            "transfer_history",
            "channel_name",
            "hangup_cause",
            "sip_hangup_disposition",
        ),
        *("originate_disposition", "hub_request", "hub_number", "dialed_user", "sip_auth_username", "user_name"),
        *("cc_queue", "cc_cause", "cc_queue_joined_epoch", "cc_member_session_uuid", "cc_agent_uuid", "hold_events"),
        *("record_path", "record_name", "voicemail_file_path", "voicemail_message_len"),
    )
)
_HEADERS = frozenset(
    (
        *("Event-Name", "Event-Date-Timestamp", "Unique-ID", "Call-Direction", "Channel-Name", "Hangup-Cause"),
        *("Caller-Caller-ID-Number", "Caller-Caller-ID-Name", "Caller-Destination-Number", "Caller-Profile-Index"),
        *("Caller-Channel-Created-Time", "Caller-Channel-Progress-Time", "Caller-Channel-Progress-Media-Time"),
        *("Caller-Channel-Answered-Time", "Caller-Channel-Bridged-Time", "Caller-Channel-Hangup-Time"),
        *("Other-Type", "Other-Leg-Unique-ID", "Bridge-A-Unique-ID", "Bridge-B-Unique-ID", "Channel-Call-UUID"),
        *("Record-File-Path",),
    )
)
_TIMES = {
    "born": "Created",
    "rang": "Progress",
    "early": "Progress-Media",
    "answered": "Answered",
    "bridged": "Bridged",
    "ended": "Hangup",
}
_MARKS = {"CHANNEL_HOLD": "held", "CHANNEL_UNHOLD": "released"}


def trimmed(event: Mapping[str, Any]) -> dict[str, str] | None:
    """Only what is read of an event; None when nothing is."""
    if event.get("Event-Name") not in NAMES:
        return None
    wanted = (name for name in event if name in _HEADERS or name.removeprefix("variable_") in _VARIABLES)
    return {name: value for name in wanted if (value := read.text(event[name]))}


def happened(event: Mapping[str, Any]) -> datetime | None:
    """When, by the switch's own clock."""
    at = read.micros(read.text(event.get("Event-Date-Timestamp")))
    return None if at is None else read.moment(at)


def facts(delivery: Delivery) -> Iterator[Fact]:
    """A fact for each line that tells of a leg; Unrecognised when a line is no event at all."""
    for number, line in enumerate(delivery.json_lines(), start=1):
        try:
            at, event = parse_iso(line["at"]), line["event"]
            name = event.get("Event-Name") or event.get("Event")
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise Unrecognised(f"line {number} is no event with its time") from error
        if name == "HubGap":
            yield from _gap(event)
        elif name in NAMES:
            yield from _told(at, read.texts(event))


def _gap(event: Mapping[str, Any]) -> Iterator[Fact]:
    said = read.texts(event)
    try:
        since, until = parse_iso(said["From"]), parse_iso(said["To"])
        call = said["Linkedid"]
    except (KeyError, ValueError) as error:
        raise Unrecognised("a gap without its call or its times") from error
    data = {"gap": call, "since": since.isoformat(), "alive": said.get("Alive") == "yes"}
    yield Fact(nodes=frozenset({call}), at=until, data=data)


def _told(received: datetime, said: Mapping[str, str]) -> Iterator[Fact]:
    [leg, *_] = read.uuids(said.get("Unique-ID", "")) or [""]
    if leg:
        at = happened(said) or received
        shown = _snapshot(leg, said) | _mark(at, said)
        yield Fact(nodes=nodes(shown), at=at, data=shown)


def _snapshot(leg: str, said: Mapping[str, str]) -> Snapshot:
    variables = {name.removeprefix("variable_"): value for name, value in said.items() if name.startswith("variable_")}
    direction = said.get("Call-Direction", "")
    shown = of_variables(leg, {"direction": direction} | variables)
    first = said.get("Caller-Profile-Index", "1") == "1"
    shown |= known(
        {
            "channel": said.get("Channel-Name", ""),
            "caller": read.number(said.get("Caller-Caller-ID-Number", "")),
            "name": said.get("Caller-Caller-ID-Name", ""),
            "dialled": read.number(said.get("Caller-Destination-Number", "")) if first else "",
            "cause": said.get("Hangup-Cause", ""),
            "by": shown.get("by") or _originator(leg, said),
            "others": _others(leg, said, shown),
            "recordings": [*shown.get("recordings", ()), *filter(None, [said.get("Record-File-Path")])],
        }
    )
    return shown | known({name: _time(said, stem) for name, stem in _TIMES.items()})


def _time(said: Mapping[str, str], stem: str) -> int | None:
    return read.micros(said.get(f"Caller-Channel-{stem}-Time", ""))


def _originator(leg: str, said: Mapping[str, str]) -> str:
    if said.get("Other-Type") != "originator":
        return ""
    return next((one for one in read.uuids(said.get("Other-Leg-Unique-ID", "")) if one != leg), "")


def _others(leg: str, said: Mapping[str, str], shown: Snapshot) -> list[str]:
    names = ("Other-Leg-Unique-ID", "Bridge-A-Unique-ID", "Bridge-B-Unique-ID", "Channel-Call-UUID")
    told = [one for name in names for one in read.uuids(said.get(name, ""))]
    return [one for one in dict.fromkeys([*shown.get("others", ()), *told]) if one != leg][: read.MOST]


def _mark(at: datetime, said: Mapping[str, str]) -> Snapshot:
    """Holding is told when it happens; a record tells of it whole."""
    mark = _MARKS.get(said.get("Event-Name", ""))
    return {mark: at.isoformat()} if mark else {}
