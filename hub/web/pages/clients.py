"""Clients: the list, what is found while typing, and the card with its line of time."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask_babel import LazyString, gettext, lazy_gettext, ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.domain import clock
from hub.domain.access import Permission, Viewer
from hub.leads.lead_work import MOVES
from hub.reads import afterwards, cards, leads, listening
from hub.reads.leads import LeadFilter, TaskFilter
from hub.reads.names import colleagues, names
from hub.reads.notes import notes
from hub.web import acts, auth
from hub.web.auth import needs, viewer
from hub.web.pages import commands, dial, words
from hub.web.pages.due import USUAL
from hub.web.pages.frame import desk, hub, pages, typed
from hub.web.pages.people_in_calls import Speaker
from hub.web.pages.results import choices
from hub.web.pages.timeline import KINDS, Line, task_title
from hub.web.pages.trail import Trail, here

PAGE = 50
ENTRIES = 30
STEPS = ("new", "in_work", "qualified", "converted")
REASONS: Sequence[LazyString] = (
    lazy_gettext("Done"),
    lazy_gettext("Talked by another way"),
    lazy_gettext("No longer needed"),
    lazy_gettext("A wrong number"),
)
"""Why tasks are closed, most of the time; anybody may write another."""


@pages.get("/clients", endpoint="clients")
@needs(Permission.LEADS_READ)
def index() -> str | Response:
    """Found by what was typed; what is a command there leads where it says, without a script too."""
    if (meant := commands.meant(typed("q"))) is not None:
        return redirect(meant, 303)
    trail, query = Trail.of(request.args), commands.to_call(typed("q")) or typed("q")
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
        may_write=viewer().can(Permission.LEADS_WRITE),
        new_client=_new_client(query),
        newest=trail.newest(),
        older=trail.older(page.next),
        user_name=speaker.user_name,
    )


def _tally(count: int, *, more: bool) -> str:
    """An honest count: of a long list only what this page shows is known."""
    if not count:
        return gettext("No clients")
    clients = ngettext("%(count)s client", "%(count)s clients", count, count=words.count(count))
    return gettext("%(clients)s on this page", clients=clients) if more else clients


def _new_client(query: str) -> str:
    """The form of a new card, filled with what was looked for in vain."""
    if cards.asked(query, hub().rules.region).number is None:
        return url_for("pages.client_new", name=query)
    return url_for("pages.client_new", number=query)


def _empty_because(query: str, asks: Viewer) -> str:
    if query:
        return gettext("Nobody is called “%(query)s”, has that number, or writes from there.", query=query)
    if asks.users_in_reach(Permission.LEADS_READ) is not None:
        return gettext("You see the clients you own or have talked with. Your next call brings the first.")
    return gettext("A card is made as soon as somebody calls.")


@pages.get("/clients/<int(max=2147483647):contact_id>", endpoint="client")
@needs(Permission.LEADS_READ)
def one(contact_id: int) -> str:
    return card_page(contact_id)


def back(contact_id: int | None, panel: str = "") -> Response:
    """After a form: to the page of ours it names, else to its card; to the list when that is out of sight by now."""
    named = auth.local(request.form.get("back"))
    if named != "/" or contact_id is None:
        return redirect(named, 303)
    with hub().reading() as session:
        seen = cards.some(session, viewer(), [contact_id])
    address = (
        url_for("pages.client", contact_id=contact_id, _anchor=panel or None) if seen else url_for("pages.clients")
    )
    return redirect(address, 303)


def card_page(contact_id: int, trouble: Mapping[str, str] | None = None) -> str:
    """The card as it stands; `trouble`: by panel, why what was just asked for was not done. What was typed stays."""
    trail, kind = Trail.of(request.args), request.args.get("kind", "")
    kinds = KINDS[kind][1] if kind in KINDS else ()
    with hub().reading() as session:
        card = cards.one(session, viewer(), contact_id)
        line = cards.timeline(session, viewer(), contact_id, kinds, trail.cursor, ENTRIES)
        said = notes(session, [entry["subject"] for entry in line.items if entry["kind"] == "note"])
        told = [entry["subject"] for entry in line.items if entry["kind"] == "call"]
        came_of = afterwards.results(session, viewer(), told)
        heard = {str(call) for call in listening.heard_calls(session, viewer(), [UUID(call) for call in told])}
        speaker, users = Speaker(names(session)), colleagues(session)
        work = _work(session, card)
        after = afterwards.in_hand(session, viewer(), contact_id, clock.now())
    days = Line(speaker, said, came_of, heard).days(line.items)
    return render_template(
        "clients/card.html",
        card=card,
        days=days,
        day_before=typed("before") if trail.cursor else "",
        newest=trail.newest(),
        older=trail.older(line.next, before=days[-1][0] if days else None),
        kinds=list(_chips(kind)),
        may_write=viewer().can(Permission.LEADS_WRITE),
        may_promise=viewer().can(Permission.TASKS_WRITE),
        trouble=trouble or {},
        typed=request.form if trouble else {},
        users=users,
        usual=USUAL,
        reasons=REASONS,
        after=after,
        from_day=typed("day") if viewer().can(Permission.TASKS_WRITE) else "",
        results=choices(),
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
    latest = leads.page(session, viewer(), LeadFilter(contact_id=card["id"]), limit=1).items
    mine = TaskFilter(state="open", contact_id=card["id"])
    tasks = leads.tasks(session, viewer(), mine).items if viewer().can(Permission.TASKS_READ) else []
    closed = None if lead or card["lead_id"] else next(iter(latest), None)
    return {"lead": lead, "closed_lead": closed, "steps": list(_steps(lead)), "tasks": tasks}


def _steps(lead: Mapping[str, Any] | None) -> Iterator[dict[str, Any]]:
    """The steps of a lead; `way`: one can go there from here."""
    reached = STEPS.index(lead["status"]) if lead and lead["status"] in STEPS else -1
    for place, status in enumerate(STEPS):
        way = lead is not None and status in MOVES[lead["status"]]
        word = words.LEAD_STATUS[status]
        yield {"status": status, "word": word, "reached": place <= reached, "here": place == reached, "way": way}


def _chips(chosen: str) -> Iterator[dict[str, Any]]:
    yield {"word": gettext("All"), "address": here(kind=None, at=None), "chosen": chosen not in KINDS}
    for kind, (word, _) in KINDS.items():
        yield {"word": word, "address": here(kind=kind, at=None), "chosen": chosen == kind}


@pages.post("/clients/<int(max=2147483647):contact_id>/notes", endpoint="note")
@needs(Permission.LEADS_WRITE)
def note(contact_id: int) -> Response:
    acts.add_note(desk(), contact_id, request.form.get("text", ""), request.form.get("key", ""))
    return back(contact_id)
