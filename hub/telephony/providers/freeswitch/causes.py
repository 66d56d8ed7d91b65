"""Hangup causes of the switch, and what they mean for people."""

from collections.abc import Mapping

from hub.domain.calls import LegOutcome, Outcome, Party

Verdict = tuple[Party | None, Outcome | None, str | None]
"""Who ended it, with what outcome (None: as the events before tell), and why."""

CANCELLED = "ORIGINATOR_CANCEL"
_BUSY = ("USER_BUSY",)
_REJECTED = ("CALL_REJECTED",)
_SILENT = ("NO_ANSWER", "NO_USER_RESPONSE", "ALLOTTED_TIMEOUT", "PROGRESS_TIMEOUT", "RECOVERY_ON_TIMER_EXPIRE")
_UNKNOWN = ("UNALLOCATED_NUMBER", "NO_ROUTE_DESTINATION", "INVALID_NUMBER_FORMAT", "NUMBER_CHANGED")
_CROWDED = ("NORMAL_CIRCUIT_CONGESTION", "SWITCH_CONGESTION", "NORMAL_TEMPORARY_FAILURE", "NETWORK_OUT_OF_ORDER")
_OFFLINE = ("USER_NOT_REGISTERED", "SUBSCRIBER_ABSENT", "DESTINATION_OUT_OF_ORDER", "GATEWAY_DOWN")

PHONES: Mapping[str, tuple[LegOutcome, str]] = {
    **dict.fromkeys(_SILENT, (LegOutcome.NO_ANSWER, "ring timeout")),
    **dict.fromkeys(_REJECTED, (LegOutcome.REJECTED, "declined")),
    **dict.fromkeys(_BUSY, (LegOutcome.BUSY, "phone busy")),
    **dict.fromkeys((*_OFFLINE, *_UNKNOWN, *_CROWDED), (LegOutcome.NO_ANSWER, "phone offline")),
}
"""Why a phone of ours was not picked up; every other cause: the switch took it back."""
REASONS = ("ring timeout", "declined", "phone busy", "phone offline")
"""Of several phones the first that fits says why nobody answered."""
INTERNAL: Mapping[str, Outcome] = {
    "ring timeout": Outcome.NO_ANSWER,
    "declined": Outcome.REJECTED,
    "phone busy": Outcome.BUSY,
}
CLIENTS: Mapping[str, Verdict] = {
    **dict.fromkeys(_BUSY, (Party.SYSTEM, Outcome.BUSY, "busy")),
    **dict.fromkeys(_REJECTED, (Party.CLIENT, Outcome.REJECTED, "declined")),
    **dict.fromkeys(_SILENT, (Party.SYSTEM, Outcome.NO_ANSWER, "no answer")),
    **dict.fromkeys(_UNKNOWN, (Party.SYSTEM, Outcome.FAILED, "no such number")),
    **dict.fromkeys(_CROWDED, (Party.SYSTEM, Outcome.FAILED, "congestion")),
    CANCELLED: (Party.US, Outcome.CANCELLED, "we gave up"),
}
"""Why a client was not reached; every other cause: the number could not be reached."""
UNREACHABLE: Verdict = (Party.SYSTEM, Outcome.FAILED, "the number could not be reached")


def phone(cause: str) -> tuple[LegOutcome, str]:
    return PHONES.get(cause, (LegOutcome.CANCELLED, ""))
