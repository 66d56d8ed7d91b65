"""Connections for administrators: how each is, whether it answers, what it delivered, what the other side must know."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from pydantic import SecretStr
from werkzeug.wrappers import Response

from hub.domain.access import Permission
from hub.domain.errors import Conflict
from hub.inbox.connections import Connection
from hub.reads import connections
from hub.reads.connections import ConnectionShape
from hub.reads.standing import phones
from hub.telephony import comparisons
from hub.telephony.models import ComparisonRow
from hub.web.api import connections as api
from hub.web.auth import needs
from hub.web.pages import words
from hub.web.pages.frame import desk, for_a_part, hub, pages
from hub.web.pages.settings.abilities import abilities
from hub.web.pages.settings.sections import page
from hub.web.pages.settings.setting_fields import label
from hub.web.pages.standing import Sentence, sentence
from hub.web.pages.told import tell

HIDDEN = "•" * 8
WAITING = "waiting"
DELIVERIES = "/settings/deliveries/<int(max=2147483647):delivery_id>"
ONE = "/settings/connections/<name>"


@pages.get("/settings", endpoint="settings")
@needs(Permission.CONNECTIONS_READ)
def connected() -> str:
    with hub().reading() as session:
        found = connections.page_of_all(session, hub().connections)
        told = {each.name: sentence(each) for each in phones(session)}
    return page(
        "connections",
        connections=[each for each in found if each["enabled"]],
        removed=[each for each in found if not each["enabled"]],
        told=told,
        kinds=[hub().connectors[kind] for kind in sorted(hub().connectors)],
    )


@pages.get(ONE, endpoint="settings_connection")
@needs(Permission.CONNECTIONS_READ)
def connection(name: str) -> str:
    return _page(name)


def _page(name: str, **more: Any) -> str:
    """`more`: `tried`, how an attempt to reach it went; `addresses` with their secrets."""
    only_waiting, cursor = request.args.get("show") == WAITING, request.args.get("at")
    with hub().reading() as session:
        found = connections.one(session, hub().connections, name)
        told = next((sentence(each) for each in phones(session) if each.name == name), None)
        compared = comparisons.newest(session, found["id"])
        states = connections.STUCK if only_waiting else ()
        recent = connections.recent(session, found["id"], states, cursor)
        known = hub().connections.named(session, name) if found["kind"] in hub().connectors else None
    return page(
        "connection",
        connection=found,
        told=told or Sentence(gettext("removed: Hub does not listen to it"), "warn"),
        facts=list(_facts(found, compared)),
        stuck=found["health"]["parked"] + found["health"]["failed"],
        recent=recent,
        only_waiting=only_waiting,
        abilities=list(abilities(known)) if known else [],
        hides=HIDDEN,
        **{"addresses": _masked(known) if known else {}, "tried": None} | more,
    )


def _facts(connection: ConnectionShape, compared: ComparisonRow | None) -> Iterator[tuple[str, Any]]:
    """What an administrator asks first; then the settings."""
    health = connection["health"]
    yield gettext("Last event"), words.ago(health["last_delivery_at"])
    if health["detail"]:
        yield gettext("Says"), tell(health["detail"])
    if health["refused"]:
        yield gettext("Refused"), ngettext("%(num)s delivery", "%(num)s deliveries", health["refused"])
    if compared is not None:
        yield gettext("Its own list of calls"), _comparison(compared)
    for name, value in connection["settings"].items():
        if value not in ("", None, [], False):
            yield label(name), _plain(value)
    for name in connection["secrets"]:
        yield label(name), gettext("kept sealed")


def _plain(value: object) -> object:
    if value is True:
        return gettext("yes")
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _comparison(row: ComparisonRow) -> str:
    """How the latest comparison went, in a sentence."""
    when = words.age(row.compared_at)
    if row.problem:
        return gettext("compared %(when)s: it could not be read: %(problem)s", when=when, problem=tell(row.problem))
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


def _hook(name: str) -> str:
    return f"{current_app.config['HUB_PUBLIC_URL']}/hooks/{name}"


def _masked(connection: Connection) -> Mapping[str, str]:
    """What to enter on the other side, its secrets hidden until somebody asks for them."""
    secrets = [value.get_secret_value() for _, value in connection.settings if isinstance(value, SecretStr)]
    shown = dict(connection.connector.addresses(connection.settings, _hook(connection.name)))
    for secret in filter(None, secrets):
        shown = {what: address.replace(secret, HIDDEN) for what, address in shown.items()}
    return shown


@pages.post(f"{ONE}/addresses", endpoint="settings_addresses")
@needs(Permission.CONNECTIONS_WRITE)
def addresses(name: str) -> str:
    """The same page, with the secrets the other side must be told; that somebody looked is written down."""
    shown = api.show_addresses(desk(), name, _hook(name))
    return _page(name, addresses=shown)


@pages.post(f"{ONE}/test", endpoint="settings_test")
@needs(Permission.CONNECTIONS_WRITE)
def test(name: str) -> str:
    """Whether the system answers, in words where the button stands."""
    tried = api.test_connection(desk(), name)
    if for_a_part():
        return render_template("settings/tried.html", tried=tried)
    return _page(name, tried=tried)


@pages.post(f"{ONE}/in-use", endpoint="settings_in_use")
@needs(Permission.CONNECTIONS_WRITE)
def in_use(name: str) -> Response:
    """Stop using a connection, or use it again: what it told stays either way."""
    wanted = request.form.get("enabled") == "yes"
    api.edit_connection(desk(), name, api.ConnectionPatch(enabled=wanted))
    if wanted:
        flash(gettext("%(name)s is in use again", name=name))
        return redirect(url_for("pages.settings_connection", name=name), 303)
    flash(gettext("%(name)s is removed; its calls stay, and it can be used again below", name=name))
    return redirect(url_for("pages.settings"), 303)


@pages.post(f"{DELIVERIES}/try-again", endpoint="try_again")
@needs(Permission.INBOX_RELEASE)
def try_again(delivery_id: int) -> Response:
    """A person's word: work this delivery off once more."""
    with hub().reading() as session:
        name = connections.name_of_delivery(session, delivery_id)
    try:
        api.replay_delivery(desk(), delivery_id)
    except Conflict:
        flash(gettext("Somebody has tried it again already"))
    else:
        flash(gettext("It is worked off again; what it comes to stands below"))
    return redirect(url_for("pages.settings_connection", name=name, _anchor="deliveries"), 303)


@pages.post(f"{ONE}/try-again", endpoint="try_all_again")
@needs(Permission.INBOX_RELEASE)
def try_all_again(name: str) -> Response:
    count = api.replay_all(desk(), name)
    flash(ngettext("%(num)s delivery is worked off again", "%(num)s deliveries are worked off again", count))
    return redirect(url_for("pages.settings_connection", name=name, _anchor="deliveries"), 303)
