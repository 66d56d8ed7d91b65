"""Breaking the glass: an administrator hears recordings for a stated reason, for a few hours, and it stays written."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.domain.errors import Invalid
from hub.domain.identity import clean
from hub.people.models import GlassRow

LONGEST = timedelta(hours=8)
MAX_REASON = 300
SHORTEST_REASON = 5


def broken(session: Session, user_id: int | None, now: datetime) -> GlassRow | None:
    """The glass this user has broken, while it is not mended."""
    if user_id is None:
        return None
    mine = select(GlassRow).where(GlassRow.user_id == user_id, GlassRow.until > now)
    return session.scalar(mine.order_by(GlassRow.until.desc()).limit(1))


def broken_by(session: Session, user_ids: Collection[int], now: datetime) -> frozenset[int]:
    """Those of these users whose glass is broken now."""
    if not user_ids:
        return frozenset()
    return frozenset(
        session.scalars(select(GlassRow.user_id).where(GlassRow.user_id.in_(user_ids), GlassRow.until > now))
    )


def shatter(session: Session, user_id: int, reason: str, length: timedelta, now: datetime) -> GlassRow:
    """Open for so long, eight hours at most. Invalid without a reason."""
    words = clean(reason, MAX_REASON + 1)
    if not SHORTEST_REASON <= len(words) <= MAX_REASON:
        raise Invalid(f"a reason has {SHORTEST_REASON} to {MAX_REASON} characters", "reason")
    if not timedelta() < length <= LONGEST:
        raise Invalid("for eight hours at most", "hours")
    row = GlassRow(user_id=user_id, reason=words, at=now, until=now + length)
    session.add(row)
    session.flush()
    return row


def mend(session: Session, user_id: int, now: datetime) -> bool:
    """Shut it before its time; whether it was open."""
    mine = (GlassRow.user_id == user_id, GlassRow.until > now)
    was = broken(session, user_id, now) is not None
    session.execute(update(GlassRow).where(*mine).values(until=now))
    return was
