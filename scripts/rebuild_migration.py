"""Write the first migration anew from the models. Only until the first release; after it, migrations are added."""

import pkgutil
import subprocess
import sys
import tempfile
from importlib import import_module

from alembic import command

import hub
from hub.storage.database import MIGRATIONS, alembic_config


def load_tables() -> None:
    """Import every stage's tables."""
    for module in pkgutil.walk_packages(hub.__path__, "hub."):
        if module.name.endswith(".models") or module.name == "hub.storage.leases":
            import_module(module.name)


def main() -> None:
    load_tables()
    versions = MIGRATIONS / "versions"
    versions.mkdir(exist_ok=True)
    for old in versions.glob("*.py"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        config = alembic_config(f"sqlite:///{folder}/empty.db")
        command.revision(config, message="The first schema", autogenerate=True, rev_id="0001")
    written = [str(path) for path in versions.glob("*.py")]
    subprocess.run([sys.executable, "-m", "ruff", "check", "--fix", "--select=I,F401", "--quiet", *written], check=True)  # noqa: S603
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", *written], check=True)  # noqa: S603


if __name__ == "__main__":
    main()
