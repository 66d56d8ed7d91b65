"""The chips on top of every page of settings, and the frame such a page is drawn in."""

from typing import Any

from flask import render_template
from flask_babel import gettext

from hub.reads.setup import setup
from hub.web.auth import viewer
from hub.web.pages.frame import hub
from hub.web.pages.settings.steps import Step, steps


def sections() -> list[tuple[str, str]]:
    """Endpoint and word."""
    return [
        ("pages.settings", gettext("Connections")),
        ("pages.settings_users", gettext("Users")),
        ("pages.settings_teams", gettext("Teams")),
        ("pages.settings_lines", gettext("Lines")),
        ("pages.settings_rules", gettext("Rules")),
        ("pages.settings_score_card", gettext("Score card")),
        ("pages.settings_tokens", gettext("Tokens")),
        ("pages.settings_journal", gettext("Journal")),
        ("pages.settings_doctor", gettext("Doctor")),
        ("pages.settings_guide", gettext("Set-up")),
    ]


def page(template: str, **values: Any) -> str:
    """A page of settings; until everything is set up, or the guide is put away, it says what comes next."""
    return render_template(f"settings/{template}.html", sections=sections(), next_step=next_step(), **values)


def next_step() -> Step | None:
    """The first step that is not done, for whoever has not put the guide away."""
    with hub().reading() as session:
        found = setup(session, viewer().user_id)
    return None if found.away else next((step for step in steps(found) if not step.done), None)
