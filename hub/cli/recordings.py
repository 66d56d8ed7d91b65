"""`hub recordings`: how recordings stand in custody, and fetching them again."""

from uuid import UUID

import click

from hub.cli.common import open_hub, print_json, print_table
from hub.custody import asking, erasing, fetching
from hub.domain.errors import Invalid
from hub.reads import recordings as reads

STATES = ("pending", "stored", "failed", "expired", "erased")
COLUMNS = ("id", "state", "connection", "source", "attempts", "next_at", "reason", "reference")
OPERATOR = "the operator"
WHY = f"{OPERATOR} asked for it"


@click.group()
def recordings() -> None:
    """Recordings: which are here, which are not and why; fetch them again, erase one, say that one must stay."""


@recordings.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="How many, newest first.")
@click.option("--json", "as_json", is_flag=True, help="A JSON array instead of a table.")
def list_(state: str | None, limit: int, as_json: bool) -> None:
    """Recordings and how each stands, newest first."""
    hub = open_hub()
    with hub.reading() as session:
        rows = reads.in_state(session, state, limit)
    if as_json:
        print_json(rows)
    else:
        print_table(COLUMNS, ([dict(row)[column] for column in COLUMNS] for row in rows))


@recordings.command()
@click.argument("recording", type=click.UUID)
@click.option("--json", "as_json", is_flag=True, help="JSON instead of lines.")
def story(recording: UUID, as_json: bool) -> None:
    """All that happened to a RECORDING."""
    hub = open_hub()
    with hub.reading() as session:
        told = reads.one(session, recording)
    if as_json:
        print_json([told])
        return
    for one in told["story"]:
        click.echo(f"{one['at']}  {one['what']:<10} {one['detail']}")


@recordings.command()
@click.argument("recording", type=click.UUID, required=False)
@click.option("--connection", help="All of this connection that are pending, failed or expired.")
def fetch(recording: UUID | None, connection: str | None) -> None:
    """Fetch a RECORDING again, or all of a connection that are not here, from the first try on."""
    hub = open_hub()
    if (recording is None) == (connection is None):
        raise Invalid("name a recording, or --connection")
    if connection is not None:
        with hub.reading() as session:
            connection_id = hub.connections.named(session, connection).id
        count = asking.fetch_all_again(hub, connection_id, asking.AGAIN, WHY)
        click.echo(f"{count} recordings are fetched when it is their turn")
    elif recording is not None:
        asking.fetch_again(hub, recording, WHY)
        fetching.fetch(hub, recording)
        with hub.reading() as session:
            now = reads.one(session, recording)["recording"]
        click.echo(f"{now['state']}{': ' if now['reason'] else ''}{now['reason'] or ''}")


@recordings.command()
@click.argument("recording", type=click.UUID)
@click.option("--why", required=True, help="Stands in its story for ever.")
def erase(recording: UUID, why: str) -> None:
    """Erase a RECORDING for good: the audio, what was made of it, and the comments on it."""
    erasing.erase(open_hub(), recording, OPERATOR, why)
    click.echo("erased")


@recordings.command()
@click.argument("recording", type=click.UUID)
@click.option("--why", required=True, help="Such as the case it is kept for.")
def hold(recording: UUID, why: str) -> None:
    """Say that a RECORDING must stay: no rule and nobody erases it until it is released."""
    erasing.hold(open_hub(), recording, OPERATOR, why)
    click.echo("held")


@recordings.command()
@click.argument("recording", type=click.UUID)
def release(recording: UUID) -> None:
    """Say that a RECORDING need not stay any more."""
    erasing.release(open_hub(), recording, OPERATOR)
    click.echo("released")
