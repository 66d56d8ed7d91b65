"""The cards a person may be, found by index alone: the cost does not grow with the number of cards."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Select, exists, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from hub.leads.matching import Candidate
from hub.leads.models import ChoiceRow, ContactMailRow, ContactNumberRow, ContactRow, LeadRow
from hub.leads.persons import Person

MAX_CANDIDATES = 50


def candidates(session: Session, person: Person) -> list[Candidate]:
    """At most 50 cards, the certain ones first, then by id."""
    parts = list(_parts(person))
    if not parts:
        return []
    found = union_all(*parts).subquery("found")
    open_lead = exists().where(LeadRow.contact_id == found.c.contact_id, LeadRow.current)
    rows = session.execute(
        select(found.c.contact_id, found.c.how, ContactRow.stand_in, ContactRow.last_contact_at, open_lead).join(
            ContactRow, ContactRow.id == found.c.contact_id
        )
    )
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


def _parts(person: Person) -> Iterator[Select[int, str]]:
    if person.number:
        yield _part("number", ContactNumberRow.contact_id, ContactNumberRow.e164 == person.number.e164)
        if person.number.tail:
            yield _part("tail", ContactNumberRow.contact_id, ContactNumberRow.tail == person.number.tail)
    for address in person.addresses:
        yield _part("address", ContactMailRow.contact_id, ContactMailRow.address == address)


def _part(how: str, column: InstrumentedAttribute[int], where: ColumnElement[bool]) -> Select[int, str]:
    """One way to be found, bounded; in order of the index, so that a common number costs no more."""
    bounded = select(column.label("contact_id")).where(where).order_by(column).limit(MAX_CANDIDATES).subquery()
    return select(bounded.c.contact_id, literal(how).label("how"))
