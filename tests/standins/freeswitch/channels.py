"""Channels of a FreeSWITCH: each can tell of itself in a call record, and in events while it lives."""

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, quote_plus
from uuid import uuid4

UNSAFE_KEPT = "/,()!*'~$"
"""What the switch leaves as it is when it encodes values; it has its own list."""


@dataclass(kw_only=True)
class Channel:
    """One leg. Moments are seconds after `start`; None: it never came to that."""

    start: datetime
    direction: str
    caller: str
    called: str
    name: str = ""
    id: str = field(default_factory=lambda: str(uuid4()))
    by: "Channel | None" = None
    user: str = ""
    born: float = 0.0
    rang: float | None = None
    answered: float | None = None
    bridged: float | None = None
    ended: float = 0.0
    cause: str = "NORMAL_CLEARING"
    hangup: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    applications: list[tuple[str, str]] = field(default_factory=list)
    called_legs: list["Channel"] = field(default_factory=list)
    holds: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.by is not None:
            self.by.called_legs.append(self)

    def micros(self, moment: float | None) -> str:
        return "0" if moment is None else str(round((self.start.timestamp() + moment) * 1_000_000))

    @property
    def channel_name(self) -> str:
        return f"sofia/internal/{self.user or self.caller}@pbx.example.com"

    @property
    def told(self) -> dict[str, str]:
        """Channel variables as they stand at the end."""
        said = {"direction": self.direction, "uuid": self.id, "channel_name": self.channel_name}
        if self.user:
            said |= {"dialed_user" if self.direction == "outbound" else "sip_auth_username": self.user}
        if self.by is not None:
            said |= {"originating_leg_uuid": self.by.id, "call_uuid": self.by.id}
        if picked := [leg for leg in self.called_legs if leg.answered is not None]:
            said |= {"bridge_uuid": picked[-1].id, "signal_bond": picked[-1].id, "originate_disposition": "SUCCESS"}
        elif self.called_legs:
            said["originate_disposition"] = self.called_legs[-1].cause
        if self.holds:
            spans = ",".join(f"{{{self.micros(one)},{self.micros(other)}}}" for one, other in self.holds)
            said["hold_events"] = f"{{{spans}}}"
        return said | ({"sip_hangup_disposition": self.hangup} if self.hangup else {}) | self.variables

    def record(self, *, encoded: bool = True) -> dict[str, Any]:
        """As mod_json_cdr writes it, percent-encoded inside (``encode-values``) or not."""
        times = {"start": self.born, "progress": self.rang, "answer": self.answered}
        times |= {"bridge": self.bridged, "end": self.ended}
        stamps = {f"{name}_uepoch": self.micros(at) for name, at in times.items()}
        stamps |= {f"{name}_epoch": self.micros(at)[:-6] or "0" for name, at in times.items()}
        born = {"start_stamp": self.start.strftime("%Y-%m-%d %H:%M:%S")}
        done = [{"app_name": name, "app_data": data} for name, data in self.applications]
        profile = {
            "caller_id_name": self.name,
            "caller_id_number": self.caller,
            "destination_number": self.called,
            "uuid": self.id,
            "chan_name": self.channel_name,
        }
        last = {"last_app": self.applications[-1][0], "last_arg": self.applications[-1][1]} if self.applications else {}
        variables = self.told | stamps | born | last | {"hangup_cause": self.cause}
        if encoded:
            variables, profile, done = _encoded(variables), _encoded(profile), [_encoded(one) for one in done]
        called: dict[str, Any] = {}
        if self.called_legs:
            shown = [{"uuid": leg.id, "destination_number": leg.called} for leg in self.called_legs]
            called = {"originatee": {"originatee_caller_profiles": shown}}
        return {
            "core-uuid": "0f9b3c5e-0000-4000-8000-000000000001",
            "switchname": "pbx",
            "channel_data": {"state": "CS_REPORTING", "direction": self.direction},
            "variables": variables,
            "app_log": {"applications": done},
            "callflow": [{"dialplan": "XML", "profile_index": "1", "caller_profile": profile | called}],
        }

    def events(self) -> Iterator[tuple[float, dict[str, str]]]:
        """What the event socket says of it, each with its moment."""
        moments = [
            *((self.born, "CHANNEL_CREATE"), (self.rang, "CHANNEL_PROGRESS"), (self.answered, "CHANNEL_ANSWER")),
            *((self.bridged, "CHANNEL_BRIDGE"), (self.ended, "CHANNEL_HANGUP_COMPLETE")),
            *((one, "CHANNEL_HOLD") for one, _ in self.holds),
            *((other, "CHANNEL_UNHOLD") for _, other in self.holds),
        ]
        for at, name in moments:
            if at is not None:
                yield at, self._event(at, name)

    def _event(self, at: float, name: str) -> dict[str, str]:
        over = name == "CHANNEL_HANGUP_COMPLETE"
        said = {
            "Event-Name": name,
            "Event-Date-Timestamp": self.micros(at),
            "Unique-ID": self.id,
            "Call-Direction": self.direction,
            "Channel-Name": self.channel_name,
            "Channel-Call-UUID": self.by.id if self.by else self.id,
            "Caller-Caller-ID-Number": self.caller,
            "Caller-Caller-ID-Name": self.name,
            "Caller-Destination-Number": self.called,
            "Caller-Profile-Index": "1",
            "Caller-Network-Addr": "192.0.2.20",
        }
        times = {"Created": self.born, "Progress": self.rang, "Answered": self.answered, "Bridged": self.bridged}
        times["Hangup"] = self.ended if over else None
        for stem, moment in times.items():
            said[f"Caller-Channel-{stem}-Time"] = self.micros(moment if moment is not None and moment <= at else None)
        hidden = set() if over else {"sip_hangup_disposition", "originate_disposition", "hold_events", "bridge_uuid"}
        said |= {f"variable_{one}": value for one, value in self.told.items() if one not in hidden}
        if self.by is not None:
            said |= {"Other-Type": "originator", "Other-Leg-Unique-ID": self.by.id}
        return said | ({"Hangup-Cause": self.cause} if over else {})


def _encoded(said: dict[str, str]) -> dict[str, str]:
    return {name: quote(value, safe=UNSAFE_KEPT) for name, value in said.items()}


def posted(record: dict[str, Any], encode: str = "false") -> tuple[bytes, str]:
    """Body and content type of one push, by the module's ``encode`` parameter."""
    body = json.dumps(record).encode()
    if encode == "base64":
        return b"cdr=" + b64encode(body), "application/x-www-form-base64-encoded"
    if encode == "true":
        return b"cdr=" + quote_plus(body).encode(), "application/x-www-form-urlencoded"
    return body, "application/json"
