"""Cards Hub makes itself for persons nobody has a card for: one per person, until a person makes a better one."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from hub.domain.activity import Channel
from hub.domain.identity import WITHHELD, clean, spoken
from hub.leads import relinks
from hub.leads.models import ContactedRow, ContactMailRow, ContactNumberRow, ContactRow, LeadRow, TaskRow
from hub.leads.persons import Person, telephone_key
from hub.leads.telling import Telling
from hub.storage.database import upsert

MAX_NAME = 200


def make(telling: Telling) -> None:
    """A card for this person, once however often it is asked for; earlier contacts of them come to it."""
    person, session = telling.person, telling.session
    values: dict[str, Any] = {
        "origin": person.key,
        "stand_in": True,
        "name": _name(telling.contacted.name) or _fallbacks(person)[0],
        "source": telling.channel.value,
        "tags": [],
        "created_at": telling.now,
        "last_contact_at": telling.contacted.at,
    }
    once = upsert(session, ContactRow).values(**values).on_conflict_do_nothing(index_elements=["origin"])
    card = session.scalars(once.returning(ContactRow)).one_or_none()
    if card is None:  # it is there
        card = session.scalars(select(ContactRow).where(ContactRow.origin == person.key)).one()
    telling.changes.mark(card)
    _add_number(session, card, person)
    for address in person.addresses:
        _add_address(session, card, address)
    _collect(telling, person.keys)


def complete(telling: Telling, card: ContactRow) -> None:
    """Give the card what this contact tells for certain and it lacks: a number, an address, a name."""
    new = [] if telling.channel is Channel.CALL else _missing(telling)  # a call is found by the one thing it tells
    for key in new:
        if key.startswith("tel:"):
            _add_number(telling.session, card, telling.person)
        else:
            _add_address(telling.session, card, key.removeprefix("mail:"))
    if new:
        telling.changes.mark(card)
        _collect(telling, new)
    name = _name(telling.contacted.name)
    if name and card.stand_in and card.name in _fallbacks(telling.person):
        telling.changes.put(card, name=name)


def gave_way(telling: Telling, contact_id: int) -> None:
    """Remove the stand-in that has nothing left: its contacts are on another card now."""
    session = telling.session
    card = session.get(ContactRow, contact_id)
    if card is None or not card.stand_in:
        return
    held = (
        exists().where(ContactedRow.contact_id == contact_id),
        exists().where(LeadRow.contact_id == contact_id),
        exists().where(TaskRow.contact_id == contact_id),
    )
    session.flush()
    if any(session.scalar(select(clause)) for clause in held):
        return
    telling.changes.mark(card)
    session.delete(card)
    session.flush()


def made_for(telling: Telling, contact_id: int) -> bool:
    """Whether the card exists for this one contact only: what its rule no longer asks for may go with it."""
    session = telling.session
    card = session.get(ContactRow, contact_id)
    if card is None or not card.stand_in:
        return False
    others = exists().where(
        ContactedRow.contact_id == contact_id,
        (ContactedRow.channel != telling.channel) | (ContactedRow.subject != telling.subject),
    )
    return not session.scalar(select(others))


def _missing(telling: Telling) -> list[str]:
    """The identities of this contact that stand on no card at all."""
    session, person = telling.session, telling.person
    missing = []
    if person.e164 and not session.scalar(select(exists().where(ContactNumberRow.e164 == person.e164))):
        missing.append(telephone_key(person.e164))
    stands = set(session.scalars(select(ContactMailRow.address).where(ContactMailRow.address.in_(person.addresses))))
    return missing + [f"mail:{address}" for address in person.addresses if address not in stands]


def _add_number(session: Session, card: ContactRow, person: Person) -> None:
    if not person.number:
        return
    number = person.number
    row = upsert(session, ContactNumberRow).values(
        contact_id=card.id, e164=number.e164, tail=number.tail, typed=number.typed
    )
    session.execute(row.on_conflict_do_nothing(index_elements=["contact_id", "e164"]))


def _add_address(session: Session, card: ContactRow, address: str) -> None:
    row = upsert(session, ContactMailRow).values(contact_id=card.id, address=address)
    session.execute(row.on_conflict_do_nothing(index_elements=["contact_id", "address"]))


def _collect(telling: Telling, keys: Iterable[str]) -> None:
    """Ask for earlier contacts of these identities, where there are any."""
    session = telling.session
    others = select(ContactedRow.key).where(
        ContactedRow.key.in_(list(keys)),
        ContactedRow.contact_id.is_(None),
        (ContactedRow.channel != telling.channel) | (ContactedRow.subject != telling.subject),
    )
    relinks.ask(session, [key for key in session.scalars(others.distinct()) if key], telling.now)


def _name(text: str | None) -> str | None:
    """A name somebody might call themselves, or None: a telephone sends numbers and ``<unknown>`` as names too."""
    name = clean(text, MAX_NAME)
    return name if any(character.isalpha() for character in name) and name.lower() not in WITHHELD else None


def _fallbacks(person: Person) -> tuple[str, ...]:
    """The names Hub gives for want of a better one."""
    number = (spoken(person.e164),) if person.e164 else ()
    return (*number, *person.addresses)
