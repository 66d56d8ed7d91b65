"""Which calls somebody asked for: the filters of the call log as conditions.

Every condition is one that PostgreSQL can begin from with an index or skip along the newest calls with, and
whose frequency it knows, so that it may choose for each question. Nothing is joined by OR across tables.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from hub.domain.calls import CallState, Direction, Outcome
from hub.domain.identity import PhoneNumber
from hub.leads.missed import KIND as MISSED
from hub.leads.models import ContactRow, TaskRow, TryRow
from hub.reads.paging import Place, older
from hub.recordings.listening.models import ListeningRow
from hub.recordings.models import RecordingRow
from hub.storage import search
from hub.telephony.belonging import TOOK_PART
from hub.telephony.models import CallRow, ParticipantRow, TagRow

MANY = 2000
"""A word on more cards than this is common: its calls are met soon when one goes back from the newest."""
TRIGRAM = 3
WORDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """What the call log is narrowed by; None and empty mean "any". `users`: one of them took part.

    `unsaid`: somebody talked and nobody said what came of it; `waiting`: missed, and not called back yet.
    """

    since: datetime | None = None
    until: datetime | None = None
    directions: tuple[Direction, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    states: tuple[CallState, ...] = ()
    users: frozenset[int] | None = None
    line: str | None = None
    queue: str | None = None
    connection_id: int | None = None
    number: PhoneNumber | None = None
    contact_id: int | None = None
    lead_id: int | None = None
    min_talk: float | None = None
    max_talk: float | None = None
    recorded: bool | None = None
    heard: bool | None = None
    """Whether somebody listened to it."""
    tag: str | None = None
    text: str | None = None
    result: str | None = None
    unsaid: bool = False
    waiting: bool = False


At = InstrumentedAttribute[datetime]
Id = InstrumentedAttribute[UUID]


@dataclass(frozen=True, slots=True)
class Asked:
    """The calls somebody asked for, and the columns that tell which of them are newer."""

    calls: Select[CallRow]
    order: tuple[At, Id]

    def newest(self, after: Place | None, limit: int) -> Select[CallRow]:
        """The newest `limit` of them after a place."""
        at, row_id = self.order
        rest = self.calls if after is None else self.calls.where(older(at, row_id, after))
        return rest.order_by(at.desc(), row_id.desc()).limit(limit)


def asked(session: Session, wanted: CallFilter) -> Asked:
    """The calls that fit the filter, whoever's they are.

    A word's and a person's calls stand in their own tables newest first: the order is taken from there.
    """
    words = (_says(session, word) for word in (wanted.text or "").split()[:WORDS])
    simple = (*_times(wanted), *_words(wanted), *_equals(wanted), *_lengths(wanted), *_others(wanted), *_unsaid(wanted))
    where = [*simple, *_waiting(session, wanted), *words]
    calls = select(CallRow).where(*where)
    if wanted.tag is not None:
        tagged = calls.join(TagRow, TagRow.call_id == CallRow.id).where(TagRow.tag == wanted.tag)
        return Asked(tagged, (TagRow.started_at, TagRow.call_id))
    if wanted.users is not None and len(wanted.users) == 1:
        theirs = calls.join(Part, Part.call_id == CallRow.id).where(_spoke(Part, wanted.users))
        return Asked(theirs, (Part.started_at, Part.call_id))
    return Asked(calls, (CallRow.started_at, CallRow.id))


Part = aliased(ParticipantRow)
"""Beside the one of the scope."""


def _spoke(part: type[ParticipantRow], users: frozenset[int]) -> ColumnElement[bool]:
    return and_(part.user_id.in_(users), part.because == TOOK_PART)


def _times(wanted: CallFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.since is not None:
        yield CallRow.started_at >= wanted.since
    if wanted.until is not None:
        yield CallRow.started_at < wanted.until


def _words(wanted: CallFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.directions:
        yield CallRow.direction.in_(wanted.directions)
    if wanted.outcomes:
        yield CallRow.outcome.in_(wanted.outcomes)
    if wanted.states:
        yield CallRow.state.in_(wanted.states)


def _equals(wanted: CallFilter) -> Iterator[ColumnElement[bool]]:
    pairs: tuple[tuple[InstrumentedAttribute[Any], object], ...] = (
        (CallRow.line, wanted.line),
        (CallRow.queue, wanted.queue),
        (CallRow.connection_id, wanted.connection_id),
        (CallRow.contact_id, wanted.contact_id),
        (CallRow.lead_id, wanted.lead_id),
        (CallRow.disposition, wanted.result),
    )
    for column, value in pairs:
        if value is not None:
            yield column == value


def _lengths(wanted: CallFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.min_talk is not None:
        yield CallRow.talk_seconds >= wanted.min_talk
    if wanted.max_talk is not None:
        yield CallRow.talk_seconds <= wanted.max_talk


def _others(wanted: CallFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.users is not None and (wanted.tag is not None or len(wanted.users) != 1):
        yield CallRow.id.in_(select(ParticipantRow.call_id).where(_spoke(ParticipantRow, wanted.users)))
    if wanted.number is not None:
        yield number_is(wanted.number)
    if wanted.recorded is not None:
        recorded = exists().where(RecordingRow.call_id == CallRow.id).correlate(CallRow)
        yield recorded if wanted.recorded else ~recorded
    if wanted.heard is not None:
        heard = exists().where(ListeningRow.call_id == CallRow.id).correlate(CallRow)
        yield heard if wanted.heard else ~heard


def _unsaid(wanted: CallFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.unsaid:
        yield CallRow.disposition.is_(None)
        yield CallRow.outcome == Outcome.ANSWERED
        yield CallRow.direction != Direction.INTERNAL


def _waiting(session: Session, wanted: CallFilter) -> Iterator[ColumnElement[bool]]:
    """The tries of open tasks, looked up first: of work that waits there is never much."""
    if wanted.waiting:
        open_task = (TaskRow.state == "open", TaskRow.kind == MISSED)
        tries = select(TryRow.call).join(TaskRow, TaskRow.id == TryRow.task_id).where(*open_task)
        newest = session.scalars(tries.order_by(TryRow.at.desc()).limit(MANY))
        yield CallRow.id.in_([UUID(call) for call in newest])


def number_is(number: PhoneNumber) -> ColumnElement[bool]:
    """That number in any spelling: by its last nine digits, or by however many were typed."""
    digits = "".join(character for character in number.typed if character in "0123456789").lstrip("0")
    if number.tail:
        return CallRow.external_tail == number.tail
    if digits:
        return CallRow.external_tail.endswith(digits[-9:])
    return CallRow.typed_number == number.typed


def _says(session: Session, word: str) -> ColumnElement[bool]:
    """The word stands in the note, in the caller's name, or on the card."""
    ways = (column.icontains(word, autoescape=True) for column in (CallRow.note, CallRow.external_name))
    return or_(*ways, _card_says(session, word))


def _card_says(session: Session, word: str) -> ColumnElement[bool]:
    """Asked in the way that is quick for such a word.

    Of a rare one the cards are looked up first: how many calls a list of them brings, PostgreSQL can tell. A common one
    is met soon whichever way. One too short for trigrams would read every card, so each call asks for its own.
    """
    if len(word) < TRIGRAM:
        its_card = select(on_card(word)).where(ContactRow.id == CallRow.contact_id)
        return its_card.correlate(CallRow).scalar_subquery()
    cards = select(ContactRow.id).where(on_card(word))
    few = session.scalars(cards.limit(MANY + 1)).all()
    if len(few) <= MANY:
        return CallRow.contact_id.in_(few)
    return cards.where(ContactRow.id == CallRow.contact_id).correlate(CallRow).exists()


def on_card(word: str) -> ColumnElement[bool]:
    """The word stands in a card's name or company."""
    return or_(search.holds(ContactRow.name, word), search.holds(ContactRow.company, word))
