"""Everything a set-up can get wrong, each with what to do about it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import redis
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from hub.domain import clock
from hub.domain.access import Role
from hub.domain.errors import HubError
from hub.inbox import store as inbox
from hub.inbox.models import DeliveryRow
from hub.people.models import UserRow
from hub.settings import Settings
from hub.storage.database import alembic_config
from hub.storage.leases import SCHEDULER, LeaseRow
from hub.telephony.models import ExtensionRow, LineRow
from hub.unit_of_work import Hub

ENOUGH_BYTES = 1 << 30
OLD = timedelta(minutes=1)


class Level(StrEnum):
    """From worst to best; the findings are shown in this order."""

    BROKEN = "broken"
    DOUBTFUL = "doubtful"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at and found, and the remedy where one is needed."""

    level: Level
    what: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    hub: Hub
    settings: Settings


Check = Callable[[Patient], Iterator[Finding]]


def examine(hub: Hub, settings: Settings) -> list[Finding]:
    """All findings, worst first. A database that cannot be used ends the examination: the rest lives in it."""
    patient = Patient(hub, settings)
    findings = list(_database(patient))
    if all(finding.level is Level.GOOD for finding in findings):
        findings += [finding for check in CHECKS for finding in check(patient)]
    order = list(Level)
    return sorted(findings, key=lambda finding: order.index(finding.level))


def _database(patient: Patient) -> Iterator[Finding]:
    try:
        with patient.hub.engine.connect() as connection:
            here = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        yield Finding(Level.BROKEN, f"the database does not answer: {error}", "check HUB_DATABASE_URL and the server")
        return
    newest = ScriptDirectory.from_config(alembic_config(patient.settings.url)).get_current_head()
    if here == newest:
        yield Finding(Level.GOOD, "the database answers and has the newest schema")
    else:
        yield Finding(Level.BROKEN, "the database has not the newest schema", "run `hub init`")


def _disk(patient: Patient) -> Iterator[Finding]:
    free = shutil.disk_usage(patient.settings.data_dir if patient.settings.data_dir.exists() else ".").free
    if free < ENOUGH_BYTES:
        yield Finding(Level.BROKEN, f"only {free >> 20} MiB are free for data", "free some space, or move HUB_DATA_DIR")
    else:
        yield Finding(Level.GOOD, f"{free >> 30} GiB are free for data")


def _redis(patient: Patient) -> Iterator[Finding]:
    if patient.settings.redis_url is None:
        return
    try:
        with redis.Redis.from_url(patient.settings.redis_url, socket_connect_timeout=1, socket_timeout=2) as client:
            persistent = client.config_get("appendonly").get("appendonly")
    except redis.RedisError as error:
        yield Finding(Level.BROKEN, f"Redis does not answer: {error}", "check HUB_REDIS_URL")
        return
    if persistent == "yes":
        yield Finding(Level.GOOD, "Redis answers and keeps what it is told")
    else:
        yield Finding(Level.DOUBTFUL, "Redis forgets its queue when it stops", "set `appendonly yes` in its settings")


def _people(patient: Patient) -> Iterator[Finding]:
    with patient.hub.reading() as session:
        roles = {role for row in session.scalars(select(UserRow.roles).where(UserRow.active)) for role in row}
        phones = session.scalar(select(func.count()).select_from(ExtensionRow))
    if Role.ADMINISTRATOR not in roles:
        yield Finding(Level.BROKEN, "nobody is administrator", "run `hub init --admin-email …`")
    if not phones:
        remedy = "give people their extensions: `hub user add … --extension pbx:101`"
        yield Finding(Level.DOUBTFUL, "no extension belongs to anybody: calls show numbers, not names", remedy)


def _connections(patient: Patient) -> Iterator[Finding]:
    with patient.hub.reading() as session:
        connections = [one for one in patient.hub.connections.all(session) if one.enabled]
        lines = session.scalar(select(func.count()).select_from(LineRow))
    if not connections:
        yield Finding(Level.BROKEN, "no phone system is connected", "run `hub connection add asterisk --help`")
    for one in connections:
        try:
            yield Finding(Level.GOOD, f"{one.name}: {one.connector.probe(one.settings)}")
        except HubError as error:
            yield Finding(
                Level.BROKEN, f"{one.name}: {error}", f"run `hub connection test {one.name}` after mending it"
            )
    if connections and not lines:
        remedy = "name them: `hub connection add … --set lines=+380…`, or on the lines page"
        yield Finding(Level.DOUBTFUL, "none of your own numbers is known as a line", remedy)


def _inbox(patient: Patient) -> Iterator[Finding]:
    with patient.hub.reading() as session:
        counts = inbox.counts(session)
        waiting = DeliveryRow.state == "pending"
        oldest = session.scalar(select(func.min(DeliveryRow.received_at)).where(waiting))
    if oldest and oldest < clock.now() - OLD:
        yield Finding(Level.BROKEN, f"deliveries wait since {clock.iso(oldest)}", "start `hub serve` or `hub worker`")
    if failed := counts.get("failed"):
        yield Finding(
            Level.BROKEN, f"{failed} deliveries failed", "read why on the connection's page, then `hub replay`"
        )
    if parked := counts.get("parked"):
        remedy = "read why on the connection's page; `hub replay` after an update"
        yield Finding(Level.DOUBTFUL, f"{parked} deliveries were not understood", remedy)


def _scheduler(patient: Patient) -> Iterator[Finding]:
    with patient.hub.reading() as session:
        until = session.scalar(select(LeaseRow.until).where(LeaseRow.name == SCHEDULER))
    if until is None or until < clock.now():
        remedy = "start `hub serve`" if patient.settings.embedded else "start `hub scheduler`"
        yield Finding(Level.DOUBTFUL, "no scheduler is at work: nobody is reminded", remedy)
    else:
        yield Finding(Level.GOOD, "a scheduler is at work")


CHECKS: tuple[Check, ...] = (_disk, _redis, _people, _connections, _inbox, _scheduler)
