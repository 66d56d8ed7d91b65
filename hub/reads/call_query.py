"""Which calls somebody asked for: the filters of the call log as conditions.

Every condition is one that PostgreSQL can begin from with an index or skip along the newest calls with, and
whose frequency it knows: it chooses for each question. Nothing here is joined by OR across tables.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, literal, or_, select, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import Boolean

from hub.domain.calls import CallState, Direction, Outcome
from hub.domain.identity import PhoneNumber
from hub.leads.models import ContactRow
from hub.recordings.models import RecordingRow
from hub.telephony.belonging import TOOK_PART
from hub.telephony.models import CallRow, ParticipantRow

MANY = 200
"""A word on more cards than this is common: its calls are met soon when one goes back from the newest."""
WORDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """What the call log is narrowed by; None and empty mean "any". `users`: one of them took part."""

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
    tag: str | None = None
    text: str | None = None


def conditions(session: Session, wanted: CallFilter) -> list[ColumnElement[bool]]:
    """The filter as conditions on calls."""
    words = (_says(session, word) for word in (wanted.text or "").split()[:WORDS])
    return [*_times(wanted), *_words(wanted), *_equals(wanted), *_lengths(wanted), *_others(wanted), *words]


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
    if wanted.users is not None:
        part = (ParticipantRow.user_id.in_(wanted.users), ParticipantRow.because == TOOK_PART)
        yield CallRow.id.in_(select(ParticipantRow.call_id).where(*part))
    if wanted.number is not None:
        yield number_is(wanted.number)
    if wanted.recorded is not None:
        recorded = exists().where(RecordingRow.call_id == CallRow.id).correlate(CallRow)
        yield recorded if wanted.recorded else ~recorded
    if wanted.tag is not None:
        yield and_(text("calls.tags <> '[]'"), holds(CallRow.tags, literal(json.dumps([wanted.tag]))))


def number_is(number: PhoneNumber) -> ColumnElement[bool]:
    """That number in any spelling: by its last nine digits, or by however many were typed."""
    digits = "".join(character for character in number.typed if character in "0123456789").lstrip("0")
    if number.tail:
        return CallRow.external_tail == number.tail
    if digits:
        return CallRow.external_tail.endswith(digits[-9:])
    return CallRow.typed_number == number.typed


class holds(GenericFunction[bool]):  # noqa: N801 - SQLAlchemy's functions are written like SQL's
    """Whether a JSON list has the one string of another JSON list."""

    type = Boolean()
    inherit_cache = True


@compiles(holds, "postgresql")
def _holds_postgresql(element: holds, compiler: SQLCompiler, **more: Any) -> str:
    column, one = (compiler.process(clause, **more) for clause in element.clauses)
    return f"{column} @> CAST({one} AS JSONB)"


@compiles(holds, "sqlite")
def _holds_sqlite(element: holds, compiler: SQLCompiler, **more: Any) -> str:
    column, one = (compiler.process(clause, **more) for clause in element.clauses)
    return f"json_extract({one}, '$[0]') IN (SELECT value FROM json_each({column}))"  # noqa: S608 - parts compiled by SQLAlchemy


def _says(session: Session, word: str) -> ColumnElement[bool]:
    """The word stands in the note, in the caller's name, or on the card."""
    ways = [column.icontains(word, autoescape=True) for column in (CallRow.note, CallRow.external_name)]
    cards = select(ContactRow.id).where(on_card(word))
    few = session.scalars(cards.limit(MANY + 1)).all()
    return or_(*ways, CallRow.contact_id.in_(few if len(few) <= MANY else cards))


def on_card(word: str) -> ColumnElement[bool]:
    """The word stands in a card's name or company."""
    return or_(*(column.icontains(word, autoescape=True) for column in (ContactRow.name, ContactRow.company)))
