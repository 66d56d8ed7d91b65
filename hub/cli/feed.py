"""`hub feed` and `hub replay`: captured events walk the same path as live ones."""

import csv
import hashlib
import io
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path

import click

from hub import pipeline, repair
from hub.cli.common import open_hub
from hub.domain import clock
from hub.domain.delivery import Delivery
from hub.domain.errors import Invalid
from hub.inbox import store as inbox
from hub.unit_of_work import Hub

LINES = 2000
"""Lines in one delivery."""
DRAIN_EVERY = 20
"""Deliveries stored before they are worked off, so that a large file never waits whole."""
TROUBLES = 20
"""Told at most: a file that is something else altogether is not told line by line."""


@click.command()
@click.argument("connection")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--history", is_flag=True, help="The past: calls and cards are filled, no leads and no tasks are opened.")
def feed(connection: str, files: Sequence[Path], history: bool) -> None:
    """Feed captured events (AMI .jsonl, CEL or CDR .csv) to CONNECTION."""
    hub = open_hub()
    began = clock.now()
    with hub.reading() as session:
        found = hub.connections.named(session, connection)
    new = known = 0
    for file in files:
        for fresh in _feed(hub, found.id, file, history=history):
            new, known = new + fresh, known + (not fresh)
    pipeline.catch_up(hub, found.id)
    click.echo(f"{new} deliveries fed" + (f", {known} known already" if known else ""))
    _say_troubles(hub, found.id, began)


def _feed(hub: Hub, connection_id: int, file: Path, *, history: bool) -> Iterator[bool]:
    kind = "text/csv" if file.suffix.lower() == ".csv" else "application/x-ndjson"
    headers = {pipeline.HISTORY: "1"} if history else {}
    with click.progressbar(length=file.stat().st_size, label=file.name) as bar:
        for number, body in enumerate(_pieces(file, kind), start=1):
            delivery = Delivery(
                connection_id=connection_id, body=body, content_type=kind, headers=headers, received_at=clock.now()
            )
            yield pipeline.accept(hub, delivery, key=f"feed:{hashlib.sha256(body).hexdigest()}")
            bar.update(len(body))
            if number % DRAIN_EVERY == 0:
                pipeline.drain(hub, connection_id)


def _pieces(file: Path, kind: str) -> Iterator[bytes]:
    """The file in deliveries of `LINES`; of a CSV each carries the header, and quoted line ends stay whole."""
    if kind == "text/csv":
        yield from _csv_pieces(file)
        return
    with file.open("rb") as lines:
        while piece := list(islice(lines, LINES)):
            yield b"".join(piece)


def _csv_pieces(file: Path) -> Iterator[bytes]:
    with file.open(encoding="utf-8", errors="replace", newline="") as text:
        rows = csv.reader(text)
        head = next(rows, None)
        while head and (piece := list(islice(rows, LINES))):
            yield _csv([head, *piece])


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    page = io.StringIO()
    csv.writer(page).writerows(rows)
    return page.getvalue().encode()


def _say_troubles(hub: Hub, connection_id: int, since: datetime) -> None:
    """What was not understood, and what failed: that alone is not a success."""
    with hub.reading() as session:
        troubles = inbox.troubles(session, connection_id, since)
    for state, reason in troubles[:TROUBLES]:
        click.echo(f"{state}: {reason}", err=True)
    if any(state == "failed" for state, _ in troubles):
        sys.exit(1)


@click.command()
@click.option("--since", help="Only deliveries received after this moment (ISO 8601 with offset).")
@click.option("--connection", "name", help="Only this connection.")
def replay(since: str | None, name: str | None) -> None:
    """Rebuild calls, leads and timelines from the stored deliveries."""
    hub = open_hub()
    moment = _moment(since)
    with hub.reading() as session:
        chosen = [hub.connections.named(session, name)] if name else hub.connections.all(session)
    for one in chosen:
        click.echo(f"{one.name}: {repair.replay(hub, one.id, moment)} deliveries read again")


def _moment(text: str | None) -> datetime | None:
    try:
        return clock.parse_iso(text) if text else None
    except ValueError as error:
        raise Invalid(f"--since: got {text!r}: expected a time such as 2026-11-22T10:00:00+02:00") from error
