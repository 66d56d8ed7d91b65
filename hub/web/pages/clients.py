"""Clients: the list, what is found while typing, and the card with its line of time."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.domain.access import Permission, Viewer
from hub.reads import cards, leads
from hub.reads.leads import TaskFilter
from hub.reads.names import names
from hub.reads.notes import notes
from hub.web import acts
from hub.web.auth import needs, viewer
from hub.web.pages import dial, words
from hub.web.pages.frame import desk, hub, pages, typed
from hub.web.pages.people_in_calls import Speaker
from hub.web.pages.timeline import KINDS, Line, task_title
from hub.web.pages.trail import Trail, here

PAGE = 50
FOUND = 8
ENTRIES = 30
STEPS = ("new", "in_work", "qualified", "converted")


@pages.get("/clients", endpoint="clients")
@needs(Permission.LEADS_READ)
def index() -> str:
    trail, query = Trail.of(request.args), typed("q")
    with hub().reading() as session:
        speaker = Speaker(names(session))
        page = cards.page(session, viewer(), cards.asked(query, hub().rules.region), trail.cursor, PAGE)
    count = len(page.items)
    return render_template(
        "clients/index.html",
        cards=page.items,
        query=query,
        tally=_tally(count, more=trail.cursor is not None or page.next is not None),
        empty_because=_empty_because(query, viewer()),
        newest=trail.newest(),
        older=trail.older(page.next),
        user_name=speaker.user_name,
    )


def _tally(count: int, *, more: bool) -> str:
    """An honest count: of a long list only what this page shows is known."""
    if not count:
        return gettext("No clients")
    clients = ngettext("%(num)s client", "%(num)s clients", count)
    return gettext("%(clients)s on this page", clients=clients) if more else clients


def _empty_because(query: str, asks: Viewer) -> str:
    if query:
        return gettext("Nobody is called “%(query)s”, has that number, or writes from there.", query=query)
    if asks.users_in_reach(Permission.LEADS_READ) is not None:
        return gettext("You see the clients you own or have talked with. Your next call brings the first.")
    return gettext("A card is made as soon as somebody calls.")


@pages.get("/search", endpoint="search")
@needs(Permission.LEADS_READ)
def search() -> str:
    """What is found while somebody types into the search on top."""
    query = typed("q")
    with hub().reading() as session:
        found = cards.search(session, viewer(), query, region=hub().rules.region, limit=FOUND) if query else []
    return render_template("search.html", query=query, found=found)


@pages.get("/clients/<int(max=2147483647):contact_id>", endpoint="client")
@needs(Permission.LEADS_READ)
def one(contact_id: int) -> str:
    trail, kind = Trail.of(request.args), request.args.get("kind", "")
    kinds = KINDS[kind][1] if kind in KINDS else ()
    with hub().reading() as session:
        card = cards.one(session, viewer(), contact_id)
        line = cards.timeline(session, viewer(), contact_id, kinds, trail.cursor, ENTRIES)
        said = notes(session, [entry["subject"] for entry in line.items if entry["kind"] == "note"])
        speaker = Speaker(names(session))
        work = _work(session, card)
    return render_template(
        "clients/card.html",
        card=card,
        days=Line(speaker, said).days(line.items),
        newest=trail.newest(),
        older=trail.older(line.next),
        kinds=list(_chips(kind)),
        may_note=viewer().can(Permission.LEADS_WRITE),
        user_name=speaker.user_name,
        lead_source=speaker.lead_source,
        task_title=task_title,
        before={each["e164"]: dial.before(each["e164"], contact_id) for each in card["numbers"] if each["e164"]},
        dialling=dial.on_card(contact_id),
        **work,
    )


def _work(session: Session, card: Mapping[str, Any]) -> dict[str, Any]:
    """The open lead with its steps, and the open tasks, as far as the viewer sees them."""
    lead = leads.seen(session, viewer(), card["lead_id"]) if card["lead_id"] else None
    mine = TaskFilter(state="open", contact_id=card["id"])
    tasks = leads.tasks(session, viewer(), mine).items if viewer().can(Permission.TASKS_READ) else []
    return {"lead": lead, "steps": list(_steps(lead)), "tasks": tasks}


def _steps(lead: Mapping[str, Any] | None) -> Iterator[dict[str, Any]]:
    reached = STEPS.index(lead["status"]) if lead and lead["status"] in STEPS else -1
    for place, status in enumerate(STEPS):
        yield {"word": words.LEAD_STATUS[status], "reached": place <= reached, "here": place == reached}


def _chips(chosen: str) -> Iterator[dict[str, Any]]:
    yield {"word": gettext("All"), "address": here(kind=None, at=None), "chosen": chosen not in KINDS}
    for kind, (word, _) in KINDS.items():
        yield {"word": word, "address": here(kind=kind, at=None), "chosen": chosen == kind}


@pages.post("/clients/<int(max=2147483647):contact_id>/notes", endpoint="note")
@needs(Permission.LEADS_WRITE)
def note(contact_id: int) -> Response:
    acts.add_note(desk(), contact_id, request.form.get("text", ""), request.form.get("key", ""))
    return redirect(url_for("pages.client", contact_id=contact_id), 303)
