"""A client card made or changed by hand. Who changes one that somebody else changed meanwhile is told what."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.domain.access import Permission
from hub.domain.errors import Invalid, Stale
from hub.domain.identity import PhoneNumber
from hub.reads import cards, deeds
from hub.reads.names import colleagues, names
from hub.reads.shapes import ContactShape
from hub.web import acts
from hub.web.auth import needs, viewer
from hub.web.pages import card_form
from hub.web.pages.card_form import Sheet
from hub.web.pages.frame import desk, hub, pages, typed
from hub.web.pages.told import tell

WRITE = Permission.LEADS_WRITE
Answer = Response | tuple[str, int]


@pages.get("/clients/new", endpoint="client_new")
@needs(WRITE)
def new() -> str:
    """An empty form, filled with what led here: the number of an unknown caller, the name that was not found."""
    given = {name: [text] if (text := typed(one)) else [] for name, one in (("numbers", "number"), ("mails", "mail"))}
    owner = {"owner_id": str(viewer().user_id or "")}
    return _form(Sheet(values={**card_form.EMPTY, **owner, "name": typed("name"), **given}))


@pages.post("/clients", endpoint="client_create")
@needs(WRITE)
def create() -> Answer:
    values = card_form.typed(request.form)
    with hub().reading() as session:
        owners = _owners(session)
        known = [] if "anyway" in request.form else _known(session, values["numbers"])
    problems = card_form.problems(values, owners)
    if problems or known:
        return _form(Sheet(values=values, problems=problems), known=known), 422 if problems else 409
    try:
        card = acts.create_card(desk(), card_form.fields(values))
    except Invalid as error:
        return _form(Sheet(values=values, problems={error.field or "name": tell(str(error))})), 422
    return _saved(card["id"], gettext("%(name)s is a client now", name=card["name"]))


def _known(session: Session, numbers: list[str]) -> list[ContactShape]:
    """Cards that have one of these numbers already."""
    parsed = (PhoneNumber.parse(text, hub().rules.region).e164 for text in numbers)
    return cards.with_numbers(session, viewer(), [e164 for e164 in parsed if e164])


@pages.get("/clients/<int(max=2147483647):contact_id>/edit", endpoint="client_edit")
@needs(WRITE)
def edit(contact_id: int) -> str:
    with hub().reading() as session:
        cards.require(session, viewer(), contact_id, WRITE)
        found = cards.versioned(session, viewer(), contact_id)
    return _form(card_form.of_card(found.card, found.version), contact_id)


@pages.post("/clients/<int(max=2147483647):contact_id>/edit", endpoint="client_save")
@needs(WRITE)
def save(contact_id: int) -> Answer:
    """The whole form; of an older version than the card is now, it is shown again with what was changed."""
    mine, base = card_form.typed(request.form), card_form.base_of(request.form)
    version = request.form.get("version", "")
    with hub().reading() as session:
        cards.require(session, viewer(), contact_id, WRITE)
        problems = card_form.problems(mine, _owners(session, mine["owner_id"]))
    read = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    sheet = Sheet(values=mine, base=base, version=read, problems=problems)
    if problems:
        return _form(sheet, contact_id), 422
    try:
        card = acts.edit_card(desk(), contact_id, card_form.fields(mine), read)
    except Stale:
        return _met(sheet, contact_id), 409
    except Invalid as error:
        wrong = Sheet(values=mine, base=base, version=read, problems={error.field or "name": tell(str(error))})
        return _form(wrong, contact_id), 422
    return _saved(contact_id, gettext("%(name)s is saved", name=card["name"]))


def _met(mine: Sheet, contact_id: int) -> str:
    with hub().reading() as session:
        found = cards.versioned(session, viewer(), contact_id)
        users = names(session).users
        deed = deeds.last(session, "contact.edited", f"contact:{contact_id}")
    who = users.get(deed.user_id) if deed and deed.user_id else None
    sheet = card_form.met(mine.values, mine.base, found.card, found.version, users)
    return _form(sheet, contact_id, who=who or gettext("Somebody"))


def _saved(contact_id: int, said: str) -> Response:
    """To the card; when it is somebody else's now and out of sight, to the list, with the words."""
    flash(said)
    with hub().reading() as session:
        seen = cards.some(session, viewer(), [contact_id])
    return redirect(url_for("pages.client", contact_id=contact_id) if seen else url_for("pages.clients"), 303)


def _owners(session: Session, chosen: str = "") -> dict[int, str]:
    """Who may own a card: everybody who works here, and whoever owns it already."""
    former = {user: name for user, name in names(session).users.items() if str(user) == chosen}
    return {**colleagues(session), **former}


def _form(sheet: Sheet, contact_id: int | None = None, known: list[ContactShape] | None = None, who: str = "") -> str:
    with hub().reading() as session:
        owners = _owners(session, sheet.values["owner_id"])
    return render_template(
        "clients/form.html",
        sheet=sheet,
        contact_id=contact_id,
        fields=card_form.FIELDS,
        owners=owners,
        known=known or (),
        who=who,
    )
