"""Settings for administrators: connections and what they could not digest, users; the lines are next door."""

from collections.abc import Iterator
from typing import Any

from flask import redirect, render_template, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from hub.domain import clock
from hub.domain.access import Permission
from hub.inbox import store as inbox
from hub.people import journal
from hub.reads import connections, people
from hub.reads.connections import ConnectionShape
from hub.reads.standing import phones
from hub.telephony import comparisons
from hub.telephony.models import ComparisonRow
from hub.web.auth import needs, viewer
from hub.web.pages import words
from hub.web.pages.frame import hub, pages
from hub.web.pages.standing import sentence


def sections() -> list[tuple[str, str]]:
    """The chips on top of every page of settings: endpoint and word."""
    return [
        ("pages.settings", gettext("Connections")),
        ("pages.settings_users", gettext("Users")),
        ("pages.settings_lines", gettext("Lines")),
    ]


@pages.get("/settings", endpoint="settings")
@needs(Permission.CONNECTIONS_READ)
def connected() -> str:
    with hub().reading() as session:
        found = connections.page_of_all(session, hub().connections)
        compared = comparisons.of_each(session, [each["id"] for each in found])
        told = {each.name: sentence(each) for each in phones(session)}
        stuck = connections.stuck(session)
    return render_template(
        "settings/connections.html",
        sections=sections(),
        connections=[each for each in found if each["enabled"]],
        told=told,
        facts=lambda each: _facts(each, compared.get(each["id"])),
        stuck=stuck.items,
        more_stuck=stuck.next is not None,
        may_release=viewer().can(Permission.INBOX_RELEASE),
    )


def _facts(connection: ConnectionShape, compared: ComparisonRow | None) -> Iterator[tuple[str, Any]]:
    """What an administrator asks first; settings in the words of `hub connection add --help`."""
    health = connection["health"]
    yield gettext("Last event"), words.ago(health["last_delivery_at"])
    if health["detail"]:
        yield gettext("Says"), health["detail"]
    if health["refused"]:
        yield gettext("Refused"), ngettext("%(num)s delivery", "%(num)s deliveries", health["refused"])
    if compared is not None:
        yield gettext("Its own list of calls"), _comparison(compared)
    for name, value in connection["settings"].items():
        if value:
            yield name, ", ".join(map(str, value)) if isinstance(value, list) else value
    for name in connection["secrets"]:
        yield name, gettext("kept sealed")


def _comparison(row: ComparisonRow) -> str:
    """How the latest comparison went, in a sentence."""
    when = words.age(row.compared_at)
    if row.problem:
        return gettext("compared %(when)s: it could not be read: %(problem)s", when=when, problem=row.problem)
    names_calls = ngettext("it names %(num)s call", "it names %(num)s calls", row.listed)
    if row.missing:
        fetched = ngettext(
            "%(num)s was missing here and was fetched", "%(num)s were missing here and were fetched", row.missing
        )
    elif row.waiting:
        fetched = ngettext("%(num)s is not worked off yet", "%(num)s are not worked off yet", row.waiting)
    else:
        fetched = gettext("none is missing here")
    return gettext("compared %(when)s: %(named)s, %(fetched)s", when=when, named=names_calls, fetched=fetched)


@pages.post("/settings/deliveries/<int(max=2147483647):delivery_id>/try-again", endpoint="try_again")
@needs(Permission.INBOX_RELEASE)
def try_again(delivery_id: int) -> Response:
    """A person's word: work this delivery off once more."""
    with hub().unit_of_work() as session:
        connection_id = connections.of_delivery(session, delivery_id)
        inbox.release(session, [delivery_id])
        journal.append(session, viewer(), "delivery.released", f"delivery:{delivery_id}", clock.now())
    hub().doorbell.ring(connection_id)
    return redirect(url_for("pages.settings"), 303)


@pages.get("/settings/users", endpoint="settings_users")
@needs(Permission.CONNECTIONS_READ)
def users() -> str:
    with hub().reading() as session:
        found = people.users(session)
        teams = {team["id"]: team["name"] for team in people.teams(session)}
    return render_template("settings/users.html", sections=sections(), users=found, teams=teams)
