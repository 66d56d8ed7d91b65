"""What every command needs: Hub itself, and rows printed for people or as JSON."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click
from sqlalchemy import inspect

from hub import bootstrap
from hub.domain.access import Role, Viewer
from hub.domain.errors import Misconfigured
from hub.settings import load
from hub.storage.database import migrate
from hub.unit_of_work import Hub

OPERATOR = Viewer(user_id=None, roles=frozenset(Role), name="operator")
"""Whoever may run commands on the machine may see everything."""


def open_hub() -> Hub:
    """Hub on a database that is ready; Misconfigured says how to make it so."""
    settings = load()
    bootstrap.start_logging("WARNING")
    hub = bootstrap.build(settings)
    if settings.embedded:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        migrate(settings.url)
    elif not inspect(hub.engine).has_table("alembic_version"):
        raise Misconfigured("the database has no tables yet; run `hub init` first")
    return hub


def print_json(rows: Iterable[Mapping[str, Any]]) -> None:
    """A JSON array, one object a line, written as it is read."""
    click.echo("[", nl=False)
    for number, row in enumerate(rows):
        click.echo(("," if number else "") + "\n" + json.dumps(row, ensure_ascii=False), nl=False)
    click.echo("\n]")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Columns as wide as their widest value; an empty list says so."""
    texts = [[_text(value) for value in row] for row in rows]
    if not texts:
        click.echo("nothing here yet")
        return
    widths = [max(len(row[place]) for row in [list(columns), *texts]) for place in range(len(columns))]
    for row in [list(columns), *texts]:
        click.echo("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def _text(value: object) -> str:
    return "" if value is None else str(value)[:60]
