"""`hub reconcile`: what phone systems list themselves, held against what is here."""

import sys
from collections.abc import Iterator
from datetime import datetime

import click

from hub import pipeline, reconciling
from hub.cli.common import open_hub, print_table
from hub.domain import clock
from hub.domain.errors import Invalid
from hub.inbox.connections import Connection
from hub.reconciling import Stretch
from hub.telephony.models import ComparisonRow
from hub.unit_of_work import Hub

COLUMNS = ("connection", "since", "until", "listed", "received", "waiting", "missing", "problem")


@click.command()
@click.option("--connection", "name", help="Only this connection.")
@click.option("--since", help="Calls that began after this moment (ISO 8601 with offset); usually the last day.")
@click.option("--history", is_flag=True, help="What is fetched is the past: no leads and no tasks are opened.")
def reconcile(name: str | None, since: str | None, history: bool) -> None:
    """Compare what is here with each phone system's own list of calls, and fetch what is missing."""
    hub = open_hub()
    stretch = _stretch(since, history=history)
    with hub.reading() as session:
        chosen = [hub.connections.named(session, name)] if name else hub.connections.all(session)
    rows = list(_compared(hub, [one for one in chosen if one.enabled], stretch))
    print_table(COLUMNS, [_shown(one, row) for one, row in rows])
    if any(row.problem for _, row in rows):
        sys.exit(1)


def _compared(
    hub: Hub, chosen: list[Connection], stretch: Stretch | None
) -> Iterator[tuple[Connection, ComparisonRow]]:
    for one in chosen:
        row = reconciling.compare(hub, one.id, stretch)
        if row is None:
            click.echo(
                f"{one.name}: nothing to compare with: its system lists no calls, or is being compared", err=True
            )
            continue
        pipeline.catch_up(hub, one.id)
        yield one, row


def _stretch(since: str | None, *, history: bool) -> Stretch | None:
    """None: the usual one."""
    now = clock.now()
    if since is None and not history:
        return None
    return Stretch(since=_moment(since) or now - reconciling.BACK, until=now - reconciling.NEWEST, history=history)


def _moment(text: str | None) -> datetime | None:
    try:
        return clock.parse_iso(text) if text else None
    except ValueError as error:
        raise Invalid(f"--since: got {text!r}: expected a time such as 2026-11-22T10:00:00+02:00") from error


def _shown(one: Connection, row: ComparisonRow) -> tuple[object, ...]:
    counts = (row.listed, row.received, row.waiting, row.missing)
    return (one.name, clock.iso(row.since), clock.iso(row.until), *counts, row.problem)
