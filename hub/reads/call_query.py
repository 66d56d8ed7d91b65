"""Which calls a viewer asked for: filters as conditions, and the order newest first made cheap.

An index gives calls newest first for *one* owner or participant. "Mine" and "my team's" are many of
these, so each becomes a source of its own, cut at the page's length, and the sources are joined: the
cost follows the page, not the table.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, Text, cast, exists, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from hub.domain.calls import CallState, Direction, Outcome
from hub.domain.identity import PhoneNumber
from hub.leads.models import ContactRow, LeadRow
from hub.reads import scope
from hub.reads.paging import Place, older
from hub.recordings.models import RecordingRow
from hub.telephony.models import CallRow, ParticipantRow

MAX_SOURCES = 90
"""More people than a third of this are looked up call by call: they have most of the calls anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """What the call log is narrowed by; None and empty mean "any". `users`: who took part."""

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


def conditions(wanted: CallFilter) -> list[ColumnElement[bool]]:
    """The filter as conditions on calls (who took part is a matter of the sources)."""
    return [*_times(wanted), *_words(wanted), *_equals(wanted), *_lengths(wanted), *_others(wanted)]


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
    if wanted.number is not None:
        yield number_is(wanted.number)
    if wanted.recorded is not None:
        recorded = exists().where(RecordingRow.call_id == CallRow.id).correlate(CallRow)
        yield recorded if wanted.recorded else ~recorded
    if wanted.tag is not None:
        yield _tagged(wanted.tag)
    for word in (wanted.text or "").split()[:5]:
        yield _says(word)


def number_is(number: PhoneNumber) -> ColumnElement[bool]:
    """That number in any spelling: by its last nine digits, or by however many were typed."""
    digits = "".join(character for character in number.typed if character.isdigit())
    if number.tail:
        return CallRow.external_tail == number.tail
    if digits:
        return or_(CallRow.external_number.endswith(digits, autoescape=True), CallRow.typed_number == number.typed)
    return CallRow.typed_number == number.typed


def _tagged(tag: str) -> ColumnElement[bool]:
    return cast(CallRow.tags, Text).contains(tag, autoescape=True)


def _says(word: str) -> ColumnElement[bool]:
    """The word stands in the caller's name, the note, the queue or on the card."""
    card = select(ContactRow.id).where(
        ContactRow.id == CallRow.contact_id,
        or_(ContactRow.name.icontains(word, autoescape=True), ContactRow.company.icontains(word, autoescape=True)),
    )
    own = (CallRow.external_name, CallRow.note, CallRow.queue, CallRow.typed_number)
    return or_(*(column.icontains(word, autoescape=True) for column in own), card.correlate(CallRow).exists())


Keys = Select[UUID, datetime, float]
"""The id, start and talk of each call."""


@dataclass(frozen=True, slots=True)
class Source:
    """Some calls, found newest first by one index: their keys, and the columns that give the order."""

    keys: Keys
    at: SQLColumnExpression[datetime]
    id: SQLColumnExpression[UUID]


def sources(users: scope.Users, took_part: scope.Users) -> list[Source]:
    """Where the calls of `users` (None: everybody's) in which one of `took_part` (None: anybody) spoke are found."""
    if took_part is None and users and len(users) * 3 <= MAX_SOURCES:
        return [source for user in sorted(users) for source in (_part(user), _card(user), _lead(user))]
    narrowed = Source(_keys().where(scope.calls(users)), CallRow.started_at, CallRow.id)
    if took_part is None:
        return [narrowed]
    if 0 < len(took_part) <= MAX_SOURCES:
        inside = None if users is None or took_part <= users else users
        return [_within(_part(user), inside) for user in sorted(took_part)]
    return [_within(narrowed, None, took_part)]


def _keys() -> Keys:
    return select(CallRow.id, CallRow.started_at, CallRow.talk_seconds)


def _part(user: int) -> Source:
    joined = _keys().join(ParticipantRow, ParticipantRow.call_id == CallRow.id).where(ParticipantRow.user_id == user)
    return Source(joined, ParticipantRow.started_at, ParticipantRow.call_id)


def _card(user: int) -> Source:
    return Source(_keys().where(CallRow.owner_id == user), CallRow.started_at, CallRow.id)


def _lead(user: int) -> Source:
    joined = _keys().join(LeadRow, LeadRow.id == CallRow.lead_id).where(LeadRow.owner_id == user)
    return Source(joined, CallRow.started_at, CallRow.id)


def _within(source: Source, users: scope.Users, took_part: scope.Users = None) -> Source:
    keys = source.keys.where(scope.calls(users))
    if took_part is not None:
        there = select(ParticipantRow.call_id).where(ParticipantRow.user_id.in_(took_part))
        keys = keys.where(CallRow.id.in_(there))
    return Source(keys, source.at, source.id)


def newest(found: list[Source], where: list[ColumnElement[bool]], after: Place | None, limit: int) -> Keys:
    """The keys of the newest `limit` calls after a place, from all sources, each call once."""
    parts = []
    for source in found:
        keys = source.keys.where(*where)
        if after is not None:
            keys = keys.where(older(source.at, source.id, after))
        parts.append(keys.order_by(source.at.desc(), source.id.desc()).limit(limit))
    return _once(parts).limit(limit)


def some(found: list[Source], where: list[ColumnElement[bool]], limit: int) -> Keys:
    """The keys of up to `limit` calls, in no order: for counting."""
    return _once([source.keys.where(*where).limit(limit) for source in found], ordered=False).limit(limit)


def _once(parts: list[Keys], *, ordered: bool = True) -> Keys:
    if len(parts) == 1:
        return parts[0]
    together = union_all(*(select(part.subquery()) for part in parts)).subquery()
    keys = select(together.c.id, together.c.started_at, together.c.talk_seconds).distinct()
    return keys.order_by(together.c.started_at.desc(), together.c.id.desc()) if ordered else keys
