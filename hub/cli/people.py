"""`hub user …` and `hub token …`."""

from collections.abc import Sequence

import click

from hub.cli.common import open_hub
from hub.domain import clock
from hub.domain.access import Permission, Role
from hub.domain.errors import Invalid
from hub.people import passwords, tokens, users
from hub.telephony import lines

ROLES = click.Choice([role.value for role in Role])


@click.group()
def user() -> None:
    """People who work with Hub."""


@user.command(name="add")
@click.argument("email")
@click.option("--name", help="As colleagues call them; the address when left out.")
@click.option("--role", "roles", multiple=True, required=True, type=ROLES, help="May be given many times.")
@click.option("--password", help="At least 10 characters; asked for when left out.")
@click.option(
    "--extension", "extensions", multiple=True, metavar="CONNECTION:NUMBER", help="Their phone, like pbx:101."
)
@click.option("--timezone", default="UTC", show_default=True)
def add_user(
    email: str, name: str | None, roles: Sequence[str], password: str | None, extensions: Sequence[str], timezone: str
) -> None:
    """Add a user who signs in with EMAIL."""
    hub = open_hub()
    secret = password or click.prompt("Password", hide_input=True, confirmation_prompt=True)
    new = users.NewUser(
        email=email,
        name=name or email,
        roles=frozenset(map(Role, roles)),
        password=passwords.hashed(secret),
        timezone=timezone,
    )
    with hub.unit_of_work() as session:
        row = users.create_user(session, new, clock.now())
        for extension in extensions:
            name_there, number = _extension(extension)
            connection = hub.connections.named(session, name_there)
            lines.assign(session, connection.id, connection.connector.phone(number), row.id)
        address = row.email
    click.echo(f"user {address} added")


@user.command(name="phone")
@click.argument("email")
@click.argument("phone", metavar="CONNECTION:NUMBER")
def give_phone(email: str, phone: str) -> None:
    """Give the user with EMAIL a phone, such as pbx:101; whoever had it before has it no longer."""
    hub = open_hub()
    name_there, number = _extension(phone)
    with hub.unit_of_work() as session:
        row = users.user_by_email(session, email)
        if row is None:
            raise Invalid(f"{email!r}: nobody signs in with this address")
        connection = hub.connections.named(session, name_there)
        lines.assign(session, connection.id, connection.connector.phone(number), row.id)
    click.echo(f"{phone} rings {email}")


def _extension(text: str) -> tuple[str, str]:
    connection, colon, number = text.partition(":")
    if not (colon and number):
        raise Invalid(f"{text!r}: expected CONNECTION:NUMBER such as pbx:101")
    return connection, number


@click.group()
def token() -> None:
    """Keys for programs that use the API."""


@token.command(name="create")
@click.option("--name", required=True, help="What it is for.")
@click.option("--role", "roles", multiple=True, required=True, type=ROLES, help="May be given many times.")
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice([one.value for one in Permission]), help="Only these."
)
@click.option("--extension", help="The phone it may dial from.")
def create_token(name: str, roles: Sequence[str], scopes: Sequence[str], extension: str | None) -> None:
    """Print a new token; it is shown this once."""
    hub = open_hub()
    new = tokens.NewToken(
        name=name,
        roles=frozenset(map(Role, roles)),
        scopes=frozenset(map(Permission, scopes)) or None,
        extension=extension,
    )
    with hub.unit_of_work() as session:
        _, secret = tokens.create(session, new, clock.now())
    click.echo(secret)


@token.command(name="revoke")
@click.argument("token_id", type=int)
def revoke_token(token_id: int) -> None:
    """Make a token useless from now on."""
    hub = open_hub()
    with hub.unit_of_work() as session:
        tokens.revoke(session, token_id, clock.now())
    click.echo(f"token {token_id} revoked")
