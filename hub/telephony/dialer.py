"""Click-to-call: the manager's phone rings first, and when it is picked up the PBX calls the client."""

import re
from dataclasses import dataclass

from hub.domain.dialing import DialOrder, PhoneState
from hub.domain.errors import Invalid, Rejected
from hub.telephony.ami import Ami, Block, Endpoint, one

REQUEST = re.compile(r"[A-Za-z0-9-]{1,64}")
CONTEXT = re.compile(r"[A-Za-z0-9_.-]{1,80}")
EXTENSION = re.compile(r"[A-Za-z0-9_.-]{1,80}")
CHANNEL = re.compile(r"[A-Za-z0-9]+/[A-Za-z0-9_.@/-]{1,100}")
REASONS = {
    "Originate": {
        "Permission denied": "the manager user may not place calls: give it write permission 'originate' on the PBX"
    },
    "Hangup": {
        "Permission denied": "the manager user may not hang up: give it write permission 'call' on the PBX",
        "No such channel": "there is nothing to hang up any more",
    },
}
"""What Asterisk says to an action, and what a person can do about it."""
HINTS = {
    0: PhoneState.FREE,
    1: PhoneState.BUSY,
    2: PhoneState.BUSY,
    4: PhoneState.AWAY,
    8: PhoneState.BUSY,
    9: PhoneState.BUSY,
    16: PhoneState.BUSY,
    17: PhoneState.BUSY,
}
"""ExtensionState's `Status`: bits for in use (1), busy (2), unavailable (4), ringing (8), on hold (16); -1: no hint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialPlan:
    """How this PBX is dialled; fixed by the connection's settings, never by the one who clicks.

    `channel` names the phone of ``{extension}``; `context` is where its outgoing calls begin.
    """

    channel: str = "PJSIP/{extension}"
    context: str = "from-internal"
    ring_seconds: int = 25


def place(endpoint: Endpoint, plan: DialPlan, order: DialOrder) -> None:
    """Have the PBX queue the call; whether a phone was picked up comes later, as events.

    It logs in by itself: the process that dials need not be the one that listens. Invalid before anything
    is sent, Rejected when the PBX will not, LoginRefused when it does not let us in,
    Lost when it is away (if only its answer is missing, the phone may ring all the same).
    """
    _ask(endpoint, "Originate", *originate(order, plan), action_id=order.request)


def hang_up(endpoint: Endpoint, order: DialOrder) -> None:
    """End what `place` began, wherever it has come to; errors as above.

    Asterisk finds a channel by its unique id too, and ours were chosen by us; with the first the whole call ends.
    """
    request = _checked("request", order.request, REQUEST)
    _ask(endpoint, "Hangup", ("Channel", _channel_id(request)), ("Cause", "16"))


def phone_state(endpoint: Endpoint, plan: DialPlan, extension: str) -> PhoneState:
    """What the dial plan's hint says of a phone; unknown without a hint, or without permission to ask."""
    _checked("extension", extension, EXTENSION)
    try:
        answer = _ask(endpoint, "ExtensionState", ("Exten", extension), ("Context", plan.context))
    except Rejected:
        return PhoneState.UNKNOWN
    status = one(answer, "Status")
    return HINTS.get(int(status), PhoneState.UNKNOWN) if status.lstrip("-").isdecimal() else PhoneState.UNKNOWN


def _ask(endpoint: Endpoint, action: str, *headers: tuple[str, str], action_id: str | None = None) -> Block:
    """One action on a line of its own; Rejected with a person's remedy when the PBX says no."""
    with Ami.connect(endpoint) as ami:
        ami.login(endpoint, "off")
        answer = ami.request(action, *headers, action_id=action_id)
    if one(answer, "Response") != "Success":
        said = one(answer, "Message") or "no reason given"
        raise Rejected(REASONS.get(action, {}).get(said, f"the phone system refused: {said}"))
    return answer


def originate(order: DialOrder, plan: DialPlan) -> list[tuple[str, str]]:
    """The headers of the Originate action; Invalid names the field that may not be sent."""
    request = _checked("request", order.request, REQUEST)
    channel = _checked("dial_channel", plan.channel.replace("{extension}", order.extension), CHANNEL)
    return [
        ("Channel", channel),
        ("Context", _checked("dial_context", plan.context, CONTEXT)),
        ("Exten", order.number),
        ("Priority", "1"),
        # What the manager's phone shows while it rings; what the client sees is the trunk's affair.
        ("CallerID", f'"{order.number}" <{order.number}>'),
        ("Timeout", str(plan.ring_seconds * 1000)),
        ("Async", "true"),
        *_ids(channel, request),
        # Two underscores: every channel that comes of this one inherits it.
        ("Variable", f"__HUB_CALL_ID={request}"),
    ]


def _ids(channel: str, request: str) -> list[tuple[str, str]]:
    """Channel ids of our own choice; a Local channel has two ends."""
    first = ("ChannelId", _channel_id(request))
    return [first, ("OtherChannelId", f"hub-{request}-b")] if channel.startswith("Local/") else [first]


def _channel_id(request: str) -> str:
    return f"hub-{request}-a"


def _checked(field: str, value: str, allowed: re.Pattern[str]) -> str:
    if not allowed.fullmatch(value):
        raise Invalid(f"{field}: got {value[:80]!r}, which may not be dialled", field)
    return value
