"""The telephone exchange: legs, the instructions they follow, and what is told of them.

Time is the exchange's own: a conversation of a minute takes as long as its requests. Instructions are asked for when
they are needed; what is only told waits in `told` until `tell` sends it, in any order and any number.
"""

import itertools
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from xml.etree import ElementTree as ET

from tests.standins.twilio.http import Sender
from tests.standins.twilio.script import ABSENT, Answers, Behaviour, Busy, Caller

ACCOUNT = "AC" + "0123456789abcdef" * 2
EVENTS = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}
"""A leg's status → the event that must be asked for; every way to end is `completed`."""
OVER = ("completed", "busy", "failed", "no-answer", "canceled")
SAYING_SECONDS = 2
LONGEST_DIAL = 600


@dataclass
class Leg:
    sid: str
    from_: str
    to: str
    direction: str
    created: datetime
    parent: str | None = None
    status: str = "queued"
    callback: str = ""
    events: frozenset[str] = frozenset()
    url: str = ""
    timeout: int = 60
    started: datetime | None = None
    answered: datetime | None = None
    ended: datetime | None = None
    told: int = 0

    @property
    def seconds(self) -> int:
        """How long it was up."""
        return int((self.ended - self.answered).total_seconds()) if self.ended and self.answered else 0

    def fields(self) -> dict[str, str]:
        said = {"AccountSid": ACCOUNT, "ApiVersion": "2010-04-01", "CallSid": self.sid, "CallStatus": self.status}
        said |= {"From": self.from_, "To": self.to, "Direction": self.direction}
        return said | ({"ParentCallSid": self.parent} if self.parent else {})


