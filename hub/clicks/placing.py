"""A stored wish, carried out once by a job: whoever turns it from stored to placing does it."""

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLong
from datetime import timedelta

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from structlog.contextvars import bound_contextvars

from hub.clicks import choosing
from hub.domain import clock
from hub.domain.access import Viewer
from hub.domain.dialing import DialOrder, PhoneState, Placed
from hub.domain.errors import Conflict, HubError, Rejected
from hub.inbox.connections import Connection
from hub.reads import routing
from hub.telephony import dials
from hub.telephony.models import DialRow
from hub.unit_of_work import Hub

log = structlog.get_logger()

STALE = timedelta(seconds=60)
"""A click this old is not dialled any more: nobody waits for it."""
PATIENCE_SECONDS = 9.0
"""Whatever a connector does, whoever clicked is told something within ten seconds."""
NO_ANSWER = "the phone system did not answer in time; your phone may ring all the same, so look before you try again"
Refusal = str
"""Why nothing was dialled, for people."""


def place(hub: Hub, dial_id: str) -> None:
    """Have a stored dial placed; one that was taken back meanwhile is hung up."""
    with bound_contextvars(dial=dial_id):
        _place(hub, dial_id)


def _place(hub: Hub, dial_id: str) -> None:
    with hub.unit_of_work() as session:
        mine = (DialRow.id == dial_id) & (DialRow.state == "stored")
        row = session.scalar(update(DialRow).where(mine).values(state="placing").returning(DialRow))
        if row is None:
            return
        connection, order = order_of(hub, session, row)
        late = row.created_at < clock.now() - STALE
    said = "it was too late to call" if late else _in_time(connection, order)
    with hub.unit_of_work() as session:
        if isinstance(said, Placed):
            dials.answered(session, dial_id, "queued", said.detail, said.ref)
        else:
            dials.answered(session, dial_id, "refused", said)
        taken_back = session.get_one(DialRow, dial_id).state == "cancelled"
    if taken_back and isinstance(said, Placed):
        _regret(connection, order, said.ref)


def order_of(hub: Hub, session: Session, row: DialRow) -> tuple[Connection, DialOrder]:
    """Which phone system is asked, and what for."""
    connection = hub.connections.get(session, row.connection_id)
    region = getattr(connection.settings, "region", None) or hub.rules.region
    line = routing.line_of(session, routing.Place(connection.id, region), row.user_id)
    order = DialOrder(
        request=row.id,
        extension=row.extension,
        number=row.number,
        hook=f"/hooks/{connection.name}",
        line=line.number if line else None,
    )
    return connection, order


def _in_time(connection: Connection, order: DialOrder) -> Placed | Refusal:
    """What the phone system said, or that it said nothing; an attempt that is given up on is never made again."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="dial")
    try:
        return pool.submit(_attempt, connection, order).result(PATIENCE_SECONDS)
    except TooLong:
        return NO_ANSWER
    finally:
        pool.shutdown(wait=False)


def _attempt(connection: Connection, order: DialOrder) -> Placed | Refusal:
    """Ask whether the phone would ring at all, then have it rung."""
    if _phone_state(connection, order.extension) is PhoneState.AWAY:
        return unreachable(order.extension)
    try:
        return connection.connector.place(connection.settings, order)
    except HubError as error:
        return str(error)
    except Exception:
        log.exception("a connector failed to dial", connection=connection.name, dial=order.request)
        return "the phone system gave an answer nobody understands; the log says more"


def unreachable(extension: str) -> str:
    """Why a phone that is away is not rung."""
    return f"your phone {extension} is not reachable: switched off, not signed in, or set to not disturb"


def phone(hub: Hub, viewer: Viewer) -> tuple[str, PhoneState] | None:
    """The phone a click of the viewer's would ring first, and what its system knows of it; None: there is none."""
    with hub.reading() as session:
        try:
            first = choosing.own(hub, session, viewer)[0]
        except Conflict:
            return None
    return first.number, first.state()


def _phone_state(connection: Connection, extension: str) -> PhoneState:
    try:
        return connection.connector.phone_state(connection.settings, extension)
    except HubError:
        return PhoneState.UNKNOWN  # the dial itself will say what is wrong


def _regret(connection: Connection, order: DialOrder, ref: str | None) -> None:
    try:
        connection.connector.cancel(connection.settings, order, ref)
    except Rejected as error:
        log.warning("a dial taken back could not be hung up", dial=order.request, problem=str(error))


def forgotten(hub: Hub) -> list[str]:
    """Dials nobody has placed yet: what a lost broker forgot; one whose process died over it is not tried again."""
    with hub.unit_of_work() as session:
        dials.interrupted(session, clock.now() - 2 * STALE)
        return list(session.scalars(select(DialRow.id).where(DialRow.state == "stored")))
