"""Short captures made by hand: what a PBX would say of a call nobody recorded for us, event by event.

Numbers are reserved ones: 020 7946 0xxx for our lines, 202 555 01xx for everybody outside.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from hub.telephony.calls import Call
from hub.telephony.providers.asterisk import AsteriskSettings
from tests.unit.telephony.asterisk.captures import calls_of, facts_of

MORNING = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
CLIENT = "+12025550123"
MOBILE = "+12025550188"
LINE = "+442079460000"
INSIDE = "from-internal"
SETTINGS = AsteriskSettings(lines=(LINE,), region="GB")
"""What an administrator of a plain FreePBX says: its line, nothing of trunks, extensions or contexts."""


@dataclass
class Channel:
    """One leg as the PBX announces it."""

    id: str
    name: str
    linkedid: str
    number: str = ""
    bridge: str = ""

    def shown(self, prefix: str = "") -> dict[str, str]:
        return {
            f"{prefix}Channel": self.name,
            f"{prefix}Uniqueid": self.id,
            f"{prefix}Linkedid": self.linkedid,
            f"{prefix}CallerIDNum": self.number or "<unknown>",
        }


@dataclass
class Tape:
    """A PBX's events, written down as a listener stores them."""

    settings: AsteriskSettings = SETTINGS
    at: datetime = MORNING
    lines: list[dict[str, Any]] = field(default_factory=list)
    _serial: Any = field(default_factory=count)

    def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def say(self, event: str, *blocks: dict[str, str], **fields: str) -> None:
        said: dict[str, str] = {"Event": event}
        for block in blocks:
            said |= block
        shown = self.at.isoformat(timespec="microseconds").replace("+00:00", "Z")
        self.lines.append({"at": shown, "event": said | fields})
        self.at += timedelta(microseconds=100)

    # Channels.

    def channel(self, name: str, number: str = "", linkedid: str = "", **birth: str) -> Channel:
        """`name` without its unique end; a Local channel's half is kept at the end of its name."""
        serial = next(self._serial)
        base, _, half = name.partition(";")
        full = f"{base}-{serial if not half else 0:08x}" + (f";{half}" if half else "")
        made = Channel(f"{int(self.at.timestamp())}.{serial}", full, linkedid, number)
        made.linkedid = linkedid or made.id
        fields = {"ChannelState": "4", "Context": INSIDE, "Exten": "s", "CallerIDName": "<unknown>"}
        self.say("Newchannel", made.shown(), **(fields | birth))
        return made

    def arrives(
        self, number: str = CLIENT, line: str = "442079460000", trunk: str = "PJSIP/operator", **birth: str
    ) -> Channel:
        """A call comes in over a trunk."""
        return self.channel(trunk, number, Context="from-trunk", Exten=line, **birth)

    def picks_up_to_dial(self, extension: str, exten: str) -> Channel:
        """One of our phones places a call."""
        return self.channel(f"PJSIP/{extension}", extension, Exten=exten)

    def dials(
        self, by: Channel, name: str, number: str = "", string: str = "", context: str = "from-internal"
    ) -> Channel:
        """`by` calls another channel, which does not ring yet."""
        called = self.channel(name, number, by.linkedid, ChannelState="0", Context=context)
        self.say("DialBegin", by.shown(), called.shown("Dest"), DialString=string or name.partition("/")[2])
        return called

    def dials_out(self, by: Channel, string: str = f"{CLIENT}@operator", trunk: str = "PJSIP/operator") -> Channel:
        by.number = LINE
        return self.dials(by, trunk, "", string, "from-trunk")

    def local(self, by: Channel, name: str) -> tuple[Channel, Channel]:
        """`by` dials a Local channel; its far half runs the dial plan."""
        near = self.channel(f"{name};1", "", by.linkedid, ChannelState="0")
        far = self.channel(f"{name};2", by.number, by.linkedid)
        self.say("DialBegin", by.shown(), near.shown("Dest"), DialString=name)
        return near, far

    def ring(self, *channels: Channel) -> None:
        for channel in channels:
            self.say("Newstate", channel.shown(), ChannelState="5")

    def up(self, *channels: Channel) -> None:
        for channel in channels:
            self.say("Newstate", channel.shown(), ChannelState="6")

    def steps(self, channel: Channel, context: str, exten: str, application: str = "NoOp", data: str = "") -> None:
        self.say(
            "Newexten",
            channel.shown(),
            Context=context,
            Extension=exten,
            Priority="1",
            Application=application,
            AppData=data,
        )

    # Bridges.

    def bridge(self, *channels: Channel, name: str = "", technology: str = "simple_bridge") -> str:
        bridge = name or f"bridge-{next(self._serial)}"
        for channel in channels:
            self.enter(channel, bridge, technology)
        return bridge

    def enter(self, channel: Channel, bridge: str, technology: str = "simple_bridge") -> None:
        channel.bridge = bridge
        self.say("BridgeEnter", channel.shown(), BridgeUniqueid=bridge, BridgeTechnology=technology)

    def leave(self, *channels: Channel) -> None:
        for channel in channels:
            if channel.bridge:
                self.say("BridgeLeave", channel.shown(), BridgeUniqueid=channel.bridge)
                channel.bridge = ""

    def answers(self, called: Channel, by: Channel) -> None:
        """The called one picks up and is put through."""
        self.up(called)
        self.dial_ends(called, by, "ANSWER")
        self.up(by)
        self.bridge(called, by)

    # Ends.

    def dial_ends(self, called: Channel, by: Channel, status: str) -> None:
        self.say("DialEnd", by.shown(), called.shown("Dest"), DialStatus=status)

    def asks(self, channel: Channel, state: str = "6", cause: str = "16") -> None:
        self.say("HangupRequest", channel.shown(), ChannelState=state, Cause=cause)

    def gone(self, *channels: Channel, cause: str = "16") -> None:
        for channel in channels:
            self.leave(channel)
            self.say("Hangup", channel.shown(), Cause=cause)

    def hangs_up(self, first: Channel, *others: Channel) -> None:
        """The first one's owner hangs up, which takes the others along."""
        self.asks(first)
        self.gone(first, *others)

    # Reading it.

    @property
    def body(self) -> bytes:
        return b"".join(json.dumps(line).encode() + b"\n" for line in self.lines)

    def calls(self) -> list[Call]:
        return calls_of(facts_of(self.body, settings=self.settings), self.settings)

    def call(self) -> Call:
        """The one call the tape tells of."""
        (call,) = self.calls()
        return call


