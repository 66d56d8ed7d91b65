"""`hub init`: the database and the first administrator."""

import click

from hub import bootstrap
from hub.cli.common import for_this_command, get_ready
from hub.domain import clock
from hub.domain.access import Role
from hub.leads.rules import seed_rules
from hub.people import passwords, users
from hub.settings import load
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
    with hub.unit_of_work() as session:
        seed_rules(session)
    click.echo(f"database ready: {hub.engine.url.render_as_string(hide_password=True)}")
    if admin_email is None:
        return
    click.echo(f"administrator {admin_email} {_administrator(hub, admin_email, admin_name, admin_password)}")


def _administrator(hub: Hub, email: str, name: str, password: str | None) -> str:
    with hub.reading() as session:
        if users.user_by_email(session, email) is not None:
            return "was there already; nothing changed"
    secret = password or click.prompt("Password", hide_input=True, confirmation_prompt=True)
    new = users.NewUser(
        email=email, name=name, roles=frozenset({Role.ADMINISTRATOR}), password=passwords.hashed(secret)
    )
    with hub.unit_of_work() as session:
        users.create_user(session, new, clock.now())
    return "created"
