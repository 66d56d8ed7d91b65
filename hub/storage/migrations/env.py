"""Alembic's door: the same engine settings as the program.

The target is whatever tables are loaded; only writing a new migration needs them all (``make migration``).
"""

from alembic import context

from hub.storage.database import Base, open_engine


def run() -> None:
    engine = open_engine(context.config.attributes["url"], statement_seconds=3600)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
