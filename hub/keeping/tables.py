"""Every table Hub has, whoever defines it."""

import pkgutil
from importlib import import_module

from sqlalchemy import Table

import hub
from hub.storage.database import Base

LEFT_OUT = frozenset({"leases", "sessions"})
"""Who does what just now, and who is signed in: nothing of it is true elsewhere, and a backup opens nobody's door."""


def load() -> None:
    """Import every stage's tables."""
    for module in pkgutil.walk_packages(hub.__path__, "hub."):
        if module.name.endswith(".models") or module.name == "hub.storage.leases":
            import_module(module.name)


def kept() -> list[Table]:
    """The tables a backup holds, each after those it points to."""
    load()
    return [table for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT]