# Scenes that many calls have.


def rings(tape: Tape, by: Channel, extension: str, seconds: float) -> Channel:
    phone = tape.dials(by, f"PJSIP/{extension}", extension)
    tape.ring(phone)
    tape.wait(seconds)
    return phone


def talks(tape: Tape, extension: str = "101", seconds: float = 5) -> tuple[Channel, Channel]:
    """A client calls, a phone rings three seconds and is answered, they talk."""
    client = tape.arrives()
    phone = rings(tape, client, extension, 3)
    tape.answers(phone, client)
    tape.wait(seconds)
    return client, phone


def goes_on_hold(tape: Tape, client: Channel, phone: Channel) -> None:
    tape.say("Hold", phone.shown())
    tape.say("MusicOnHoldStart", client.shown())


def transfers(tape: Tape, phone: Channel, extension: str) -> None:
    tape.say("BlindTransfer", phone.shown("Transferer"), Result="Success", Extension=extension)


def member(tape: Tape, client: Channel, extension: str) -> tuple[Channel, Channel, Channel]:
    """A queue rings its member by a Local channel: its near half, its far half, the phone."""
    near, far = tape.local(client, f"Local/{extension}@from-queue")
    tape.steps(far, "from-queue", extension)
    phone = tape.dials(far, f"PJSIP/{extension}", extension)
    tape.ring(phone, near)
    return near, far, phone


def queues(tape: Tape, client: Channel, queue: str = "600") -> None:
    tape.up(client)
    tape.say("QueueCallerJoin", client.shown(), Queue=queue)
    tape.say("MusicOnHoldStart", client.shown())


def leaves_queue(tape: Tape, client: Channel, queue: str = "600") -> None:
    tape.say("QueueCallerLeave", client.shown(), Queue=queue)
    tape.say("MusicOnHoldStop", client.shown())


def member_answers(tape: Tape, client: Channel, ringing: tuple[Channel, Channel, Channel], queue: str = "600") -> None:
    near, far, phone = ringing
    tape.answers(phone, far)
    tape.up(near)
    tape.dial_ends(near, client, "ANSWER")
    leaves_queue(tape, client, queue)
    tape.bridge(near, client)


def member_stops(tape: Tape, client: Channel, ringing: tuple[Channel, Channel, Channel], status: str) -> None:
    """The queue gives up ringing this member, or another one was faster."""
    near, far, phone = ringing
    tape.dial_ends(near, client, status)
    tape.gone(near)
    tape.dial_ends(phone, far, "CANCEL")
    tape.gone(phone, far, cause="26" if status == "CANCEL" else "0")


def parts(call: Call) -> list[tuple[str, str, float]]:
    """Each phone of ours: its extension, how the call came to it, its seconds of talk."""
    return [(leg.extension, str(leg.via), leg.talk_seconds) for leg in call.legs]
