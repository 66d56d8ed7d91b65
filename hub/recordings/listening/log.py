"""The log of listenings: written before a byte leaves, appended to, never changed.

A play session has a key, so that its hundred requests for ranges are one listening. Which seconds were heard is said
twice: ``sent`` is what left (a player may ask for more than it plays), ``played`` what the player says it played.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.domain.errors import Invalid, NotFound
from hub.recordings.listening.models import ListeningRow, SpanRow
from hub.storage.database import upsert

PLAY, DOWNLOAD, LINK = "play", "download", "link"
SENT, PLAYED = "sent", "played"
ONE_SITTING = timedelta(minutes=10)
"""Requests of a program that names no session are one listening for so long."""
MAX_KEY = 64
MAX_SPANS = 50
"""In one report of a player."""
Span = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Who hears, and from where; `reason`: why the glass is broken."""

    user_id: int | None
    who: str
    address: str
    reason: str | None = None
    token: bool = False

    @property
    def mark(self) -> str:
        """Keys of sessions begin with it: nobody goes on with another's."""
        if self.token or self.user_id is None:
            return "p" + hashlib.sha256(f"{self.user_id} {self.who}".encode()).hexdigest()[:16]
        return f"u{self.user_id}"


def session_key(by: Listener, named: str, kind: str, now: datetime) -> str:
    """The key a session is known by: the one it was `named`, else one for this sitting of whoever asks."""
    if named:
        return f"{by.mark}:{kind}:{named[:MAX_KEY]}"
    sitting = int(now.timestamp() // ONE_SITTING.total_seconds())
    return f"{by.mark}:{kind}:{by.address}:{sitting}"[:100]


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A listening that is written down, and the seconds of it that have left so far."""

    id: int
    sent: Span | None

    def covers(self, span: Span) -> bool:
        return self.sent is not None and self.sent[0] <= span[0] and span[1] <= self.sent[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What is heard and how; `key` as `session_key` makes it."""

    recording_id: UUID
    call_id: UUID | None
    key: str
    kind: str


def begun(session: Session, recording_id: UUID, key: str) -> Begun | None:
    """The listening of this session; None when nothing of it was written yet."""
    sent = (SpanRow.listening_id == ListeningRow.id) & (SpanRow.source == SENT)
    asked = select(ListeningRow.id, func.min(SpanRow.begin), func.max(SpanRow.until)).outerjoin(SpanRow, sent)
    mine = (ListeningRow.recording_id == recording_id, ListeningRow.key == key)
    found = session.execute(asked.where(*mine).group_by(ListeningRow.id)).one_or_none()
    if found is None:
        return None
    edges: tuple[int, float | None, float | None] = (found[0], found[1], found[2])
    row_id, begin, until = edges
    return Begun(id=row_id, sent=None if begin is None or until is None else (begin, until))


def write(session: Session, hearing: Hearing, by: Listener, span: Span | None, now: datetime) -> int:
    """Have the listening in the log, and that this span leaves; its id."""
    row = {
        "recording_id": hearing.recording_id,
        "call_id": hearing.call_id,
        "key": hearing.key,
        "kind": hearing.kind,
        "at": now,
        "user_id": by.user_id,
        "who": by.who[:200],
        "address": by.address[:45],
        "reason": by.reason,
    }
    once = upsert(session, ListeningRow).values(**row)
    session.execute(once.on_conflict_do_nothing(index_elements=["recording_id", "key"]))
    mine = (ListeningRow.recording_id == hearing.recording_id, ListeningRow.key == hearing.key)
    row_id = session.scalars(select(ListeningRow.id).where(*mine)).one()
    if span is not None:
        session.add(SpanRow(listening_id=row_id, source=SENT, begin=span[0], until=span[1], at=now))
    return row_id


def played(session: Session, recording_id: UUID, key: str, spans: Sequence[Span], now: datetime) -> None:
    """The seconds a player says it played. NotFound: nothing of this session ever left."""
    found = begun(session, recording_id, key)
    if found is None:
        raise NotFound("no such listening")
    for begin, until in spans:
        session.add(SpanRow(listening_id=found.id, source=PLAYED, begin=begin, until=until, at=now))


def spans_of(text: str, seconds: float) -> list[Span]:
    """``12.0-45.5,60-70`` as spans of a recording so long. Invalid when it is not that."""
    found = []
    for part in text.split(",")[:MAX_SPANS]:
        first, _, last = part.partition("-")
        try:
            begin, until = float(first), min(float(last), seconds)
        except ValueError as error:
            raise Invalid("spans are pairs of seconds", "spans") from error
        if not 0 <= begin < until:  # also what is no number
            continue
        found.append((round(begin, 1), round(until, 1)))
    return found


def joined(spans: Iterable[Span]) -> list[Span]:
    """Spans that meet or overlap as one, in order."""
    found: list[Span] = []
    for begin, until in sorted(spans):
        if found and begin <= found[-1][1] + 0.5:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        else:
            found.append((begin, until))
    return found
