"""Click-to-call: the manager's phone rings first, and when it is picked up the PBX calls the client."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from hub.domain.errors import Invalid
from hub.telephony.ami import Ami, Endpoint, one

EXTENSION = re.compile(r"[0-9]{1,10}")
NUMBER = re.compile(r"\+?[0-9*#]{2,32}")
REQUEST = re.compile(r"[A-Za-z0-9-]{1,64}")
CONTEXT = re.compile(r"[A-Za-z0-9_.-]{1,80}")
CHANNEL = re.compile(r"[A-Za-z0-9]+/[A-Za-z0-9_.+@/-]+")
PUNCTUATION = re.compile(r"[ ()./\u00a0-]")
"""What people and cards put between the digits of a number."""

REASONS = {
    "Permission denied": "the manager user may not place calls: give it write permission 'originate' on the PBX",
}
"""What Asterisk says, and what a person can do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialRequest:
    """Whose phone rings first, whom it then calls, and the id by which the call is known again."""

    id: str
    extension: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DialPlan:
    """How this PBX is dialled; fixed by the connection's settings, never by the one who clicks.

    `channel` names the phone of ``{extension}``; `context` is where its outgoing calls begin.
    """

    channel: str = "PJSIP/{extension}"
    context: str = "from-internal"
    ring_seconds: int = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class DialAnswer:
    """What the PBX said at once; whether a phone was picked up comes later, as events."""

    queued: bool
    reason: str | None = None


class Dialer:
    """Places calls through a login of its own: the web process need not be the one that listens."""

    def __init__(self, endpoint: Endpoint, plan: DialPlan, connect: Callable[[Endpoint], Ami] = Ami.connect) -> None:
        self._endpoint = endpoint
        self._plan = plan
        self._connect = connect

    def place(self, request: DialRequest) -> DialAnswer:
        """Ask for the call. Invalid before anything is sent, Transient or LoginRefused when nothing was asked."""
        headers = originate(request, self._plan)
        with self._connect(self._endpoint) as ami:
            ami.login(self._endpoint, "off")
            answer = ami.request("Originate", *headers, action_id=request.id)
        if one(answer, "Response") == "Success":
            return DialAnswer(queued=True)
        said = one(answer, "Message") or "no reason given"
        return DialAnswer(queued=False, reason=REASONS.get(said, f"the phone system refused: {said}"))


def originate(request: DialRequest, plan: DialPlan) -> list[tuple[str, str]]:
    """The headers of the Originate action; Invalid names the field that may not be sent."""
    extension = _checked("extension", request.extension, EXTENSION)
    number = _checked("number", dialable(request.number), NUMBER)
    request_id = _checked("id", request.id, REQUEST)
    channel = _checked("dial_channel", plan.channel.replace("{extension}", extension), CHANNEL)
    return [
        ("Channel", channel),
        ("Context", _checked("dial_context", plan.context, CONTEXT)),
        ("Exten", number),
        ("Priority", "1"),
        # What the manager's phone shows while it rings; what the client sees is the trunk's affair.
        ("CallerID", f'"{number}" <{number}>'),
        ("Timeout", str(plan.ring_seconds * 1000)),
        ("Async", "true"),
        *_ids(channel, request_id),
        # Two underscores: every channel that comes of this one inherits it.
        ("Variable", f"__HUB_CALL_ID={request_id}"),
    ]


def dialable(number: str) -> str:
    """A number as typed, without the punctuation people use."""
    return PUNCTUATION.sub("", number)


def _ids(channel: str, request_id: str) -> list[tuple[str, str]]:
    """Channel ids of our own choice; a Local channel has two ends."""
    first = ("ChannelId", f"hub-{request_id}-a")
    return [first, ("OtherChannelId", f"hub-{request_id}-b")] if channel.startswith("Local/") else [first]


def _checked(field: str, value: str, allowed: re.Pattern[str]) -> str:
    if not allowed.fullmatch(value):
        raise Invalid(f"{field}: got {value[:80]!r}, which may not be dialled", field)
    return value
