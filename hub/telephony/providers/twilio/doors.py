"""What Twilio is answered at each door, while somebody waits on the line."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from hub.connectors import Answer, Switchboard
from hub.domain.delivery import Delivery
from hub.domain.errors import HubError, Unrecognised
from hub.domain.routing import NO_OPINION, Outgoing, RecordRule
from hub.telephony.providers.twilio import phones, requests
from hub.telephony.providers.twilio.addresses import Hook
from hub.telephony.providers.twilio.requests import Told
from hub.telephony.providers.twilio.settings import TwilioSettings
from hub.telephony.providers.twilio.states import ANSWERED, OVER
from hub.telephony.providers.twilio.twiml import Ring, Script

Stages = Sequence[Sequence[str]]
SECONDS = re.compile(r"\d{1,3}")
CLIENT_RINGS = 60
"""Seconds a client's phone may ring."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody at one of the doors."""

    told: Told
    hook: Hook
    settings: TwilioSettings
    switchboard: Switchboard

    @property
    def script(self) -> Script:
        return Script(self.settings, self.hook)

    def context(self, name: str) -> str | None:
        return self.told.context.get(name) or None


def answer(delivery: Delivery, switchboard: Switchboard) -> Answer | None:
    """Instructions for the call; None where Twilio only tells."""
    try:
        told = requests.read(delivery)
    except Unrecognised:
        return None
    door = DOORS.get(told.door)
    if door is None:
        return None
    script = door(Visit(told, Hook.of(delivery), delivery.settings, switchboard))
    return Answer(body=script.text(), content_type="text/xml")


# ---- somebody calls us ----


def _voice(visit: Visit) -> Script:
    """A client calls one of our numbers: ring as the route says, or take a message at once outside business hours."""
    route = visit.switchboard.route(visit.told.get("From"), visit.told.get("To"))
    if route.voicemail and not route.open:
        return visit.script.take_message()
    script = visit.script
    if route.record is RecordRule.ANNOUNCED:
        script.say(visit.settings.recording_notice)
    fallback = visit.settings.fallback_phone
    stages = route.stages or (((fallback,),) if fallback else ())
    plan = Plan(stages, route.ring_seconds, route.voicemail, route.record)
    return _next(visit, script, plan, route.name)


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom else to ring, for how long each, and what comes after."""

    stages: Stages
    seconds: int
    voicemail: bool
    record: RecordRule

    def context(self) -> dict[str, str | None]:
        """For the address that is asked next; `of` reads it."""
        return {
            "next": ";".join(",".join(stage) for stage in self.stages),
            "ring": str(self.seconds),
            "vm": "1" if self.voicemail else None,
            "rec": self.record if self.record is not RecordRule.NEVER else None,
        }

    @classmethod
    def of(cls, told: Told) -> "Plan":
        said = told.context
        seconds, record = said.get("ring", ""), said.get("rec", "")
        return cls(
            [stage.split(",") for stage in said.get("next", "").split(";") if stage],
            int(seconds) if SECONDS.fullmatch(seconds) else NO_OPINION.ring_seconds,
            "vm" in said,
            RecordRule(record) if record in set(RecordRule) else RecordRule.NEVER,
        )


def _next(visit: Visit, script: Script, plan: Plan, name: str | None = None) -> Script:
    """Ring the first stage of the plan; when there is none, take a message or say that nobody is there."""
    if not plan.stages:
        return script.take_message() if plan.voicemail else script.say(visit.settings.nobody_there).hang_up()
    stage, *rest = plan.stages
    left = replace(plan, stages=rest)
    ring = Ring(
        phones=stage,
        seconds=plan.seconds,
        after=visit.hook.door("dialled", of="in", **left.context()),
        leg=visit.hook.door("leg", of="in"),
        record=plan.record,
        shown=_shown(visit),
        name=name,
    )
    return script.ring(ring)


def _shown(visit: Visit) -> str | None:
    """Our line where the caller's number cannot be shown: a telephone is called from nothing but a number."""
    caller = visit.told.get("From") or ""
    return None if phones.is_number(phones.shown(caller)) else visit.told.get("To")


def _dialled(visit: Visit) -> Script:
    """The phones were rung: over when somebody talked or the caller left, else on with the plan."""
    # A caller nobody has answered yet is still "ringing" here.
    over = visit.told.get("DialCallStatus") in ANSWERED or visit.told.get("CallStatus") in OVER
    if over or visit.context("of") != "in":
        return visit.script.hang_up()
    return _next(visit, visit.script, Plan.of(visit.told))


def _voicemail(visit: Visit) -> Script:
    return visit.script.hang_up()


# ---- we call somebody ----


def _connect(visit: Visit) -> Script:
    """Click-to-call: our own phone was picked up; now the client, if it was a person who picked up."""
    phone = phones.shown(visit.told.get("To") or "")
    digits = visit.told.get("Digits")
    if visit.settings.press_one and phones.is_number(phone) and digits != "1":
        return (
            visit.script.hang_up() if digits else visit.script.ask_for_one(visit.hook.door("connect", **_order(visit)))
        )
    wanted = visit.context("to") or ""
    try:
        call = visit.switchboard.outgoing(phone, wanted)
    except HubError:
        # What was asked for was checked when it was asked for: a program's phone need not be anybody's here.
        call = Outgoing(number=wanted)
    return _call(visit, replace(call, line=visit.context("line") or call.line), visit.context("req"))


def _order(visit: Visit) -> dict[str, str | None]:
    return {name: visit.context(name) for name in ("of", "req", "to", "line")}


def _outgoing(visit: Visit) -> Script:
    """One of our browsers or SIP phones calls. What the browser says is its user's word, so it is checked here."""
    phone = phones.shown(visit.told.get("From") or "")
    try:
        call = visit.switchboard.outgoing(phone, visit.told.get("To") or "")
    except HubError as error:
        return visit.script.say(str(error)).hang_up()
    return _call(visit, call, None)


def _call(visit: Visit, call: Outgoing, request: str | None) -> Script:
    announced = call.record is RecordRule.ANNOUNCED
    ring = Ring(
        phones=[call.number],
        seconds=CLIENT_RINGS,
        after=visit.hook.door("dialled", of="out", req=request),
        leg=visit.hook.door("leg", of="out", req=request),
        record=call.record,
        shown=call.line or visit.settings.shown,
        notice=visit.hook.door("notice") if announced else None,
    )
    return visit.script.ring(ring)


def _notice(visit: Visit) -> Script:
    """A client picked up: they are told of the recording before they are joined."""
    return visit.script.say(visit.settings.recording_notice)


# ---- somebody is put through ----


def _transfer(visit: Visit) -> Script:
    """Whoever is on the line is put through to the phone in `to`."""
    try:
        phone = phones.spelled(visit.context("to") or "")
    except HubError as error:
        return visit.script.say(str(error)).hang_up()
    ring = Ring(
        phones=[phone],
        seconds=visit.settings.agent_ring_seconds,
        after=visit.hook.door("dialled", **{"as": "transfer"}),
        leg=visit.hook.door("leg", **{"as": "transfer"}),
    )
    return visit.script.ring(ring)


DOORS: Mapping[str, Callable[[Visit], Script]] = {
    "voice": _voice,
    "dialled": _dialled,
    "voicemail": _voicemail,
    "connect": _connect,
    "outgoing": _outgoing,
    "notice": _notice,
    "transfer": _transfer,
}
"""The doors that are asked; `leg`, `status` and `recording` are only told."""
