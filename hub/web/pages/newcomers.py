"""New leads on the board: who it is and whose, in place; "this is a client we have" merges, and can be undone."""

import re
from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from hub.domain import clock
from hub.domain.access import Permission
from hub.domain.errors import Invalid, Stale
from hub.leads import merging
from hub.leads.cards import CardFields
from hub.reads import cards, leads
from hub.reads.names import colleagues
from hub.reads.shapes import ContactShape, LeadShape
from hub.web import acts_board, acts_merging
from hub.web.auth import needs, viewer
from hub.web.pages import slots
from hub.web.pages.frame import desk, for_a_part, hub, pages, typed

LEAD = "/live/leads/<int(max=2147483647):lead_id>"
FOUND = 6


@pages.get(f"{LEAD}/edit", endpoint="lead_form")
@needs(Permission.LEADS_WRITE)
def edit_form(lead_id: int) -> Response:
    lead, card, version = _lead(lead_id)
    values = {"name": card["name"], "company": card["company"], "note": card["note"], "owner_id": lead["owner_id"]}
    return _edit(lead, values, version)


@pages.post(f"{LEAD}/edit", endpoint="edit_lead")
@needs(Permission.LEADS_WRITE)
def edit(lead_id: int) -> Response:
    """Saved as typed, or the form again with what is wrong: a field, or a colleague who was quicker."""
    form = request.form
    try:
        acts_board.introduce(desk(), lead_id, _fields(), _version())
    except Invalid as error:
        lead, _, version = _lead(lead_id)
        return _edit(lead, form, version, slots.problems_of(error), 422)
    except Stale:
        lead, _, version = _lead(lead_id)
        changed = gettext("A colleague has changed this card meanwhile. Look at it, or save again to keep yours.")
        return _edit(lead, form, version, {"": changed}, 409)
    return slots.done()


def _fields() -> CardFields:
    """What the form says; what it does not name stays."""
    form, fields = request.form, CardFields()
    if "name" in form:
        fields["name"] = form["name"]
    if "company" in form:
        fields["company"] = form["company"]
    if "note" in form:
        fields["note"] = form["note"]
    if "owner_id" in form:
        fields["owner_id"] = slots.chosen_id("owner_id")
    return fields


def _version() -> int | None:
    text = request.form.get("version", "")
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else None


def _edit(
    lead: LeadShape,
    values: Mapping[str, Any],
    version: int,
    problems: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    with hub().reading() as session:
        people = list(colleagues(session).items())
    return slots.part(
        "live/edit_lead.html",
        gettext("Who is it?"),
        status=status,
        problems=problems or {},
        lead=lead,
        values=values,
        version=version,
        colleagues=people,
    )


def _lead(lead_id: int) -> tuple[LeadShape, ContactShape, int]:
    """The lead whose form this is, its card and the card's version: one may not only see them, but work on them."""
    with hub().reading() as session:
        leads.require(session, viewer(), lead_id, Permission.LEADS_WRITE)
        lead = leads.one(session, viewer(), lead_id)
        row = cards.require(session, viewer(), lead["contact_id"], Permission.LEADS_WRITE)
        return lead, cards.one(session, viewer(), row.id), row.version


@pages.get(f"{LEAD}/same", endpoint="same_form")
@needs(Permission.LEADS_WRITE)
def same_form(lead_id: int) -> Response:
    """Whom it may be: those typed for, else cards with the same number in another spelling."""
    lead, card, _ = _lead(lead_id)
    who = typed("who")
    with hub().reading() as session:
        asked = who or next((each["e164"] for each in card["numbers"] if each["e164"]), None)
        found = cards.search(session, viewer(), asked, region=hub().rules.region, limit=FOUND + 1) if asked else []
    others = [each for each in found if each["id"] != lead["contact_id"]][:FOUND]
    if request.args.get("part") == "found":
        return Response(render_template("live/same_found.html", lead=lead, found=others, who=who), mimetype="text/html")
    return slots.part("live/same.html", gettext("This is a client we have"), lead=lead, found=others, who=who)


@pages.post(f"{LEAD}/same", endpoint="same_person")
@needs(Permission.LEADS_WRITE)
def same_person(lead_id: int) -> Response:
    """The lead's card goes, the chosen one stays; the answer brings the way back."""
    lead, *_ = _lead(lead_id)
    kept = slots.chosen_id("contact_id")
    if kept is None:
        raise Invalid(gettext("Choose a client."), "contact_id")
    made = acts_merging.merge(desk(), kept, lead["contact_id"])
    if for_a_part():
        return Response(render_template("live/merged_notice.html", merge=made), mimetype="text/html")
    return redirect(url_for("pages.merges", contact_id=kept), 303)


@pages.get("/clients/<int(max=2147483647):contact_id>/merges", endpoint="merges")
@needs(Permission.LEADS_READ)
def merges(contact_id: int) -> Response:
    """What was merged into a card and can still be parted."""
    with hub().reading() as session:
        card = cards.one(session, viewer(), contact_id)
        rows = merging.latest(session, contact_id, clock.now())
        told = [
            {"id": row.id, "gone": row.gone["name"], "at": row.at, "until": row.at + merging.UNDO_FOR} for row in rows
        ]
    may_undo = viewer().can(Permission.LEADS_WRITE)
    return slots.part("live/merges.html", gettext("Merged cards"), merges=told, card=card, may_undo=may_undo)


@pages.post("/merges/<int(max=2147483647):merge_id>/undo", endpoint="undo_merge")
@needs(Permission.LEADS_WRITE)
def undo(merge_id: int) -> Response:
    """Parted again; one lands on the card that is back."""
    made = acts_merging.undo_merge(desk(), merge_id)
    return redirect(url_for("pages.client", contact_id=made["contact"]["id"]), 303)
