"""Writes the migration that turns the newest schema into what the models say, into hub/storage/migrations."""

import sys
import tempfile

from alembic import command

from hub.keeping import tables
from hub.storage import schema


def main(name: str) -> None:
    """`name` says what changes, as a sentence; it becomes part of the file's name."""
    tables.load()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/empty.db"
        schema.migrate(url)
        newest = schema.newest() or "0000"
        command.revision(schema.config(url), message=name, autogenerate=True, rev_id=f"{int(newest) + 1:04}")


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].strip():  # make passes an empty NAME through
        sys.exit('what changes? make migration NAME="calls get a colour"')
    main(sys.argv[1])
