"""A person's word on whose number this is: remembered, stronger than any rule, and history follows it."""

from datetime import datetime

from sqlalchemy.orm import Session

from hub.domain.errors import Invalid
from hub.domain.identity import PhoneNumber
from hub.leads import cards, checks, persons, relinks
from hub.leads.models import ChoiceRow, ContactRow
from hub.leads.persons import telephone_key
from hub.storage.database import upsert


def choose(session: Session, e164: str, contact_id: int, by: int | None, now: datetime) -> ContactRow:
    """This number is this card's, past and future calls alike, but for those a person linked one by one.

    The number is put on the card where it is not; the earlier calls are matched again (hub.leads.relinks).
    """
    number = PhoneNumber.parse(e164, "ZZ")
    if number.e164 is None or number.e164 != e164:
        raise Invalid(f"expected a number like +380671234567: {number.reason or 'not in this spelling'}", "number")
    persons.lock(session, [telephone_key(e164)])
    card = checks.held(session, ContactRow, contact_id)
    card.stand_in = False
    said = {"contact_id": contact_id, "chosen_by": by, "chosen_at": now}
    row = upsert(session, ChoiceRow).values(e164=e164, **said)
    session.execute(row.on_conflict_do_update(index_elements=["e164"], set_=said))
    cards.give_number(session, card, number, now)
    relinks.ask(session, [telephone_key(e164)], now)
    return card
