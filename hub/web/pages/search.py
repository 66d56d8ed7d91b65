"""The search on top: clients and their leads by name, number in any spelling or address; and commands."""

from dataclasses import dataclass

from flask import render_template

from hub.domain.access import Permission
from hub.domain.identity import PhoneNumber
from hub.reads import cards, leads
from hub.reads.shapes import ContactShape
from hub.web.auth import needs, viewer
from hub.web.pages import commands, words
from hub.web.pages.frame import hub, pages, typed

FOUND = 8
NUMBERS = 2


@dataclass(frozen=True, slots=True)
class Callee:
    """A number that one can call, and whose it is."""

    number: str
    whom: str
    contact_id: int | None


@pages.get("/search", endpoint="search")
@needs(Permission.LEADS_READ)
def search() -> str:
    """What is found while somebody types."""
    query = typed("q")
    whom = commands.to_call(query)
    with hub().reading() as session:
        wanted = whom or query
        found = cards.search(session, viewer(), wanted, region=hub().rules.region, limit=FOUND) if wanted else []
        own = leads.some(session, viewer(), [card["lead_id"] for card in found if card["lead_id"]]) if not whom else []
    return render_template(
        "search.html",
        query=query,
        callees=_callees(whom, found) if whom else [],
        found=[] if whom else found,
        leads={lead["contact_id"]: lead for lead in own},
        commands=[] if whom else list(commands.matching(query)),
    )


def _callees(whom: str, found: list[ContactShape]) -> list[Callee]:
    """Whom one may mean, and the number itself when it is nobody's."""
    known = [
        Callee(each["e164"], words.card_name(card), card["id"])
        for card in found
        if not card["do_not_call"]
        for each in card["numbers"][:NUMBERS]
        if each["e164"]
    ]
    number = PhoneNumber.parse(whom, hub().rules.region).e164
    stranger = [Callee(number, "", None)] if number and number not in {each.number for each in known} else []
    return [*known, *stranger][:FOUND]
