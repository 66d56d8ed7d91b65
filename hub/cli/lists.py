"""`hub calls|leads|contacts|tasks`: what Hub knows, for people or as JSON, oldest first."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import click
from sqlalchemy.orm import Session

from hub.cli.common import open_hub, print_json, print_table
from hub.domain.calls import CallState, Direction, Outcome
from hub.domain.clock import parse_iso
from hub.domain.errors import Invalid
from hub.domain.identity import PhoneNumber
from hub.reads import dump
from hub.reads.call_query import CallFilter
from hub.unit_of_work import Hub

Row = Mapping[str, Any]
as_json = click.option("--json", "as_json", is_flag=True, help="A JSON array instead of a table.")


def _choice(words: type[Direction] | type[Outcome] | type[CallState]) -> click.Choice[str]:
    return click.Choice([word.value for word in words])


@click.command()
@as_json
@click.option("--since", help="Started at or after this moment (ISO 8601 with offset).")
@click.option("--until", help="Started before this moment.")
@click.option("--direction", "directions", multiple=True, type=_choice(Direction))
@click.option("--outcome", "outcomes", multiple=True, type=_choice(Outcome))
@click.option("--state", "states", multiple=True, type=_choice(CallState))
@click.option("--number", help="The client's number in any spelling.")
@click.option("--connection", help="Only this connection's.")
def calls(as_json: bool, **wanted: Any) -> None:
    """The call log."""
    hub = open_hub()
    with hub.reading() as session:
        rows = dump.calls(session, _filter(hub, session, wanted))
        columns = ("started_at", "direction", "outcome", "external_number", "line", "talk_seconds", "reason")
        _print(rows, columns, as_json=as_json)


def _filter(hub: Hub, session: Session, wanted: Mapping[str, Any]) -> CallFilter:
    connection, number = wanted["connection"], wanted["number"]
    return CallFilter(
        since=_moment("--since", wanted["since"]),
        until=_moment("--until", wanted["until"]),
        directions=tuple(map(Direction, wanted["directions"])),
        outcomes=tuple(map(Outcome, wanted["outcomes"])),
        states=tuple(map(CallState, wanted["states"])),
        number=PhoneNumber.parse(number, hub.rules.region) if number else None,
        connection_id=hub.connections.named(session, connection).id if connection else None,
    )


def _moment(option: str, text: str | None) -> Any:
    try:
        return parse_iso(text) if text else None
    except ValueError as error:
        raise Invalid(f"{option}: got {text!r}: expected a time such as 2026-11-22T10:00:00+02:00") from error


def _list(name: str, doc: str, read: Callable[[Session], Iterable[Row]], columns: Sequence[str]) -> click.Command:
    @click.command(name=name, help=doc)
    @as_json
    def command(as_json: bool) -> None:
        hub = open_hub()
        with hub.reading() as session:
            _print(read(session), columns, as_json=as_json)

    return command


def _print(rows: Iterable[Row], columns: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        print_json(rows)
    else:
        print_table(columns, ([row[column] for column in columns] for row in rows))


leads = _list("leads", "Leads, open and closed.", dump.leads, ("id", "status", "source", "contact_id", "created_at"))
contacts = _list("contacts", "Client cards.", dump.contacts, ("id", "name", "company", "created_at"))
tasks = _list(
    "tasks", "Missed calls to return, and promises.", dump.tasks, ("id", "kind", "state", "number", "tries", "due_at")
)
