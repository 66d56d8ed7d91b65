"""Click-to-call by Zadarma's callback: our own phone is rung, and who picks up is joined with the client."""

from hub.domain.dialing import DialOrder, PhoneState, Placed
from hub.domain.errors import Transient
from hub.http import NoAnswer
from hub.telephony.providers.zadarma import phones, rest
from hub.telephony.providers.zadarma.settings import ZadarmaSettings

LOOK_SECONDS, PLACE_SECONDS = 2.5, 6.0
"""Together below the nine seconds somebody who clicked is kept waiting."""
STATES = {"true": PhoneState.FREE, "false": PhoneState.AWAY}


def phone_state(settings: ZadarmaSettings, extension: str) -> PhoneState:
    """Whether the phone is signed in at the exchange."""
    said = rest.ask(settings, f"/v1/pbx/internal/{phones.spelled(extension)}/status/", LOOK_SECONDS)
    return STATES.get(str(said.get("is_online", "")).lower(), PhoneState.UNKNOWN)


def place(settings: ZadarmaSettings, order: DialOrder) -> Placed:
    """Asked once. Zadarma does not say which call it will be, and keeps no list of what it was asked."""
    phone, number = phones.spelled(order.extension), order.number.removeprefix("+")
    try:
        rest.ask(settings, "/v1/request/callback/", PLACE_SECONDS, **{"from": phone, "to": number})
    except NoAnswer as problem:
        again = "your phone may ring all the same, so wait a minute before you try again"
        raise Transient(f"{problem}; {again}") from problem
    return Placed(detail="Zadarma rings your phone")
