"""The guide through a first start: steps that turn green by themselves, or by an administrator's word."""

from flask import current_app, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from hub.domain.access import Permission
from hub.domain.errors import NotFound
from hub.reads.setup import setup
from hub.web import acts_admin
from hub.web.auth import needs, viewer
from hub.web.pages.frame import desk, hub, pages
from hub.web.pages.settings.sections import page
from hub.web.pages.settings.steps import steps


@pages.get("/settings/guide", endpoint="settings_guide")
@needs(Permission.CONNECTIONS_WRITE)
def guide() -> str:
    with hub().reading() as session:
        found = setup(session, viewer().user_id)
    all_steps = steps(found)
    done = sum(step.done for step in all_steps)
    return page(
        "guide", steps=all_steps, done=done, away=found.away, first=next((s for s in all_steps if not s.done), None)
    )


@pages.post("/settings/guide/<step>/right", endpoint="settings_check_step")
@needs(Permission.CONNECTIONS_WRITE)
def right(step: str) -> Response:
    """An administrator's word that this is right as it is."""
    with hub().reading() as session:
        known = {each.name for each in steps(setup(session, None)) if each.checks}
    if step not in known:
        raise NotFound("no such step")
    acts_admin.check_step(desk(), step)
    return redirect(url_for("pages.settings_guide"), 303)


@pages.post("/settings/guide/away", endpoint="settings_guide_away")
@needs(Permission.CONNECTIONS_WRITE)
def away() -> Response:
    """Put the guide away, or take it out again."""
    wanted = request.form.get("away") == "yes"
    acts_admin.put_guide(desk(), away=wanted)
    return redirect(url_for("pages.settings" if wanted else "pages.settings_guide"), 303)


@pages.get("/settings/company", endpoint="settings_company")
@needs(Permission.CONNECTIONS_READ)
def company() -> str:
    """What holds for the whole company stands in the environment of the process: it is shown, and how to change it."""
    rules = hub().rules
    return page(
        "company",
        facts=[
            (gettext("Region"), rules.region, gettext("how numbers without a country code read"), "HUB_REGION"),
            (gettext("Time zone"), rules.timezone, gettext("where a line names none of its own"), "HUB_TIMEZONE"),
            (
                gettext("Address of Hub"),
                current_app.config["HUB_PUBLIC_URL"],
                gettext("where people and phone systems reach it"),
                "HUB_PUBLIC_URL",
            ),
            (
                gettext("One inquiry"),
                gettext("%(num)s days", num=rules.lead_window_days),
                gettext("in which all contacts of a person are one lead"),
                "HUB_LEAD_WINDOW_DAYS",
            ),
        ],
    )
