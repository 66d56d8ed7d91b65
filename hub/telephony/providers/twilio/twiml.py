"""What Twilio is told to do with a call (TwiML)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from twilio.twiml.voice_response import Client, Dial, VoiceResponse

from hub.domain.routing import RecordRule
from hub.telephony.providers.twilio import phones
from hub.telephony.providers.twilio.addresses import Hook
from hub.telephony.providers.twilio.settings import TwilioSettings

MOST_AT_ONCE = 10
"""Phones Twilio rings at the same time."""
EVENTS = "initiated ringing answered completed"
FADING_SECONDS = 5
"""Silence after which a message is over."""
PRESS_SECONDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """Phones to ring together. `after` is asked what to do next, `leg` is told how each fares.

    `shown` is the number they see; None: the caller's. `name` is the client's, for a browser to show.
    """

    phones: Sequence[str]
    seconds: int
    after: str
    leg: str
    record: RecordRule = RecordRule.NEVER
    shown: str | None = None
    name: str | None = None
    notice: str | None = None
    """Asked what to tell whoever picks up before they are joined."""


@dataclass(frozen=True, slots=True)
class Script:
    """The instructions of one answer, in order."""

    settings: TwilioSettings
    hook: Hook
    response: VoiceResponse = field(default_factory=VoiceResponse)

    def say(self, text: str) -> "Script":
        if text:
            self.response.say(text, language=self.settings.language)
        return self

    def hang_up(self) -> "Script":
        self.response.hangup()
        return self

    def ring(self, ring: Ring) -> "Script":
        dial = Dial(
            answer_on_bridge=True,
            timeout=ring.seconds,
            action=ring.after,
            method="POST",
            caller_id=ring.shown,
            **self._recording(ring.record),
        )
        for phone in ring.phones[:MOST_AT_ONCE]:
            _noun(dial, phone, ring)
        self.response.append(dial)
        return self

    def take_message(self) -> "Script":
        """Record until silence, a key, or the longest allowed; without an action it would begin anew."""
        self.say(self.settings.voicemail_greeting)
        self.response.record(
            action=self.hook.door("voicemail", of="in"),
            method="POST",
            max_length=self.settings.voicemail_seconds,
            timeout=FADING_SECONDS,
            play_beep=True,
            recording_status_callback=self.hook.door("voicemail", of="in"),
            recording_status_callback_event="completed absent",
            recording_status_callback_method="POST",
        )
        return self.hang_up()

    def ask_for_one(self, then: str) -> "Script":
        """Go on at `then` when 1 is pressed, else hang up."""
        gather = self.response.gather(num_digits=1, action=then, method="POST", timeout=PRESS_SECONDS)
        gather.say(self.settings.press_one_text, language=self.settings.language)
        return self.hang_up()

    def text(self) -> bytes:
        return str(self.response).encode()

    def _recording(self, rule: RecordRule) -> dict[str, Any]:
        if rule is RecordRule.NEVER:
            return {}
        return {
            "record": "record-from-answer-dual",
            "recording_status_callback": self.hook.door("recording"),
            "recording_status_callback_event": "completed absent",
            "recording_status_callback_method": "POST",
        }


def _noun(dial: Dial, phone: str, ring: Ring) -> None:
    """One phone to ring. Without naming the events Twilio would tell of its end alone."""
    told: dict[str, Any] = {
        "status_callback": ring.leg,
        "status_callback_event": EVENTS,
        "status_callback_method": "POST",
    }
    if ring.notice:
        told |= {"url": ring.notice, "method": "POST"}
    name = phones.identity(phone)
    if name is not None:
        client: Client = dial.client(**told)
        client.identity(name)
        if ring.name:
            client.parameter(name="name", value=ring.name)
    elif phone.startswith(phones.SIP):
        dial.sip(phone, **told)
    else:
        dial.number(phone, **told)
