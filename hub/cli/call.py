"""`hub call`: click-to-call from the command line, through the same door as the pages and the API."""

import sys
import time
from uuid import uuid4

import click
from sqlalchemy.orm import Session

from hub import clicks
from hub.cli.common import OPERATOR, open_hub
from hub.clicks import Click
from hub.domain.access import Viewer
from hub.domain.errors import Invalid
from hub.people import users
from hub.unit_of_work import Hub

LOOK_SECONDS = 0.5
PATIENCE_SECONDS = 120.0
OVER = frozenset({"ended", "refused", "cancelled"})


@click.command()
@click.option("--connection", required=True, help="The phone system to call on.")
@click.option("--user", "email", required=True, help="Whose phone rings first, by the address they sign in with.")
@click.option("--to", "number", required=True, help="The client's number in any spelling.")
@click.option("--extension", help="Which of their phones, when they have several there.")
@click.option("--wait", is_flag=True, help="Say how it goes until it is over.")
def call(connection: str, email: str, number: str, extension: str | None, wait: bool) -> None:
    """Ring a user's phone, then the client. Prints the id of the wish to call."""
    hub = open_hub()
    with hub.reading() as session:
        there = hub.connections.named(session, connection).id
        caller = _caller(session, email)
    wanted = Click(number=number, key=f"cli-{uuid4()}", extension=extension, connection_id=there)
    asked = clicks.dial(hub, caller, wanted)
    click.echo(asked["id"])
    clicks.place(hub, asked["id"])  # here and now; whoever comes second finds it placed
    said = _followed(hub, caller, asked["id"]) if wait else clicks.dialled(hub, caller, asked["id"])
    if said["state"] == "refused":
        click.echo(f"hub: not called: {said['detail']}", err=True)
        sys.exit(1)


def _caller(session: Session, email: str) -> Viewer:
    """The user, with the rights of whoever may run commands on this machine."""
    user = users.user_by_email(session, email)
    if user is None or not user.active:
        raise Invalid(f"--user {email!r}: nobody signs in with this address")
    return Viewer(user_id=user.id, roles=OPERATOR.roles, name=user.name)


def _followed(hub: Hub, caller: Viewer, dial_id: str) -> dict[str, object]:
    """Each new state on a line of standard error, until it is over or nobody would wait any longer."""
    until, before = time.monotonic() + PATIENCE_SECONDS, ""
    while True:
        said = dict(clicks.dialled(hub, caller, dial_id))
        if said["state"] != before:
            before = str(said["state"])
            click.echo(before.replace("_", " "), err=True)
        if before in OVER or time.monotonic() > until:
            return said
        time.sleep(LOOK_SECONDS)
