"""`hub init` and `hub migrate`: the database and the first administrator."""

import sys

import click

from hub import bootstrap
from hub.cli.common import explained, for_this_command, get_ready, open_database
from hub.domain import clock
from hub.domain.access import Role
from hub.leads.rules import seed_rules
from hub.people import passwords, users
from hub.settings import load
from hub.storage import schema
from hub.unit_of_work import Hub


@click.command()
@click.option("--admin-email", help="Address of the first administrator.")
@click.option("--admin-password", help="Their password, at least 10 characters; asked for when left out.")
@click.option("--admin-name", default="Administrator", show_default=True)
def init(admin_email: str | None, admin_password: str | None, admin_name: str) -> None:
    """Make the database ready, and the first administrator. Safe to run again."""
    settings = load()
    get_ready(settings, migrating=True)
    hub = for_this_command(bootstrap.build(settings))
    _seed(hub)
    click.echo(f"database ready: {hub.engine.url.render_as_string(hide_password=True)}")
    if admin_email is None:
        return
    click.echo(f"administrator {admin_email} {_administrator(hub, admin_email, admin_name, admin_password)}")


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; end with status 1 when the schema is not this Hub's.")
def migrate(check: bool) -> None:
    """Bring the database to the newest schema while Hub works on. Safe to run again, and twice at once."""
    settings = load()
    if check:
        with open_database(settings) as engine:
            here = schema.standing(engine)
        click.echo(f"schema {here.newest}, the newest" if here.current else here.words)
        sys.exit(not here.current)
    with explained(settings):
        was, now = schema.migrate(settings.url)
    _seed(for_this_command(bootstrap.build(settings)))
    click.echo(f"schema {now}, the newest" if was == now else f"schema {was or 'none'} → {now}")


def _seed(hub: Hub) -> None:
    with hub.unit_of_work() as session:
        seed_rules(session)


def _administrator(hub: Hub, email: str, name: str, password: str | None) -> str:
    with hub.reading() as session:
        if users.user_by_email(session, email) is not None:
            return "was there already; nothing changed"
    secret = password or click.prompt("Password", hide_input=True, confirmation_prompt=True)
    new = users.NewUser(
        email=email,
        name=name,
        roles=frozenset({Role.ADMINISTRATOR}),
        password=passwords.hashed(secret),
        timezone=hub.rules.timezone,
    )
    with hub.unit_of_work() as session:
        users.create_user(session, new, clock.now())
    return "created"
