"""Connecting a phone system, and changing what Hub knows of one: a form made from the connector's own settings."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import LazyString, gettext, lazy_gettext, pgettext
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from werkzeug.wrappers import Response

from hub.connectors import Connector
from hub.domain.access import Permission
from hub.domain.errors import Conflict, Invalid, NotFound
from hub.inbox.connections import InvalidSettings, WrongSetting
from hub.reads import connections
from hub.reads.connections import ConnectionShape
from hub.web.api import connections as api
from hub.web.auth import needs
from hub.web.pages import forms
from hub.web.pages.forms import WHOLE, Problems
from hub.web.pages.frame import desk, hub, pages
from hub.web.pages.settings import setting_fields
from hub.web.pages.settings.sections import page
from hub.web.pages.settings.setting_fields import Filled
from hub.web.pages.told import tell

KIND = "/settings/connections/new/<kind>"
CHANGE = "/settings/connections/<name>/settings"
NAME: LazyString = lazy_gettext("letters, digits, - and _, at most 64 of them")


def _connector(kind: str) -> Connector:
    if kind not in hub().connectors:
        raise NotFound("no such kind of phone system")
    return hub().connectors[kind]


@pages.get(KIND, endpoint="settings_new_connection")
@needs(Permission.CONNECTIONS_WRITE)
def new(kind: str) -> str:
    connector = _connector(kind)
    return _form(connector, setting_fields.fields(connector, Filled(values={}, new=True)), name=_free_name())


def _free_name() -> str:
    """What most companies call their first phone system."""
    with hub().reading() as session:
        taken = connections.id_of(session, "pbx")
    return "" if taken else "pbx"


@pages.post(KIND, endpoint="settings_connect")
@needs(Permission.CONNECTIONS_WRITE)
def connect(kind: str) -> Response | tuple[str, int]:
    """The form is a POST of the API: the same bounds, the same journal."""
    connector = _connector(kind)
    name, settings = request.form.get("name", "").strip(), setting_fields.given(connector, request.form, None)
    try:
        body = forms.read(api.NewConnection, {"kind": kind, "name": name, "settings": settings})
        api.create_connection(desk(), body)
    except (ValidationError, Invalid, Conflict) as error:
        return _form(connector, _typed(connector), name=name, problems=_problems(error)), 422
    flash(gettext("%(name)s is connected: try it, then enter on the other side what stands below", name=name))
    return redirect(url_for("pages.settings_connection", name=name), 303)


@pages.get(CHANGE, endpoint="settings_change_connection")
@needs(Permission.CONNECTIONS_WRITE)
def change(name: str) -> str:
    kept, connector = _kept(name)
    filled = setting_fields.fields(connector, Filled(values=kept["settings"], secrets=kept["secrets"]))
    return _form(connector, filled, kept=kept, name=name)


@pages.post(CHANGE, endpoint="settings_edit_connection")
@needs(Permission.CONNECTIONS_WRITE)
def edit(name: str) -> Response | tuple[str, int]:
    """The form is a PATCH of the API that names what was changed in it alone."""
    kept, connector = _kept(name)
    settings = setting_fields.given(connector, request.form, kept["settings"])
    with hub().reading() as session:
        quicker = forms.overtaken(session, f"connection:{kept['id']}", _seen(kept))
    try:
        if quicker is None and settings:
            api.edit_connection(desk(), name, forms.read(api.ConnectionPatch, {"settings": settings}))
    except (ValidationError, Invalid) as error:
        typed = _typed(connector, kept["secrets"])
        return _form(connector, typed, kept=kept, name=name, problems=_problems(error)), 422
    if quicker is not None:
        typed = _typed(connector, kept["secrets"])
        return _form(connector, typed, kept=kept, name=name, problems={WHOLE: quicker}), 409
    flash(gettext("%(name)s is saved", name=name))
    return redirect(url_for("pages.settings_connection", name=name), 303)


def _kept(name: str) -> tuple[ConnectionShape, Connector]:
    with hub().reading() as session:
        kept = connections.one(session, hub().connections, name)
    return kept, _connector(kept["kind"])


def _seen(kept: ConnectionShape) -> object:
    """What the form is filled in from; how the connection is changes by the second, and is no part of it."""
    return kept["settings"], kept["secrets"]


def _typed(connector: Connector, secrets: Sequence[str] = ()) -> list[setting_fields.Field]:
    """The form as it was sent; secrets are not sent back."""
    typed = {name: request.form.get(f"s-{name}", "") for name in connector.Settings.model_fields}
    return setting_fields.fields(connector, Filled(values=typed, secrets=secrets))


def _problems(error: ValidationError | Invalid | Conflict) -> Problems:
    """What is wrong, by the name of the setting; ``name`` is the connection's own."""
    match error:
        case ValidationError():
            found: Problems = {}
            for one in error.errors():
                found.setdefault(_setting(one), forms.said(one, NAME if one["loc"][:1] == ("name",) else None))
            return found
        case InvalidSettings():
            return {one.name or WHOLE: _wrong(one) for one in reversed(error.wrong)}
        case Invalid(field=str(field)):
            return {field: tell(str(error))}
        case Conflict():
            return {"name": gettext("there is a connection of this name already")}
    return {WHOLE: tell(str(error))}


def _setting(one: ErrorDetails) -> str:
    """``host`` for what is wrong at ``settings.host``."""
    place = one["loc"][1:] if one["loc"][:1] == ("settings",) else one["loc"]
    return str(place[0]) if place else WHOLE


def _wrong(one: WrongSetting) -> str:
    expects = tell(one.expects)
    if one.missing or one.got == "''":
        return gettext("fill this in: %(expects)s", expects=expects) if not one.missing else gettext("fill this in")
    return expects if one.got is None else gettext("got %(got)s: %(expects)s", got=one.got, expects=expects)


def _form(
    connector: Connector,
    filled: list[setting_fields.Field],
    *,
    name: str,
    kept: ConnectionShape | None = None,
    problems: Mapping[str, str] | None = None,
) -> str:
    wrong = problems or {}
    labels: dict[str, Any] = {WHOLE: "", "name": pgettext("of a thing", "Name")} | {
        field.name: field.label for field in filled
    }
    return page(
        "connection_form",
        connector=connector,
        name=name,
        kept=kept,
        seen=None if kept is None else forms.mark(_seen(kept)),
        first=[field for field in filled if field.first],
        more=[field for field in filled if not field.first],
        problems=wrong,
        told=list(forms.listed(dict(wrong), labels)),
    )