@dataclass
class Exchange:
    """`people` by the address their phone is called at. `callbacks`: where each of our numbers tells of its calls."""

    send: Sender
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    people: dict[str, Behaviour] = field(default_factory=dict)
    legs: dict[str, Leg] = field(default_factory=dict)
    told: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    recordings: dict[str, tuple[int, int]] = field(default_factory=dict)
    """How many seconds each lasts, and in how many channels it was made."""
    said: list[str] = field(default_factory=list)
    """What was read aloud to anybody."""
    _serial: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _caller: Caller | None = None

    # ---- conversations ----

    def call_in(self, caller: Caller, voice: str, status: str) -> Leg:
        """A call to one of our numbers (or by a browser, where `voice` is the app's), to its end."""
        self._caller = caller
        leg = self._leg(caller.number, caller.line, "inbound", callback=status, status="ringing")
        leg.started = self.now
        self._run(leg, voice, dict(caller.fields))
        return leg

    def place(self, to: str, from_: str, **wanted: object) -> Leg:
        """What the REST API was asked for; `play` makes it happen."""
        leg = self._leg(from_, to, "outbound-api")
        for name, value in wanted.items():
            setattr(leg, name, value)
        return leg

    def play(self, leg: Leg) -> None:
        """Ring the phone that was asked for; who picks up follows the instructions."""
        leg.started = self.now
        self._becomes(leg, "initiated")
        self._becomes(leg, "ringing")
        match self.people.get(leg.to, ABSENT):
            case Answers(after=after) if after <= leg.timeout:
                self._pass(after)
                self._answer(leg)
                self._run(leg, leg.url)
            case Busy(after=after, status=status):
                self._pass(after)
                self._end(leg, status)
            case _:
                self._pass(leg.timeout)
                self._end(leg, "no-answer")

    def tell(self, luck: random.Random | None = None) -> None:
        """Send all that is only told; with `luck` shuffled, and half of it twice: as another attempt, or anew."""
        waiting, self.told = self.told, []
        sent = [(address, fields, self._sid("attempt-")) for address, fields in waiting]
        if luck is None:
            for address, fields, attempt in sent:
                self.send(address, fields, attempt=attempt)
            return
        again = [(address, fields, luck.choice([attempt, ""])) for address, fields, attempt in sent[::2]]
        mixed = [*sent, *again]
        luck.shuffle(mixed)
        for address, fields, attempt in mixed:
            self.send(address, fields, attempt=attempt or None)

    # ---- following instructions ----

    def _run(self, leg: Leg, address: str, extra: Mapping[str, str] | None = None) -> None:
        """Ask what to do and do it, until nothing is left to do; then the leg is over."""
        document = ET.fromstring(self.send(address, leg.fields() | dict(extra or {})))  # noqa: S314 - Hub's own
        assert document.tag == "Response", document.tag
        for verb in document:
            if leg.status in OVER or self._follow(leg, verb):
                return
        self._end(leg, "completed")

    def _follow(self, leg: Leg, verb: ET.Element) -> bool:
        """Do one thing; True when the instructions went on elsewhere, or nobody is there to follow any more."""
        match verb.tag:
            case "Say":
                self._say(leg, verb)
            case "Hangup":
                self._end(leg, "completed")
            case "Gather":
                return self._gather(leg, verb)
            case "Record":
                return self._record(leg, verb)
            case "Dial":
                return self._dial(leg, verb)
            case _:
                raise AssertionError(f"a verb this exchange does not know: {verb.tag}")
        return leg.status in OVER

    def _say(self, leg: Leg, verb: ET.Element) -> None:
        self._answer(leg)
        self.said.append(verb.text or "")
        self._pass(SAYING_SECONDS)

    def _gather(self, leg: Leg, verb: ET.Element) -> bool:
        for said in verb:
            self._say(leg, said)
        person = self.people.get(leg.to, ABSENT)
        if not (isinstance(person, Answers) and person.press):
            self._pass(int(verb.get("timeout", "5")))
            return False
        self._run(leg, _needed(verb, "action"), {"Digits": person.press})
        return True

    def _record(self, leg: Leg, verb: ET.Element) -> bool:
        """A message; without one the instructions go on."""
        self._answer(leg)
        seconds = min(self._caller.message if self._caller else 0, int(verb.get("maxLength", "3600")))
        if not seconds:
            self._pass(int(verb.get("timeout", "5")))
            return False
        began = self.now
        self._pass(seconds)
        sid = self._sid("RE")
        self._end(leg, "completed")  # who leaves a message hangs up after it
        self._recording(verb, leg, {"sid": sid, "seconds": str(seconds), "source": "RecordVerb"}, began)
        spoken = {"RecordingSid": sid, "RecordingDuration": str(seconds), "Digits": "hangup"}
        self.send(_needed(verb, "action"), leg.fields() | spoken)
        return True

    # ---- dialling ----

    def _dial(self, leg: Leg, verb: ET.Element) -> bool:
        began, limit = self.now, int(verb.get("timeout", "30"))
        patience = self._caller.patience if self._caller and leg.direction == "inbound" else limit + 1
        rung = [self._ring(leg, noun, verb) for noun in verb]
        assert 0 < len(rung) <= 10, f"{len(rung)} phones at once"
        answers = [(person.after, child) for child in rung if isinstance(person := self._person(child), Answers)]
        winner = min(
            ((after, child) for after, child in answers if after <= min(limit, patience)), default=None, key=_soonest
        )
        stop = winner[0] if winner else min(limit, patience, self._all_engaged(rung))
        for child in rung:
            self._fails(child, began, stop, gave_up=patience <= stop or winner is not None, won=winner and winner[1])
        self.now = began + timedelta(seconds=stop)
        if winner:
            return self._bridged(leg, winner[1], verb)
        if patience <= stop:
            self._end(leg, "no-answer" if leg.answered is None else "completed")
        worst = rung[0]
        return self._dialled(leg, verb, worst, {"DialCallStatus": worst.status})

    def _ring(self, leg: Leg, noun: ET.Element, verb: ET.Element) -> Leg:
        identity = noun.find("Identity")
        name = (identity.text if identity is not None else noun.text) or ""
        to = f"client:{name}" if noun.tag == "Client" else name
        child = self._leg(verb.get("callerId") or leg.from_, to, "outbound-dial", parent=leg.sid)
        child.callback, child.url = noun.get("statusCallback", ""), noun.get("url", "")
        child.events = frozenset(noun.get("statusCallbackEvent", "completed").split())
        child.started = self.now
        self._becomes(child, "initiated")
        self._becomes(child, "ringing")
        return child

    def _person(self, child: Leg) -> Behaviour:
        return self.people.get(child.to, ABSENT)

    def _all_engaged(self, rung: list[Leg]) -> int:
        """When the last of phones that are all engaged said so; a dial has no more to wait for then."""
        people = [self._person(child) for child in rung]
        engaged = [person.after for person in people if isinstance(person, Busy)]
        return max(engaged) if len(engaged) == len(people) else LONGEST_DIAL

    def _fails(self, child: Leg, began: datetime, stop: int, *, gave_up: bool, won: Leg | None) -> None:
        """Everybody but the one who answered first."""
        if child is won:
            return
        person = self._person(child)
        engaged = isinstance(person, Busy) and person.after <= stop
        self.now = began + timedelta(seconds=person.after if isinstance(person, Busy) and engaged else stop)
        status = person.status if isinstance(person, Busy) and engaged else "canceled" if gave_up else "no-answer"
        self._end(child, status)

    def _bridged(self, leg: Leg, child: Leg, verb: ET.Element) -> bool:
        person = self._person(child)
        assert isinstance(person, Answers)
        self._answer(child)
        if child.url:
            self._whisper(child)
        self._answer(leg)
        began = self.now
        self._pass(person.talks)
        if verb.get("record", "").startswith("record-from-answer"):
            root = self.legs[leg.parent] if leg.parent else leg
            said = {"sid": self._sid("RE"), "seconds": str(person.talks), "source": "DialVerb"}
            self._recording(verb, root, said, began)
        if person.redirect:
            return self._redirected(leg, child, verb, person.redirect)
        self._end(child, "completed")
        if not person.hangs_up:
            self._end(leg, "completed")
        done = {"DialCallStatus": "completed", "DialCallDuration": str(child.seconds), "DialBridged": "true"}
        return self._dialled(leg, verb, child, done)

    def _whisper(self, child: Leg) -> None:
        document = ET.fromstring(self.send(child.url, child.fields()))  # noqa: S314 - Hub's own
        for said in document:
            self._say(child, said)

    def _redirected(self, leg: Leg, child: Leg, verb: ET.Element, to: tuple[str, str]) -> bool:
        """One of the two is sent elsewhere; the other is alone then."""
        which, address = to
        if which == "parent":  # its dial is over without being asked what next
            self._end(child, "completed")
            self._run(leg, address)
            return True
        self._dialled(leg, verb, child, {"DialCallStatus": "answered"})
        self._run(child, address)
        return True

    def _dialled(self, leg: Leg, verb: ET.Element, child: Leg, done: dict[str, str]) -> bool:
        extra = {"DialCallSid": child.sid} | done
        if leg.status in OVER:
            self.send(_needed(verb, "action"), leg.fields() | extra)
        else:
            self._run(leg, _needed(verb, "action"), extra)
        return True

    # ---- legs ----

    def _leg(self, from_: str, to: str, direction: str, **more: str) -> Leg:
        leg = Leg(self._sid("CA"), from_, to, direction, self.now, **more)  # type: ignore[arg-type]  # texts all
        self.legs[leg.sid] = leg
        return leg

    def _sid(self, kind: str) -> str:
        return f"{kind}{next(self._serial):032x}"

    def _pass(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def _answer(self, leg: Leg) -> None:
        if leg.answered is None:
            leg.answered = self.now
            self._becomes(leg, "in-progress")

    def _end(self, leg: Leg, status: str) -> None:
        if leg.status not in OVER:
            leg.ended = self.now
            self._becomes(leg, status)

    def _becomes(self, leg: Leg, status: str) -> None:
        """A new status, told where somebody asked to be told."""
        leg.status = status
        event = EVENTS.get(status, "completed")
        if not leg.callback or event not in (leg.events or {"completed"}):
            return
        fields = leg.fields() | {"Timestamp": format_datetime(self.now), "CallbackSource": "call-progress-events"}
        fields |= {"SequenceNumber": str(leg.told)} | ({"CallDuration": str(leg.seconds)} if leg.ended else {})
        leg.told += 1
        self.told.append((leg.callback, fields))

    def _recording(self, verb: ET.Element, leg: Leg, said: Mapping[str, str], began: datetime) -> None:
        assert "completed" in verb.get("recordingStatusCallbackEvent", "completed").split()
        where = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/{said['sid']}"
        fields = {"AccountSid": ACCOUNT, "CallSid": leg.sid, "RecordingSid": said["sid"], "RecordingUrl": where}
        fields |= {"RecordingStatus": "completed", "RecordingDuration": said["seconds"], "ErrorCode": "0"}
        fields |= {"RecordingSource": said["source"], "RecordingStartTime": format_datetime(began)}
        dual = verb.get("record", "").endswith("-dual")
        self.recordings[said["sid"]] = (int(said["seconds"]), 2 if dual else 1)
        fields |= {"RecordingChannels": "2" if dual else "1", "RecordingTrack": "both"}
        self.told.append((_needed(verb, "recordingStatusCallback"), fields))


def _soonest(answer: tuple[int, Leg]) -> int:
    return answer[0]


def _needed(verb: ET.Element, name: str) -> str:
    value = verb.get(name) or ""
    assert value.startswith(("https://", "http://")), f"<{verb.tag} {name}> is {value!r}: expected an address"
    return value
