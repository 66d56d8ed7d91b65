"""`hub connection …`: configured phone systems."""

from collections.abc import Sequence
from typing import Any

import click
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from hub import connecting
from hub.cli.common import open_hub, print_table
from hub.connectors import Connector, discover
from hub.domain.errors import Invalid
from hub.inbox.connections import Connection
from hub.settings import load

ASSIGNMENTS = click.option(
    "--set", "assignments", multiple=True, metavar="SETTING=VALUE", help="May be given many times."
)


class Kinds(click.Group):
    """One sub-command for each connector that is there, so that `--help` can explain its settings."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(discover())

    def get_command(self, ctx: click.Context, name: str) -> click.Command:
        found = discover()
        if name not in found:
            raise Invalid(f"no phone system of kind {name!r}; there are: {', '.join(sorted(found))}")
        return _adder(found[name])


def _adder(connector: Connector) -> click.Command:
    @click.command(name=connector.kind, help=_help(connector))
    @click.argument("name")
    @ASSIGNMENTS
    def add(name: str, assignments: Sequence[str]) -> None:
        hub = open_hub()
        with hub.unit_of_work() as session:
            made = connecting.connect(hub, session, connector.kind, name, _values(assignments))
        click.echo(f"connection {name} added")
        _say_addresses(made)

    return add


def _say_addresses(made: Connection) -> None:
    """What the other side must be told, each address alone on its line, to be copied."""
    hook = f"{load().public_url.rstrip('/')}/hooks/{made.name}"
    for label, address in made.connector.addresses(made.settings, hook).items():
        click.echo(f"{label}:\n{address}")


def _help(connector: Connector) -> str:
    settings = connector.Settings.model_fields
    rows = "\n".join(f"  {name:<18} {_describe(field)}" for name, field in settings.items())
    return f"Connect {connector.title} under the name NAME.\n\n\b\nSettings:\n{rows}"


def _describe(field: FieldInfo) -> str:
    text = field.description or ""
    if field.is_required():
        return f"{text} (required)"
    default = field.get_default(call_default_factory=True)
    if default in (None, "", [], ()) or default is PydanticUndefined or isinstance(default, SecretStr):
        return text
    shown = ",".join(map(str, default)) if isinstance(default, list | tuple) else default
    return f"{text} [{shown}]"


def _values(assignments: Sequence[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise Invalid(f"--set {assignment!r}: expected SETTING=VALUE")
        values[name] = value
    return values


@click.group()
def connection() -> None:
    """Connect phone systems and see how they are."""


connection.add_command(
    Kinds(name="add", help="Connect a system: `hub connection add KIND --help` explains its settings.")
)


@connection.command(name="list")
def list_() -> None:
    """All connections with their state."""
    hub = open_hub()
    with hub.reading() as session:
        rows = [hub.connections.row(session, one.name) for one in hub.connections.all(session)]
        print_table(
            ("name", "kind", "state", "detail"),
            [(row.name, row.kind, row.state if row.enabled else "removed", row.detail) for row in rows],
        )


@connection.command()
@click.argument("name")
def show(name: str) -> None:
    """What to enter on the other side, with its secrets."""
    hub = open_hub()
    with hub.reading() as session:
        found = hub.connections.named(session, name)
    click.echo(f"{found.name}: {found.connector.title}")
    _say_addresses(found)


@connection.command(name="set")
@click.argument("name")
@ASSIGNMENTS
def set_(name: str, assignments: Sequence[str]) -> None:
    """Change settings of a connection: `hub connection set NAME --set SETTING=VALUE`; the others stay."""
    values = _values(assignments)
    if not values:
        raise Invalid("nothing to change; name what with --set SETTING=VALUE")
    hub = open_hub()
    with hub.unit_of_work() as session:
        connecting.change(hub, session, name, values)
    click.echo(f"connection {name}: {', '.join(values)} changed")


@connection.command()
@click.argument("name")
def test(name: str) -> None:
    """Try to reach the system and say what is wrong, if anything."""
    hub = open_hub()
    with hub.reading() as session:
        found = hub.connections.named(session, name)
    click.echo(found.connector.probe(found.settings))


@connection.command()
@click.argument("name")
def remove(name: str) -> None:
    """Stop using a connection; its calls stay."""
    hub = open_hub()
    with hub.unit_of_work() as session:
        hub.connections.remove(session, name)
    click.echo(f"connection {name} removed; its calls stay")
