"""The chips on top of every page of settings, and the frame such a page is drawn in."""

from typing import Any

from flask import render_template
from flask_babel import gettext


def sections() -> list[tuple[str, str]]:
    """Endpoint and word."""
    return [
        ("pages.settings", gettext("Connections")),
        ("pages.settings_users", gettext("Users")),
        ("pages.settings_teams", gettext("Teams")),
        ("pages.settings_lines", gettext("Lines")),
        ("pages.settings_rules", gettext("Rules")),
        ("pages.settings_tokens", gettext("Tokens")),
        ("pages.settings_journal", gettext("Journal")),
        ("pages.settings_doctor", gettext("Doctor")),
    ]


def page(template: str, **values: Any) -> str:
    """A page of settings."""
    return render_template(f"settings/{template}.html", sections=sections(), **values)
