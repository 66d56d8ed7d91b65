"""The doctor for administrators: what is wrong with this set-up, the worst first, each with its remedy."""

import re
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from flask import current_app, render_template
from flask_babel import gettext
from markupsafe import Markup, escape

from hub.domain.access import Permission
from hub.web.auth import needs
from hub.web.pages.frame import for_a_part, pages
from hub.web.pages.settings.sections import page

EXAMINATION = "hub-examination"
PATIENCE_SECONDS = 15.0
"""One examination at a time; a second person waits for the first to end."""


class Finding(Protocol):
    """What was looked at: `level` broken, doubtful or good."""

    @property
    def level(self) -> str: ...

    @property
    def what(self) -> str: ...

    @property
    def remedy(self) -> str: ...


Examination = Callable[[], Sequence[Finding]]
_one = threading.Lock()


@pages.get("/settings/doctor", endpoint="settings_doctor")
@needs(Permission.CONNECTIONS_READ)
def doctor() -> str:
    """The page is there at once, and asks for the findings itself."""
    return page("doctor", findings=None, problem=None)


@pages.get("/settings/doctor/findings", endpoint="settings_findings")
@needs(Permission.CONNECTIONS_READ)
def findings() -> str:
    found, problem = _examined()
    if for_a_part():
        return render_template("settings/findings.html", findings=found, problem=problem, with_code=with_code)
    return page("doctor", findings=found, problem=problem, with_code=with_code)


def _examined() -> tuple[Sequence[Finding], str | None]:
    """What is found, or why nobody looked."""
    examine: Examination | None = current_app.extensions[EXAMINATION]
    if examine is None:
        return (), gettext("This page cannot look by itself: run hub doctor on the machine.")
    if not _one.acquire(timeout=PATIENCE_SECONDS):
        return (), gettext("Somebody else is looking at this moment. Check again in a little while.")
    try:
        return examine(), None
    finally:
        _one.release()


def with_code(text: str) -> Markup:
    """Commands, which stand between backticks, as commands."""
    parts = re.split("`([^`]*)`", text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )
