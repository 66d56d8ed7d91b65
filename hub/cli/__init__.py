"""The operator's commands: `hub …`. Errors are one sentence, and exit status 2 says the asker can mend it."""

import importlib
import sys
from collections.abc import Sequence
from typing import Any

import click

from hub.domain.errors import HubError

COMMANDS = {
    "init": "hub.cli.setup",
    "migrate": "hub.cli.setup",
    "serve": "hub.cli.serve",
    "demo": "hub.cli.serve",
    "worker": "hub.cli.processes",
    "scheduler": "hub.cli.processes",
    "listen": "hub.cli.processes",
    "connection": "hub.cli.connections",
    "feed": "hub.cli.feed",
    "replay": "hub.cli.feed",
    "reconcile": "hub.cli.reconcile",
    "calls": "hub.cli.lists",
    "leads": "hub.cli.lists",
    "contacts": "hub.cli.lists",
    "tasks": "hub.cli.lists",
    "user": "hub.cli.people",
    "token": "hub.cli.people",
    "call": "hub.cli.call",
    "recordings": "hub.cli.recordings",
    "doctor": "hub.cli.doctor",
    "backup": "hub.cli.backup",
    "restore": "hub.cli.backup",
    "healthy": "hub.cli.healthy",
}


class Commands(click.Group):
    """Each command's module is read only when it is asked for: `hub calls` need not know Celery."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(COMMANDS[name]), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what Hub says no to is said plainly, without a trace."""
        try:
            return super().invoke(ctx)
        except HubError as error:
            click.echo(f"hub: {error}", err=True)
            sys.exit(2)


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="commhub")
def group() -> None:
    """Hub joins phone systems, mail and web forms to client cards. `hub COMMAND --help` explains each."""


def main(arguments: Sequence[str] | None = None) -> None:
    group.main(args=arguments, prog_name="hub")
