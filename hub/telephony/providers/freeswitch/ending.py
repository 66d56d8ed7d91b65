"""When and how a conversation ended, in plain words."""

from collections.abc import Iterable
from datetime import datetime

from hub.domain.calls import Direction, Outcome, Party
from hub.telephony.providers.freeswitch import causes
from hub.telephony.providers.freeswitch.causes import Verdict
from hub.telephony.providers.freeswitch.legs import Leg
from hub.telephony.providers.freeswitch.roles import Roles

CALLER_GAVE_UP = "caller gave up"
_HUNG_UP, _GAVE_UP = {"recv_bye"}, {"recv_cancel"}
"""What a leg shows whose party hung up, or gave up, by itself."""


def ended_at(roles: Roles) -> datetime | None:
    """The last leg's end; None while one may still be up, or before the first leg's own word."""
    told = [leg for leg in (roles.root, *roles.clients, *roles.phones) if leg.whole or leg is roles.root]
    ends = [leg.ended for leg in told if leg.ended]
    return max(ends) if len(ends) == len(told) else None


def verdict(roles: Roles, *, talked: bool, message: bool) -> Verdict:
    if talked:
        return _hung_up(roles), None, None
    match roles.direction:
        case Direction.INBOUND:
            return _missed(roles, message=message)
        case Direction.OUTBOUND:
            return _unreached(roles)
        case Direction.INTERNAL:
            return _unanswered(roles, message=message)


def _hung_up(roles: Roles) -> Party | None:
    """Whoever said goodbye; a client's goodbye ends more than a colleague's, who may only have sent the client on."""
    if _any(roles.clients, _HUNG_UP):
        return Party.CLIENT
    return Party.US if _any((roles.root, *roles.phones), _HUNG_UP) else None


def _any(legs: Iterable[Leg], how: set[str]) -> bool:
    return any(leg.text("hangup") in how for leg in legs)


def _gave_up(roles: Roles) -> bool:
    return roles.root.text("hangup") in _GAVE_UP or roles.root.text("cause") == causes.CANCELLED


def _missed(roles: Roles, *, message: bool) -> Verdict:
    if message:
        return Party.CLIENT if _any(roles.clients, _HUNG_UP) else None, None, None
    if _gave_up(roles) or roles.root.text("hangup") in _HUNG_UP:
        return Party.CLIENT, None, CALLER_GAVE_UP
    reason = _phones(roles)
    return Party.US if reason == "declined" else Party.SYSTEM, None, reason


def _phones(roles: Roles) -> str:
    """What our phones did with a call nobody took; of phones not told of, what their calling came to."""
    told = {causes.phone(leg.text("cause"))[1] for leg in roles.phones if leg.whole}
    told.add(causes.phone(roles.root.text("disposition"))[1])
    return next((reason for reason in causes.REASONS if reason in told), _otherwise(roles))


def _otherwise(roles: Roles) -> str:
    return "nobody answered" if roles.phones else "no phone was called"


def _unreached(roles: Roles) -> Verdict:
    client = next(iter(roles.clients), None)
    if client is not None and client.whole:
        return causes.CLIENTS.get(client.text("cause"), causes.UNREACHABLE)
    if not roles.root.inward and roles.root.answered is None:
        return Party.SYSTEM, Outcome.CANCELLED, "our phone was not picked up"
    if _gave_up(roles):
        return causes.CLIENTS[causes.CANCELLED]
    return causes.CLIENTS.get(roles.root.text("disposition") or roles.root.text("cause"), causes.UNREACHABLE)


def _unanswered(roles: Roles, *, message: bool) -> Verdict:
    if message:
        return None, Outcome.VOICEMAIL, None
    if _gave_up(roles):
        return Party.US, Outcome.CANCELLED, CALLER_GAVE_UP
    reason = _phones(roles)
    by = Party.US if reason == "declined" else Party.SYSTEM
    return by, causes.INTERNAL.get(reason, Outcome.FAILED), reason
