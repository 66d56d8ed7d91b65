"""Conversations over a FreeSWITCH, each with what truly happened."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hub.telephony.simulator.scripted import Ending, ScriptedCall
from tests.standins.freeswitch.channels import Channel

LINE = "442079460000"
Truth = dict[str, Any]


@dataclass
class Conversation:
    """Its legs, the one it is known by first, and the truth as `hub calls --json` names it."""

    legs: list[Channel]
    truth: Truth = field(default_factory=dict)

    @property
    def call(self) -> str:
        return self.legs[0].id

    def events(self) -> list[dict[str, str]]:
        told = [one for leg in self.legs for one in leg.events()]
        return [event for _, event in sorted(told, key=lambda one: one[0])]


def _from(start: datetime, client: str, **more: Any) -> Channel:
    return Channel(start=start, direction="inbound", caller=client, called=LINE, **more)


def _ours(start: datetime, extension: str, called: str, **more: Any) -> Channel:
    return Channel(start=start, direction="inbound", caller=extension, called=called, user=extension, **more)


def _phone(by: Channel, extension: str, born: float, rang: float | None, **more: Any) -> Channel:
    return Channel(
        start=by.start,
        caller=by.caller,
        name=by.name,
        direction="outbound",
        called=extension,
        user=extension,
        by=by,
        born=born,
        rang=rang,
        **more,
    )


def _trunk(by: Channel, number: str, **more: Any) -> Channel:
    return Channel(start=by.start, direction="outbound", caller=LINE, called=number, by=by, **more)


def answered(start: datetime, client: str) -> Conversation:
    """101 and 102 ring, 102 picks up after 8 s, holds for 5 s, the client hangs up after a minute; recorded."""
    file = f"/var/lib/freeswitch/recordings/{client}.wav"
    root = _from(start, client, name="Smith", answered=8, bridged=8, ended=68, hangup="recv_bye")
    root.applications = [("record_session", file), ("bridge", "user/101,user/102")]
    first = _phone(root, "101", 0.5, 1, ended=8, cause="LOSE_RACE", hangup="send_cancel")
    second = _phone(root, "102", 0.5, 1, answered=8, bridged=8, ended=68, hangup="send_bye", holds=[(20, 25)])
    truth: Truth = {
        "direction": "inbound",
        "outcome": "answered",
        "hung_up_by": "client",
        "reason": None,
        "ring_seconds": 7.0,
    }
    truth |= {"talk_seconds": 60.0, "hold_seconds": 5.0, "duration_seconds": 68.0, "external_number": f"+{client}"}
    truth |= {"answered_by": "102", "initiated_by": None, "line": f"+{LINE}"}
    return Conversation([root, first, second], truth | {"phones": {"101": "cancelled", "102": "answered"}})


def gave_up(start: datetime, client: str) -> Conversation:
    root = _from(start, client, ended=15, cause="ORIGINATOR_CANCEL", hangup="recv_cancel")
    phone = _phone(root, "101", 0.5, 1, ended=15, cause="ORIGINATOR_CANCEL", hangup="send_cancel")
    truth: Truth = {
        "direction": "inbound",
        "outcome": "missed",
        "reason": "caller gave up",
        "hung_up_by": "client",
    }
    truth |= {"talk_seconds": 0.0, "ring_seconds": 14.0, "phones": {"101": "cancelled"}, "answered_by": None}
    return Conversation([root, phone], truth | {"external_number": f"+{client}" if client.isdecimal() else None})


def rang_out(start: datetime, client: str, cause: str = "NO_ANSWER", reason: str = "ring timeout") -> Conversation:
    root = _from(start, client, ended=25, cause=cause, hangup="send_refuse")
    phone = _phone(root, "101", 0.5, 1, ended=25, cause=cause)
    truth: Truth = {
        "direction": "inbound",
        "outcome": "missed",
        "reason": reason,
        "talk_seconds": 0.0,
        "answered_by": None,
    }
    return Conversation([root, phone], truth)


def voicemail(start: datetime, client: str) -> Conversation:
    """101 does not pick up, the caller leaves a message."""
    root = _from(start, client, answered=20, ended=50, hangup="recv_bye")
    root.applications = [("bridge", "user/101"), ("voicemail", "default pbx.example.com 101")]
    root.variables = {"voicemail_file_path": "/var/lib/freeswitch/storage/msg_1.wav"}
    phone = _phone(root, "101", 0.5, 1, ended=20, cause="NO_ANSWER")
    truth: Truth = {"direction": "inbound", "outcome": "voicemail", "reason": None, "talk_seconds": 0.0}
    return Conversation([root, phone], truth | {"phones": {"101": "no_answer"}, "answered_by": None})


def sent_on(start: datetime, client: str) -> Conversation:
    """101 answers after 5 s and at 20 s sends the client on to 102, who picks up at 28 s."""
    root = _from(start, client, answered=5, bridged=5, ended=60, hangup="recv_bye")
    at = start + timedelta(seconds=20)
    root.variables = {"transfer_history": f"{round(at.timestamp())}:{root.id}:bl_xfer:102/default/XML"}
    first = _phone(root, "101", 0.5, 1, answered=5, bridged=5, ended=20, hangup="recv_bye")
    second = _phone(root, "102", 20.5, 21, answered=28, bridged=28, ended=60, hangup="send_bye")
    truth: Truth = {"direction": "inbound", "outcome": "answered", "answered_by": "101", "talk_seconds": 47.0}
    truth |= {"hung_up_by": "client", "phones": {"101": "answered", "102": "answered"}}
    return Conversation([root, first, second], truth)


def put_through(start: datetime, client: str) -> Conversation:
    """101 answers, asks 102 on a second call, and joins client and 102 at 40 s."""
    root = _from(start, client, answered=5, bridged=5, ended=70, hangup="recv_bye")
    first = _phone(root, "101", 0.5, 1, answered=5, bridged=5, ended=40)
    asks = _ours(start, "101", "102", born=20, answered=25, bridged=25, ended=40)
    second = _phone(asks, "102", 20.5, 21, answered=25, bridged=25, ended=70, hangup="send_bye")
    at = start + timedelta(seconds=40)
    root.variables = {
        "transfer_history": f"{round(at.timestamp())}:{root.id}:att_xfer:{client}@pbx/102@pbx",
        "last_bridge_to": second.id,
    }
    truth: Truth = {"direction": "inbound", "outcome": "answered", "answered_by": "101", "talk_seconds": 65.0}
    truth |= {"hung_up_by": "client", "phones": {"101": "answered", "102": "answered"}}
    return Conversation([root, first, asks, second], truth)


def outbound(start: datetime, client: str) -> Conversation:
    root = _ours(start, "101", client, answered=12, bridged=12, ended=42, hangup="recv_bye")
    leg = _trunk(root, client, born=0.5, rang=2, answered=12, bridged=12, ended=42, hangup="send_bye")
    truth: Truth = {
        "direction": "outbound",
        "outcome": "answered",
        "initiated_by": "101",
        "external_number": f"+{client}",
    }
    truth |= {"talk_seconds": 30.0, "ring_seconds": 10.0, "hung_up_by": "us", "line": f"+{LINE}", "phones": {}}
    return Conversation([root, leg], truth)


def unreached(start: datetime, client: str, cause: str, outcome: str) -> Conversation:
    hangup: dict[str, Any] = {"hangup": "recv_cancel"} if cause == "ORIGINATOR_CANCEL" else {}
    root = _ours(start, "101", client, ended=9, cause=cause, **hangup)
    leg = _trunk(root, client, born=0.5, rang=2, ended=9, cause=cause)
    truth: Truth = {
        "direction": "outbound",
        "outcome": outcome,
        "initiated_by": "101",
        "external_number": f"+{client}",
    }
    return Conversation([root, leg], truth | {"talk_seconds": 0.0, "ring_seconds": 7.0})


def internal(start: datetime) -> Conversation:
    root = _ours(start, "101", "102", answered=4, bridged=4, ended=14, hangup="recv_bye")
    phone = _phone(root, "102", 0.5, 1, answered=4, bridged=4, ended=14)
    truth: Truth = {
        "direction": "internal",
        "outcome": "answered",
        "initiated_by": "101",
        "answered_by": "102",
    }
    return Conversation([root, phone], truth | {"external_number": None, "talk_seconds": 10.0})


def clicked(start: datetime, client: str, channel: str, request: str) -> Conversation:
    """101's own phone is picked up after 3 s, the client after 12 s; the client hangs up at 42 s."""
    root = Channel(
        start=start, direction="outbound", caller=LINE, called="101", user="101", id=channel, rang=0.5,
        answered=3, bridged=12, ended=42, hangup="send_bye",
        variables={"hub_request": request, "hub_number": client},
    )  # fmt: skip
    leg = _trunk(root, client, born=3.5, rang=5, answered=12, bridged=12, ended=42, hangup="recv_bye")
    truth: Truth = {
        "direction": "outbound",
        "outcome": "answered",
        "initiated_by": "101",
        "external_number": f"+{client}",
    }
    return Conversation([root, leg], truth | {"talk_seconds": 30.0, "ring_seconds": 7.0, "hung_up_by": "client"})


