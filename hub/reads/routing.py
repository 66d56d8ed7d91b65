"""Whom a call should ring: the card's owner first, then whom the line's rule names."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.domain.activity import Certainty, Match
from hub.domain.errors import Conflict, Invalid
from hub.domain.hours import BusinessHours
from hub.domain.identity import PhoneNumber
from hub.domain.routing import NO_OPINION, Outgoing, RecordRule, Route
from hub.leads import lookup, matching
from hub.leads.models import ContactRow
from hub.leads.persons import Person
from hub.people.models import UserRow
from hub.telephony.models import ExtensionRow, LineRow


@dataclass(frozen=True, slots=True)
class Place:
    """A connection, and the region its numbers are read with."""

    connection_id: int
    region: str


def route(session: Session, place: Place, caller: str | None, line: str | None, now: datetime) -> Route:
    """The route of an incoming call; `caller` and `line` as the phone system shows them."""
    row = _line(session, place, line)
    card = _card(session, PhoneNumber.parse(caller, place.region))
    phones = _phones(session, place.connection_id)
    asked = _asked(session, row, phones)
    owner = card.owner_id if card and card.owner_id in phones and (row is None or row.owner_first) else None
    stages = [stage for users in ([owner] if owner else [], asked) if (stage := _stage(users, phones))]
    return Route(
        stages=tuple(dict.fromkeys(stages)),
        ring_seconds=row.ring_seconds if row else NO_OPINION.ring_seconds,
        voicemail=row.voicemail if row else False,
        record=RecordRule(row.record_inbound) if row else RecordRule.NEVER,
        name=card.name if card else None,
        open=_is_open(row, now),
        why=_why(owner, card, row),
    )


def outgoing(session: Session, place: Place, extension: str, number: str) -> Outgoing:
    """What becomes of a call that phone wants to make; Invalid or Conflict say why it must not."""
    wanted = PhoneNumber.parse(number, place.region)
    if wanted.e164 is None:
        raise Invalid(f"got {wanted.typed!r}: {wanted.reason}", "number")
    mine = (ExtensionRow.connection_id == place.connection_id, ExtensionRow.number == extension)
    user = session.scalar(select(ExtensionRow.user_id).where(*mine))
    if user is None:
        raise Conflict(f"{extension} is nobody's phone here")
    card = _card(session, wanted)
    if card is not None and card.do_not_call:
        raise Conflict("this client asked not to be called")
    line = line_of(session, place, user)
    record = RecordRule(line.record_outbound) if line else RecordRule.NEVER
    return Outgoing(number=wanted.e164, line=line.number if line else None, record=record)


def line_of(session: Session, place: Place, user_id: int | None) -> LineRow | None:
    """The line a user's outgoing calls show: their own, else their team's, else the connection's first."""
    team = session.scalar(select(UserRow.team_id).where(UserRow.id == user_id)) if user_id else None
    here = select(LineRow).where(LineRow.connection_id == place.connection_id).order_by(LineRow.id)
    rows = session.scalars(here).all()
    ranks = (lambda row: row.owner_id == user_id, lambda row: team is not None and row.team_id == team, lambda _: True)
    return next((row for rank in ranks for row in rows if rank(row)), None)


@dataclass(frozen=True, slots=True)
class Rung:
    """Users a line's own rule rings. `everybody`: it names nobody who could be; `phoneless`: named, but not rung."""

    users: tuple[int, ...]
    everybody: bool
    phoneless: tuple[int, ...]


def rung(session: Session) -> Mapping[int, Rung]:
    """Whom each line rings, by its id, whoever calls; a line of no phone system may ring any phone."""
    rows = session.scalars(select(LineRow)).all()
    phones = {there: _phones(session, there) for there in {row.connection_id for row in rows}}
    return {row.id: _rung(session, row, phones[row.connection_id]) for row in rows}


def _rung(session: Session, row: LineRow, phones: Mapping[int, Sequence[str]]) -> Rung:
    users = tuple(dict.fromkeys(_asked(session, row, phones)))
    named = [*row.ring_user_ids, row.owner_id, row.team_id]
    phoneless = tuple(user for user in row.ring_user_ids if user not in phones)
    return Rung(users=users, everybody=not any(named) or set(users) == set(phones), phoneless=phoneless)


def _line(session: Session, place: Place, line: str | None) -> LineRow | None:
    number = PhoneNumber.parse(line, place.region).e164
    return session.scalars(select(LineRow).where(LineRow.number == number)).one_or_none() if number else None


def _card(session: Session, number: PhoneNumber) -> ContactRow | None:
    """The card this number certainly is."""
    if number.e164 is None:
        return None
    person = Person(number=number)
    found = lookup.candidates(session, person)
    match: Match = matching.decide(person, found, choice=lookup.choice(session, number.e164))
    certain = match.certainty is Certainty.CERTAIN and match.contact_id is not None
    return session.get(ContactRow, match.contact_id) if certain else None


def _phones(session: Session, connection_id: int | None) -> Mapping[int, Sequence[str]]:
    """The phones of this connection, or of all, by whose they are; of people who still work here."""
    mine = select(ExtensionRow.user_id, ExtensionRow.number).join(UserRow, UserRow.id == ExtensionRow.user_id)
    mine = mine.where(UserRow.active).order_by(ExtensionRow.id)
    if connection_id is not None:
        mine = mine.where(ExtensionRow.connection_id == connection_id)
    phones: defaultdict[int, list[str]] = defaultdict(list)
    for user_id, number in session.execute(mine):
        phones[user_id].append(number)
    return phones


def _asked(session: Session, row: LineRow | None, phones: Mapping[int, Sequence[str]]) -> list[int]:
    """Whom the line's rule rings: those named, else its owner, else its team, else everybody with a phone."""
    if row is None:
        return list(phones)
    team = session.scalars(select(UserRow.id).where(UserRow.team_id == row.team_id)).all() if row.team_id else ()
    rungs: tuple[Iterable[int], ...] = (row.ring_user_ids, filter(None, [row.owner_id]), team, phones)
    return next((found for rung in rungs if (found := [user for user in rung if user in phones])), [])


def _stage(users: Iterable[int], phones: Mapping[int, Sequence[str]]) -> tuple[str, ...]:
    return tuple(phone for user in users for phone in phones[user])


def _is_open(row: LineRow | None, now: datetime) -> bool:
    return row is None or BusinessHours.lenient(row.hours, row.timezone).is_open(now)


def _why(owner: int | None, card: ContactRow | None, row: LineRow | None) -> str:
    first = f"{card.name}'s owner first, then " if owner and card else ""
    return first + (f"as line {row.name or row.number} says" if row else "everybody with a phone")
