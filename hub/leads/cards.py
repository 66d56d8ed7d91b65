"""Client cards as people keep them: made, edited, given numbers and addresses, and relieved of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from hub.domain.errors import Invalid, NotFound, Stale
from hub.domain.identity import MAX_TYPED, MailAddress, PhoneNumber, tail
from hub.leads import checks, relinks
from hub.leads.models import ChoiceRow, ContactMailRow, ContactNumberRow, ContactRow
from hub.leads.persons import telephone_key
from hub.storage.database import upsert

MAX_NAME = 200
MAX_NOTE = 5000
MAX_IDENTITIES = 20
MAX_TAGS = 20
MAX_TAG = 50


class CardFields(TypedDict, total=False):
    """What a person may say of a card; a field that is absent stays as it is.

    `numbers` and `mails` are whole lists: what is not in them leaves the card.
    """

    name: str
    company: str | None
    owner_id: int | None
    tags: Sequence[str]
    note: str | None
    do_not_call: bool
    numbers: Sequence[str]
    mails: Sequence[str]


def create(session: Session, fields: CardFields, region: str, now: datetime) -> ContactRow:
    """A new card; earlier contacts of its numbers and addresses come to it. `region`: for numbers without a country."""
    card = ContactRow(
        name=checks.needed(fields.get("name"), "name", MAX_NAME), source="person", tags=[], created_at=now
    )
    session.add(card)
    _set(session, card, fields, region, now)
    return card


def edit(
    session: Session, contact_id: int, fields: CardFields, region: str, now: datetime, version: int | None = None
) -> ContactRow:
    """Change what is given. A card Hub made is a person's from now on.

    Stale when the card is not of this `version` any more; None: whatever stands there.
    """
    card = checks.held(session, ContactRow, contact_id)
    if version not in (None, card.version):
        raise Stale("somebody changed this card meanwhile; read it again, then change it")
    card.version += 1
    if "name" in fields:
        card.name = checks.needed(fields["name"], "name", MAX_NAME)
    if "owner_id" in fields and fields["owner_id"] != card.owner_id:
        relinks.ask(session, _keys(session, card), now)  # whose calls they are follows the card's owner
    _set(session, card, fields, region, now)
    return card


def remove_number(session: Session, contact_id: int, number_id: int, now: datetime) -> None:
    """Take a number off a card; its calls are matched again."""
    row = session.get(ContactNumberRow, number_id)
    if row is None or row.contact_id != contact_id:
        raise NotFound("no such number on this card")
    card = checks.held(session, ContactRow, contact_id)
    card.version += 1
    _drop_number(session, card, row, now)
    session.flush()


def give_number(session: Session, card: ContactRow, number: PhoneNumber, now: datetime) -> None:
    """Put a number on a card, once, as typed and with the reason when it is none; its earlier calls come along."""
    digits = "".join(character for character in number.typed if character in "0123456789")
    row = upsert(session, ContactNumberRow).values(
        contact_id=card.id,
        e164=number.e164,
        tail=number.tail or tail(digits),
        typed=number.typed,
        problem=number.reason,
    )
    given = row.on_conflict_do_nothing(index_elements=["contact_id", "e164"]).returning(ContactNumberRow.id)
    if session.scalar(given) is not None and number.e164:
        relinks.ask(session, [telephone_key(number.e164)], now)


def _set(session: Session, card: ContactRow, fields: CardFields, region: str, now: datetime) -> None:
    card.stand_in = False
    if "company" in fields:
        card.company = checks.line_of_text(fields["company"], "company", MAX_NAME)
    if "note" in fields:
        card.note = checks.paragraphs(fields["note"], "note", MAX_NOTE)
    if "tags" in fields:
        card.tags = _tags(fields["tags"])
    if "owner_id" in fields:
        card.owner_id = fields["owner_id"]
    if "do_not_call" in fields:
        card.do_not_call = fields["do_not_call"]
    checks.write(session)
    if "numbers" in fields:
        _set_numbers(session, card, fields["numbers"], region, now)
    if "mails" in fields:
        _set_mails(session, card, fields["mails"], now)


def _tags(words: Sequence[str]) -> list[Any]:
    if len(words) > MAX_TAGS:
        raise Invalid(f"at most {MAX_TAGS} tags", "tags")
    return list(dict.fromkeys(checks.needed(word, "tags", MAX_TAG) for word in words))


def _set_numbers(session: Session, card: ContactRow, typed: Sequence[str], region: str, now: datetime) -> None:
    if len(typed) > MAX_IDENTITIES:
        raise Invalid(f"at most {MAX_IDENTITIES} numbers", "numbers")
    wanted = {number.e164 or number.typed: number for number in (_number(text, region) for text in typed)}
    for row in session.scalars(select(ContactNumberRow).where(ContactNumberRow.contact_id == card.id)).all():
        if wanted.pop(row.e164 or row.typed, None) is None:
            _drop_number(session, card, row, now)
    for number in wanted.values():
        give_number(session, card, number, now)


def _number(text: str, region: str) -> PhoneNumber:
    checks.needed(text, "numbers", MAX_TYPED)
    return PhoneNumber.parse(text, region)


def _drop_number(session: Session, card: ContactRow, row: ContactNumberRow, now: datetime) -> None:
    session.delete(row)
    if row.e164 is None:
        return
    key = telephone_key(row.e164)
    session.execute(delete(ChoiceRow).where(ChoiceRow.e164 == row.e164, ChoiceRow.contact_id == card.id))
    if card.origin == key:
        card.origin = None  # the next call of this number makes a card of its own
    relinks.ask(session, [key], now)


def _set_mails(session: Session, card: ContactRow, typed: Sequence[str], now: datetime) -> None:
    if len(typed) > MAX_IDENTITIES:
        raise Invalid(f"at most {MAX_IDENTITIES} addresses", "mails")
    wanted = {_address(text): None for text in typed}
    stands = session.scalars(select(ContactMailRow).where(ContactMailRow.contact_id == card.id)).all()
    dropped = [row for row in stands if row.address not in wanted]
    for row in dropped:
        session.delete(row)
        if card.origin == f"mail:{row.address}":
            card.origin = None
    new = [address for address in wanted if address not in {row.address for row in stands}]
    session.add_all(ContactMailRow(contact_id=card.id, address=address) for address in new)
    relinks.ask(session, _mail_keys([*new, *(row.address for row in dropped)]), now)
    session.flush()


def _address(text: str) -> str:
    address = MailAddress.parse(text)
    if address is None:
        raise Invalid(f"not a mail address: {text[:MAX_TYPED]!r}", "mails")
    return address.address


def _keys(session: Session, card: ContactRow) -> list[str]:
    """Every person this card is."""
    numbers = session.scalars(select(ContactNumberRow.e164).where(ContactNumberRow.contact_id == card.id))
    mails = session.scalars(select(ContactMailRow.address).where(ContactMailRow.contact_id == card.id))
    return [*(telephone_key(e164) for e164 in numbers if e164), *_mail_keys(mails)]


def _mail_keys(addresses: Iterable[str]) -> list[str]:
    return [f"mail:{address}" for address in addresses]
