"""`hub doctor`: what is wrong, and what to do about it."""

import sys

import click

from hub import bootstrap
from hub.cli.common import for_this_command
from hub.doctor import Level, examine
from hub.settings import load

MARKS = {Level.BROKEN: "✕", Level.DOUBTFUL: "!", Level.GOOD: "✓"}


@click.command()
def doctor() -> None:
    """Check everything a set-up can get wrong. Exit status 1 when something is broken."""
    settings = load()
    findings = examine(for_this_command(bootstrap.build(settings)), settings)
    for finding in findings:
        click.echo(f"{MARKS[finding.level]} {finding.what}")
        if finding.remedy:
            click.echo(f"    → {finding.remedy}")
    sys.exit(any(finding.level is Level.BROKEN for finding in findings))
