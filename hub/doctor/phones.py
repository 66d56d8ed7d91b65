"""The phone systems: reachable, heard, lately heard of, and nothing missing; the people and lines behind them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.doctor.findings import Finding, Level, Patient, lasting
from hub.domain import clock
from hub.domain.access import Role
from hub.domain.errors import HubError
from hub.inbox.connections import Connection
from hub.inbox.models import ConnectionRow
from hub.people.models import UserRow
from hub.reads import measures
from hub.storage.leases import LISTENING
from hub.telephony.models import ComparisonRow, ExtensionRow, LineRow

TRIED_AT_ONCE = 8
"""One that does not answer keeps nobody from the others."""
QUIET = timedelta(days=1)
"""A phone system silent for longer is worth a look, though a weekend explains it."""


def people(patient: Patient) -> Iterator[Finding]:
    with patient.hub.reading() as session:
        roles = {role for row in session.scalars(select(UserRow.roles).where(UserRow.active)) for role in row}
        phones = session.scalar(select(func.count()).select_from(ExtensionRow))
    if Role.ADMINISTRATOR not in roles:
        yield Finding(Level.BROKEN, "nobody is administrator", "run `hub init --admin-email …`")
    if not phones:
        remedy = "give people their extensions, in the settings or with `hub user phone … pbx:101`"
        yield Finding(Level.DOUBTFUL, "no extension belongs to anybody: calls show numbers, not names", remedy)


def connections(patient: Patient) -> Iterator[Finding]:
    with patient.hub.reading() as session:
        used = [one for one in patient.hub.connections.all(session) if one.enabled]
        lines = session.scalar(select(func.count()).select_from(LineRow))
    if not used:
        yield Finding(
            Level.BROKEN,
            "no phone system is connected",
            "connect one in the settings, or see `hub connection add asterisk --help`",
        )
    with ThreadPoolExecutor(TRIED_AT_ONCE, thread_name_prefix="probe") as pool:
        yield from pool.map(_reached, used)
    if used and not lines:
        remedy = "name them: `hub connection add … --set lines=+380…`, or on the lines page"
        yield Finding(Level.DOUBTFUL, "none of your own numbers is known as a line", remedy)


def _reached(one: Connection) -> Finding:
    try:
        return Finding(Level.GOOD, f"{one.name}: {one.connector.probe(one.settings)}")
    except HubError as error:
        return Finding(Level.BROKEN, f"{one.name}: {error}", f"run `hub connection test {one.name}` after mending it")


def listening(patient: Patient) -> Iterator[Finding]:
    """Whether somebody holds the line to each system that has one, and hears."""
    now = clock.now()
    with patient.hub.reading() as session:
        for one in patient.hub.connections.all(session):
            if one.enabled and one.connector.listener(one.settings):
                yield from _heard(patient, session, one, measures.held(session, f"{LISTENING}{one.id}", now))


def _heard(patient: Patient, session: Session, one: Connection, held: bool) -> Iterator[Finding]:
    row = session.get_one(ConnectionRow, one.id)
    if not held:
        start = "`hub serve`" if patient.settings.embedded else "`hub listen`"
        yield Finding(Level.BROKEN, f"{one.name}: nobody listens to it", f"start {start}")
    elif row.state == "down":
        remedy = f"`hub connection test {one.name}` says what is wrong; Hub tries again by itself"
        yield Finding(Level.BROKEN, f"{one.name} is not heard: {row.detail or 'no reason given'}", remedy)
    else:
        yield Finding(Level.GOOD, f"{one.name}: its line is held ({row.state})")


def quiet(patient: Patient) -> Iterator[Finding]:
    now = clock.now()
    with patient.hub.reading() as session:
        for one in measures.phones(session):
            if one.last_at is not None and one.last_at < now - QUIET:
                words = f"{one.connection}: nothing was delivered for {lasting(now - one.last_at)}"
                yield Finding(Level.DOUBTFUL, words, "make a call over it; look whether it still knows Hub's address")
            if one.last_at is None:
                remedy = f"make a call over it; `hub connection show {one.connection}` says what to enter there"
                yield Finding(Level.DOUBTFUL, f"{one.connection}: nothing was ever delivered", remedy)


def comparisons(patient: Patient) -> Iterator[Finding]:
    with patient.hub.reading() as session:
        missing = measures.missing(session, clock.now())
        newest = select(func.max(ComparisonRow.id)).group_by(ComparisonRow.connection_id)
        problems = select(ConnectionRow.name, ComparisonRow.problem).join(
            ConnectionRow, ConnectionRow.id == ComparisonRow.connection_id
        )
        unread = session.execute(problems.where(ComparisonRow.id.in_(newest), ComparisonRow.problem.is_not(None))).all()
    for name, count in missing.items():
        if count:
            words = f"{name}: its own list had {count} calls in the last day that never arrived; they were fetched"
            yield Finding(Level.DOUBTFUL, words, "look in its log for deliveries to Hub that failed")
    for name, problem in unread:
        remedy = "mend that; the same stretch of time is compared again"
        yield Finding(Level.DOUBTFUL, f"{name}: its own list of calls could not be read: {problem}", remedy)
