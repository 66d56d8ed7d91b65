"""Writes the migration that turns the newest schema into what the models say, into hub/storage/migrations."""

import sys
import tempfile
from importlib import import_module
from pathlib import Path

from alembic import command

from hub.storage.database import alembic_config, migrate

STAGES = Path("hub")


def main(name: str) -> None:
    """`name` says what changes, as a sentence; it becomes part of the file's name."""
    for models in sorted(STAGES.rglob("models.py")):
        import_module(".".join(models.with_suffix("").parts))
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/empty.db"
        migrate(url)
        command.revision(alembic_config(url), message=name, autogenerate=True)


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].strip():  # make passes an empty NAME through
        sys.exit('what changes? make migration NAME="calls get a colour"')
    main(sys.argv[1])
