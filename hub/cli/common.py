"""What every command needs: Hub itself, and rows printed for people or as JSON."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import structlog
from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from hub import bootstrap, telemetry
from hub.domain.access import Role, Viewer
from hub.domain.errors import Misconfigured
from hub.settings import Settings, load
from hub.storage import schema
from hub.storage.database import open_engine
from hub.unit_of_work import Hub

log = structlog.get_logger()

OPERATOR = Viewer(user_id=None, roles=frozenset(Role), name="operator")
"""Whoever may run commands on the machine may see everything."""

PATIENCE_SECONDS = 20.0
AGAIN_SECONDS = 1.0


class DatabaseAway(Misconfigured):
    """The database did not answer, or let nobody in."""


def open_hub() -> Hub:
    """Hub on a database that is ready; Misconfigured says how to make it so."""
    settings = load()
    telemetry.start("WARNING")
    get_ready(settings)
    return for_this_command(bootstrap.build(settings))


def for_this_command(hub: Hub) -> Hub:
    """Hub, whose connections are closed when the command ends."""
    click.get_current_context().call_on_close(hub.engine.dispose)
    return hub


def get_ready(settings: Settings, *, migrating: bool = False) -> None:
    """A data directory, and a database with every table; where Hub is one process it makes them itself."""
    _make(settings.data_dir)
    with explained(settings):
        with open_database(settings) as engine:
            here = schema.standing(engine)
        if here.newer and not migrating:
            log.warning(here.words)  # as while the first of many machines is updated: what is there is enough for us
        elif migrating or settings.embedded:
            schema.migrate(settings.url)
        elif not here.current:
            raise Misconfigured(here.words)


def get_ready_to_stay(settings: Settings) -> None:
    """The same for a process that stays: a server that is just beginning, as after a power cut, is waited for."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return get_ready(settings)
        except DatabaseAway as error:
            if make_url(settings.url).get_backend_name() == "sqlite" or time.monotonic() > until:
                raise
            log.warning("the database is waited for", trouble=str(error), seconds_left=round(until - time.monotonic()))
        time.sleep(AGAIN_SECONDS)


@contextmanager
def open_database(settings: Settings) -> Iterator[Engine]:
    """The database alone, as it is; Misconfigured when it does not answer."""
    _make(settings.data_dir)
    with explained(settings):
        engine = open_engine(settings.url)
        try:
            yield engine
        finally:
            engine.dispose()


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(
            f"HUB_DATA_DIR: got {str(folder)!r}: {error.strerror}; expected a folder Hub may write to"
        ) from error


@contextmanager
def explained(settings: Settings) -> Iterator[None]:
    """A database that does not answer, in a sentence."""
    try:
        yield
    except OperationalError as error:
        address = make_url(settings.url).render_as_string(hide_password=True)
        problem = str(error.orig).strip().splitlines()[0]
        raise DatabaseAway(
            f"HUB_DATABASE_URL: got {address!r}: {problem}; expected a database that is running and lets Hub in"
        ) from error


def print_json(rows: Iterable[Mapping[str, Any]]) -> None:
    """A JSON array, one object a line, written as it is read."""
    click.echo("[", nl=False)
    for number, row in enumerate(rows):
        click.echo(("," if number else "") + "\n" + json.dumps(row, ensure_ascii=False), nl=False)
    click.echo("\n]")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Columns as wide as their widest value; an empty list says so."""
    texts = [[_text(value) for value in row] for row in rows]
    if not texts:
        click.echo("nothing here yet")
        return
    widths = [max(len(row[place]) for row in [list(columns), *texts]) for place in range(len(columns))]
    for row in [list(columns), *texts]:
        click.echo("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def _text(value: object) -> str:
    return "" if value is None else str(value)[:60]
