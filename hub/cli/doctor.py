"""`hub doctor`: what is wrong, and what to do about it."""

import sys
from dataclasses import asdict

import click

from hub import bootstrap
from hub.cli.common import for_this_command, print_json
from hub.doctor import Level, examine, examine_recordings
from hub.settings import load

MARKS = {Level.BROKEN: "✕", Level.DOUBTFUL: "!", Level.GOOD: "✓"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="A JSON array, an object for each finding: level, what, remedy.")
@click.option("--recordings", is_flag=True, help="Read every stored recording instead, and say which are wrong.")
def doctor(as_json: bool, recordings: bool) -> None:
    """Check everything a set-up can get wrong. Exit status 1 when something is broken."""
    settings = load()
    look = examine_recordings if recordings else examine
    findings = look(for_this_command(bootstrap.build(settings)), settings)
    if as_json:
        print_json(asdict(finding) for finding in findings)
    else:
        for finding in findings:
            click.echo(f"{MARKS[finding.level]} {finding.what}")
            if finding.remedy:
                click.echo(f"    → {finding.remedy}")
    sys.exit(any(finding.level is Level.BROKEN for finding in findings))
