"""Settings for administrators: a module for each section; each adds its routes when imported."""

from hub.web.pages.settings import (
    connection_forms,
    connections,
    doctor,
    guide,
    journal,
    line_forms,
    lines,
    rules,
    teams,
    tokens,
    users,
)

__all__ = [
    "connection_forms",
    "connections",
    "doctor",
    "guide",
    "journal",
    "line_forms",
    "lines",
    "rules",
    "teams",
    "tokens",
    "users",
]
