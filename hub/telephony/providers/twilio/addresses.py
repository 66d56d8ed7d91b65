"""The addresses Twilio calls: those entered there once, and those Hub gives it along the way.

Nothing is remembered between two requests of a call. What the next one must know stands in the query of the address
Hub gave, which Twilio signs; its names are in small letters, Twilio's own are not:

of    in or out: which way the conversation goes        req, to   the click-to-call request, and its client's number
next  phones to ring after these: a,b;c                 line      the number the client sees
ring  for how long (seconds)                            vm, rec   whether messages are taken, whether it is recorded
as    transfer: this phone is called in place of another
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from hub.domain.delivery import Delivery

RETRY = "#rc=3&rt=4000&rp=5xx,ct,rt"
"""How Twilio is asked to try again (by itself it tries no 5xx twice); a fragment, so it is not signed."""
ENTERED = {
    "Phone number: a call comes in": "voice",
    "Phone number: call status changes": "status",
    "TwiML app and SIP domain: a call comes in": "outgoing",
    "TwiML app and SIP domain: call status changes": "status",
}


@dataclass(frozen=True, slots=True)
class Hook:
    """A connection's own public address."""

    address: str

    @classmethod
    def of(cls, delivery: Delivery) -> "Hook":
        """Where this delivery came to, without the door and the query."""
        place = delivery.target.partition("?")[0].removesuffix(delivery.path).rstrip("/")
        return cls(delivery.settings.public_url + place)

    def door(self, door: str, **context: str | None) -> str:
        """The address of a door, with what it must know when it is called."""
        query = urlencode({name: value for name, value in context.items() if value})
        return f"{self.address}/{door}{'?' if query else ''}{query}{RETRY}"

    def entered(self) -> Mapping[str, str]:
        """What an administrator enters at Twilio, by what it is called there."""
        return {label: self.door(door) for label, door in ENTERED.items()}
