"""What Hub stands on: database, clock, disk, Redis, the address it is reached at."""

import shutil
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

import redis
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from hub.doctor.findings import Finding, Level, Patient
from hub.domain import clock
from hub.storage.schema import standing_of

ENOUGH_BYTES = 1 << 30
CLOCK_SECONDS = 2.0
"""Leases last ten seconds and more; clocks that differ by less than this do them no harm."""
REDIS_NEEDS = {
    "appendonly": ("yes", "it forgets its queue when it stops"),
    "maxmemory-policy": ("noeviction", "it throws jobs away when its memory is full"),
}
"""Setting → the value it must have, and what happens with another one."""


def database(patient: Patient) -> Iterator[Finding]:
    try:
        with patient.hub.engine.connect() as connection:
            schema = standing_of(connection)
    except SQLAlchemyError as error:
        problem = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        yield Finding(Level.BROKEN, f"the database does not answer: {problem}", "check HUB_DATABASE_URL and the server")
        return
    if schema.current:
        yield Finding(Level.GOOD, "the database answers and has the newest schema")
    else:
        what, _, remedy = schema.words.partition("; ")
        yield Finding(Level.DOUBTFUL if schema.newer else Level.BROKEN, what, remedy)


def clocks(patient: Patient) -> Iterator[Finding]:
    """A database on another machine has a clock of its own."""
    if patient.hub.engine.dialect.name != "postgresql":
        return
    with patient.hub.reading() as session:
        there = session.scalar(select(func.clock_timestamp()))
    ahead = (clock.now() - there).total_seconds() if there else 0.0
    if abs(ahead) > CLOCK_SECONDS:
        words = (
            f"this machine's clock is {abs(ahead):.0f} seconds {'ahead of' if ahead > 0 else 'behind'} the database's"
        )
        yield Finding(Level.BROKEN, words, "let both follow a time server (chrony, systemd-timesyncd)")
    else:
        yield Finding(Level.GOOD, "clock and database agree on the time")


def disk(patient: Patient) -> Iterator[Finding]:
    free = shutil.disk_usage(patient.settings.data_dir if patient.settings.data_dir.exists() else ".").free
    if free < ENOUGH_BYTES:
        yield Finding(Level.BROKEN, f"only {free >> 20} MiB are free for data", "free some space, or move HUB_DATA_DIR")
    else:
        yield Finding(Level.GOOD, f"{free >> 30} GiB are free for data")


def broker(patient: Patient) -> Iterator[Finding]:
    if patient.settings.redis_url is None:
        return
    try:
        with redis.Redis.from_url(patient.settings.redis_url, socket_connect_timeout=1, socket_timeout=2) as client:
            said = {name: client.config_get(name).get(name) for name in REDIS_NEEDS}
    except redis.RedisError as error:
        yield Finding(Level.BROKEN, f"Redis does not answer: {error}", "check HUB_REDIS_URL")
        return
    wrong = [name for name, (value, _) in REDIS_NEEDS.items() if said[name] != value]
    for name in wrong:
        value, harm = REDIS_NEEDS[name]
        yield Finding(Level.DOUBTFUL, f"Redis: {harm}", f"set `{name} {value}` in its settings")
    if not wrong:
        yield Finding(Level.GOOD, "Redis answers and keeps what it is told")


def address(patient: Patient) -> Iterator[Finding]:
    """Where people and phone systems reach Hub, and whether both were told the same."""
    ours = patient.settings.public_url.rstrip("/")
    if urlsplit(ours).scheme != "https" and not _at_home(ours):
        remedy = "put a proxy with TLS in front and set HUB_PUBLIC_URL to its https address"
        yield Finding(Level.DOUBTFUL, f"{ours} is not encrypted: passwords and calls can be read on the way", remedy)
    with patient.hub.reading() as session:
        connections = [one for one in patient.hub.connections.all(session) if one.enabled]
    for one in connections:
        told = str(getattr(one.settings, "public_url", ours)).rstrip("/")
        if told != ours:
            words = f"{one.name} delivers to {told}, but HUB_PUBLIC_URL is {ours}"
            yield Finding(Level.DOUBTFUL, words, "make them the same, unless two proxies lead here on purpose")


def _at_home(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
