"""Settings for administrators: a module for each section; each adds its routes when imported."""

from hub.web.pages.settings import connection_forms, connections, line_forms, lines, rules, teams, users

__all__ = ["connection_forms", "connections", "line_forms", "lines", "rules", "teams", "users"]
