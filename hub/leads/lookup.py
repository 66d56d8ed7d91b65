"""The cards a person may be, found by index alone: the cost does not grow with the number of cards."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, exists, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from hub.leads.matching import Candidate
from hub.leads.models import ChoiceRow, ContactMailRow, ContactNumberRow, ContactRow, LeadRow
from hub.leads.persons import Person

MAX_CANDIDATES = 50


def candidates(session: Session, person: Person) -> list[Candidate]:
    """At most 50 cards, the certain ones first, then by id."""
    wanted = _wanted(person)
    if not wanted:
        return []
    rows = session.execute(_question(tuple(wanted)), wanted)
    ways: dict[int, set[str]] = {}
    cards: dict[int, Candidate] = {}
    for contact_id, how, stand_in, last_contact_at, has_lead in rows:
        how_found = ways.setdefault(contact_id, set())
        how_found.add(how)
        cards[contact_id] = Candidate(
            contact_id=contact_id,
            number="number" in how_found,
            address="address" in how_found,
            stand_in=stand_in,
            open_lead=has_lead,
            last_contact_at=last_contact_at,
        )
    return sorted(cards.values(), key=lambda card: (not card.certain, card.contact_id))[:MAX_CANDIDATES]


def choice(session: Session, e164: str | None) -> int | None:
    """The card a person chose for this number."""
    if e164 is None:
        return None
    return session.scalar(select(ChoiceRow.contact_id).where(ChoiceRow.e164 == e164))


def _wanted(person: Person) -> dict[str, str]:
    """What is looked for: ``{"number": "+380…", "tail": "…", "address0": "anna@example.com"}``."""
    number = person.number
    found = {f"address{place}": address for place, address in enumerate(person.addresses)}
    if number and number.e164:
        found["number"] = number.e164
        found |= {"tail": number.tail} if number.tail else {}
    return found


@cache
def _question(names: tuple[str, ...]) -> Select[int, str, bool, datetime | None, bool]:
    """Built once for each set of things to look for: every call that changes asks it."""
    found = union_all(*map(_part, names)).subquery("found")
    open_lead = exists().where(LeadRow.contact_id == found.c.contact_id, LeadRow.current)
    card = (ContactRow.stand_in, ContactRow.last_contact_at)
    return select(found.c.contact_id, found.c.how, *card, open_lead).join(
        ContactRow, ContactRow.id == found.c.contact_id
    )


COLUMNS: Mapping[str, tuple[InstrumentedAttribute[int], InstrumentedAttribute[Any]]] = {
    "number": (ContactNumberRow.contact_id, ContactNumberRow.e164),
    "tail": (ContactNumberRow.contact_id, ContactNumberRow.tail),
    "address": (ContactMailRow.contact_id, ContactMailRow.address),
}
"""By how a card is found: its id, and what is compared."""


def _part(name: str) -> Select[int, str]:
    """One way to be found, bounded; in order of the index, so that a common number costs no more."""
    how = name.rstrip("0123456789")
    card, column = COLUMNS[how]
    bounded = select(card.label("contact_id")).where(column == bindparam(name)).order_by(card).limit(MAX_CANDIDATES)
    return select(bounded.subquery().c.contact_id, literal(how).label("how"))
