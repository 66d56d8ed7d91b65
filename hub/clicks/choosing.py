"""Which of one's phones a click rings: as its owner has chosen, and another one only where that was chosen too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from hub.clicks import checks
from hub.domain.access import Permission, Viewer
from hub.domain.dialing import PhoneState
from hub.domain.errors import Conflict, Forbidden, HubError
from hub.inbox.connections import Connection
from hub.people import preferences
from hub.people.preferences import ClickPhone
from hub.unit_of_work import Hub

BROWSER_THEN: Mapping[ClickPhone, Sequence[bool]] = {
    ClickPhone.BROWSER: (True,),
    ClickPhone.BROWSER_THEN_DESK: (True, False),
    ClickPhone.DESK: (False,),
    ClickPhone.DESK_THEN_BROWSER: (False, True),
}
"""Whether the phone tried first is the one in the browser, and whether the next one is."""
NONE_IN_BROWSER = "none of your phones can be used in the browser; choose your desk phone in your menu"
NO_DESK = "you have no desk phone; choose the phone in the browser in your menu"
NOT_CONNECTED = (
    "your phone in the browser is not connected: see what it says on the page, or choose your desk phone in your menu"
)
NEITHER = "neither your phone in the browser nor your desk phone can be reached"


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone of one's own, and its phone system."""

    connection: Connection
    number: str
    in_browser: bool

    @property
    def place(self) -> tuple[int, str]:
        return self.connection.id, self.number

    def state(self) -> PhoneState:
        """What its system knows of it; unknown when it does not answer: the dial itself will say what is wrong."""
        try:
            return self.connection.connector.phone_state(self.connection.settings, self.number)
        except HubError:
            return PhoneState.UNKNOWN


def own(hub: Hub, session: Session, viewer: Viewer) -> Sequence[Phone]:
    """The viewer's phones in the order in which they are tried. Conflict says why there is none."""
    if not viewer.can(Permission.CALLS_ORIGINATE):
        raise Forbidden("you may not place calls")
    mine = [_phone(hub, session, *place) for place in checks.phones(session, viewer)]
    if not mine:
        raise Conflict("you have no phone yet; an administrator gives you an extension")
    wanted = preferences.of_user(session, viewer.user_id).click_phone
    if viewer.extension is not None or wanted is ClickPhone.FIRST:
        return mine[:1]
    ladder = [next((each for each in mine if each.in_browser is rung), None) for rung in BROWSER_THEN[wanted]]
    found = [each for each in ladder if each is not None]
    if not found:
        raise Conflict(NONE_IN_BROWSER if wanted is ClickPhone.BROWSER else NO_DESK)
    return found


def first_there(ladder: Sequence[Phone], browser_ready: bool | None) -> Phone:
    """The phone to ring. `browser_ready`: what the page says of the phone in it, None when it says nothing.

    Conflict: none of them would ring. A desk phone that is the last one is rung unasked; placing looks at it anyway.
    """
    for place, phone in enumerate(ladder):
        last = place == len(ladder) - 1
        if phone.in_browser and browser_ready is not None:
            if browser_ready:
                return phone
        elif last or phone.state() is not PhoneState.AWAY:
            return phone
    raise Conflict(NOT_CONNECTED if len(ladder) == 1 else NEITHER)


def _phone(hub: Hub, session: Session, connection_id: int, number: str) -> Phone:
    connection = hub.connections.get(session, connection_id)
    return Phone(connection, number, _is_in_browser(connection, number))


def _is_in_browser(connection: Connection, number: str) -> bool:
    """One whose settings are wrong is one all the same: it is not connected, and its connection's page says why."""
    try:
        return connection.connector.browser_phone(connection.settings, number) is not None
    except HubError:
        return True