_CAUSES = {
    Ending.HUNG_UP: "NORMAL_CLEARING",
    Ending.GAVE_UP: "ORIGINATOR_CANCEL",
    Ending.RANG_OUT: "NO_ANSWER",
    Ending.BUSY: "USER_BUSY",
}
_HANGUPS = {Ending.HUNG_UP: "recv_bye", Ending.GAVE_UP: "recv_cancel"}


def scripted(call: ScriptedCall) -> Conversation:
    """A call as a script wants it; who called hangs up."""
    up = {"answered": call.rings, "bridged": call.rings} if call.talks else {}
    over: dict[str, Any] = {"ended": call.rings + call.talks, "cause": _CAUSES[call.ending]}
    root_ends = up | over | {"hangup": _HANGUPS.get(call.ending, "")}
    client, (phone, *_) = call.client.removeprefix("+"), call.phones
    if call.outbound:
        root = _ours(call.at, phone, client, **root_ends)
        return Conversation([root, _trunk(root, client, rang=0, **up, **over)])
    root = _from(call.at, client, **root_ends)
    root.applications = [("bridge", ",".join(f"user/{one}" for one in call.phones))]
    lost: dict[str, Any] = {"ended": call.rings, "cause": "LOSE_RACE"} if call.talks else over
    legs = [_phone(root, one, 0, 0, **(up | over if one == call.picked_up else lost)) for one in call.phones]
    return Conversation([root, *legs])
