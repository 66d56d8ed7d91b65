"""One channel as a record or an event shows it: the same names and moments in both, so that both agree.

A channel is called a leg here. Everything is optional: what is not known yet is left out.
"""

from collections.abc import Mapping
from typing import Any

from hub.telephony.providers.freeswitch import text as read

REQUEST, NUMBER = "hub_request", "hub_number"
"""Channel variables that click-to-call gives to its first leg."""
Snapshot = dict[str, Any]
Variables = Mapping[str, str]

_TEXTS = {
    "direction": ("direction",),
    "channel": ("channel_name",),
    "cause": ("hangup_cause",),
    "hangup": ("sip_hangup_disposition",),
    "disposition": ("originate_disposition",),
    "bridge": ("bridge_uuid",),
    "request": (REQUEST,),
    "number": (NUMBER,),
    "queue": ("cc_queue",),
    "queue_cause": ("cc_cause",),
    "left_word": ("voicemail_file_path", "voicemail_message_len"),
}
"""What is kept, and the channel variables it is read from."""
_TIMES = {
    "born": "start",
    "rang": "progress",
    "early": "progress_media",
    "answered": "answer",
    "bridged": "bridge",
    "ended": "end",
}
_ORIGINATORS = ("originating_leg_uuid", "cc_member_session_uuid")
_RELATIVES = (
    *("bridge_uuid", "signal_bond", "last_bridge_to", "bridge_to", "call_uuid", "originate_causes", "originated_legs"),
    *("cc_member_session_uuid", "cc_agent_uuid", "originator", "transfer_history"),
)
"""Variables that name other legs of the same conversation."""


def of_variables(leg: str, said: Variables) -> Snapshot:
    """What the channel variables tell of the leg."""
    shown: Snapshot = {"leg": leg, "by": _originator(leg, said), "others": relatives(leg, said)}
    shown |= {name: next((said[one] for one in names if said.get(one)), "") for name, names in _TEXTS.items()}
    shown |= {name: _time(said, stem) for name, stem in _TIMES.items()}
    shown |= {
        "user": _user(said),
        "caller": read.number(said.get("caller_id_number", "")),
        "name": said.get("caller_id_name", ""),
        "queued": read.micros(said.get("cc_queue_joined_epoch", ""), 1_000_000),
        "holds": read.pairs(said.get("hold_events", "")),
        "transfers": [list(one) for one in read.transfers(said.get("transfer_history", ""))][: read.MOST],
        "recordings": _recordings(said),
    }
    return known(shown)


def known(shown: Snapshot) -> Snapshot:
    """Without what says nothing."""
    return {name: value for name, value in shown.items() if value not in ("", None, [])}


def relatives(leg: str, said: Variables) -> list[str]:
    found = (one for name in _RELATIVES for one in read.uuids(said.get(name, "")))
    return [one for one in dict.fromkeys(found) if one != leg][: read.MOST]


def _originator(leg: str, said: Variables) -> str:
    found = (one for name in _ORIGINATORS for one in read.uuids(said.get(name, "")))
    return next((one for one in found if one != leg), "")


def _time(said: Variables, stem: str) -> int | None:
    exact = read.micros(said.get(f"{stem}_uepoch", ""))
    return exact or read.micros(said.get(f"{stem}_epoch", ""), 1_000_000)


def _user(said: Variables) -> str:
    """Whose phone it is, where the switch knows: it called a user, or a user proved to be one."""
    names = ("dialed_user",) if said.get("direction") == "outbound" else ("sip_auth_username", "user_name")
    return next((read.number(said[name]) for name in names if said.get(name)), "")


def _recordings(said: Variables) -> list[str]:
    """As a dial plan notes it (FusionPBX): a folder and a name."""
    folder, name = said.get("record_path", "").rstrip("/"), said.get("record_name", "")
    return [f"{folder}/{name}" if folder else name] if name else []
