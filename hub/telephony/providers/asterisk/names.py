"""What a call is shown by: the other party's number and name, and our line."""

from collections.abc import Iterable

from hub.domain.calls import Direction
from hub.domain.identity import TAIL_DIGITS
from hub.telephony.providers.asterisk import people
from hub.telephony.providers.asterisk.cast import Cast
from hub.telephony.providers.asterisk.channels import REQUEST_VARIABLE, Channel
from hub.telephony.providers.asterisk.text import dialled_number, digits, is_number, number

_SHORTEST_LINE = 3


def outside_number(cast: Cast) -> str | None:
    """The outside party's number as the system showed it; None when it is withheld or there is no such party."""
    match cast.direction:
        case Direction.INBOUND:
            return _caller_number(cast.first)
        case Direction.OUTBOUND:
            return _called_number(cast)
        case Direction.INTERNAL:
            return None


def _caller_number(client: Channel) -> str | None:
    if any(caller.hidden for caller in client.callers):
        return None
    return _first(number(caller.number) for caller in client.callers)


def _called_number(cast: Cast) -> str | None:
    """What was sent to the network, else what the line showed as called, else what our phone meant to reach."""
    sent = [dialled_number(client.dial_string) for client in cast.clients]
    shown = [number(caller.number) for client in cast.clients for caller in client.callers]
    ours = {client.showed for client in cast.clients}
    meant = people.aims(cast.initiator, cast.wanted) if cast.initiator else [cast.wanted]
    aims = (number(text) for text in meant if people.looks_outside(text, cast.settings))
    return _first([*sent, *(text for text in shown if text not in ours), *aims])


def caller_name(cast: Cast) -> str | None:
    """What a caller sent as a name; a number copied into the name is none."""
    if cast.direction is not Direction.INBOUND:
        return None
    return _first(caller.name for caller in cast.first.callers if not is_number(caller.name))


def line(cast: Cast) -> str | None:
    """Our number that was called, or that we showed when calling; spelled as configured where it is known."""
    shown = _called_line(cast.first) if cast.direction is Direction.INBOUND else _showed_line(cast)
    return cast.settings.line(shown) if shown else None


def _called_line(client: Channel) -> str | None:
    did = client.variables.get("FROM_DID", "")
    return _first(text for text in (did, client.exten) if digits(text) >= _SHORTEST_LINE)


def _showed_line(cast: Cast) -> str | None:
    """A phone that was called first showed the client's number; a dial plan that sets no other shows it on."""
    showed = (number(client.showed) for client in cast.clients)
    called = _tail(_called_number(cast) or "")
    return _first(text for text in showed if not cast.settings.is_extension(text) and _tail(text) != called)


def _tail(shown: str) -> str:
    return "".join(filter(str.isdigit, shown))[-TAIL_DIGITS:]


def request(cast: Cast) -> str | None:
    """The click-to-call request that made this call."""
    return _first(channel.variables.get(REQUEST_VARIABLE, "") for channel in cast.channels.values())


def _first(texts: Iterable[str]) -> str | None:
    return next((text for text in texts if text), None)
