"""Alembic's door: the same engine settings as the program.

The target is whatever tables are loaded; only writing a new migration needs them all (``make migration``).
"""

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON, Connection

from hub.storage.database import Base, Moment, open_engine


def spell(kind: str, thing: Any, _context: Any) -> str | Literal[False]:
    """Hub's own column types by their names in hub.storage.database."""
    if kind != "type" or not isinstance(thing, Moment | JSON):
        return False
    return "Moment()" if isinstance(thing, Moment) else "Json"


def run() -> None:
    """Inside the transaction that was given, or in one of our own at the address that was."""
    given = context.config.attributes.get("connection")
    if given is not None:
        _run(given)
        return
    engine = open_engine(context.config.attributes["url"], statement_seconds=3600)
    try:
        with engine.connect() as connection:
            _run(connection)
    finally:
        engine.dispose()


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, render_item=spell)
    with context.begin_transaction():
        context.run_migrations()


run()
