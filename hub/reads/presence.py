"""Who of ours is free, rings, talks or is away, right now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.domain import clock
from hub.domain.access import Permission, Viewer
from hub.domain.calls import CallState
from hub.people.models import SessionRow, UserRow
from hub.telephony.models import CallRow, ExtensionRow

HERE_FOR = timedelta(minutes=15)
"""Whoever was seen in Hub within this time is at work; an open page is seen every few minutes."""
LONGEST = timedelta(hours=12)
"""A call that began earlier is none any more, though nobody reported its end."""
MANY = 500
Doing = Literal["talking", "ringing", "free", "away"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """`since`: when this talk, or this ringing, began; None for who is free or away."""

    user_id: int
    name: str
    doing: Doing
    since: str | None = None


def everybody(session: Session, now: datetime) -> Sequence[Colleague]:
    """Everybody with a phone, by name; somebody in a call is not away, whatever else."""
    phones = select(ExtensionRow.user_id)
    chosen = select(UserRow.id, UserRow.name).where(UserRow.active, UserRow.id.in_(phones))
    people = session.execute(chosen.order_by(UserRow.name, UserRow.id).limit(MANY)).all()
    here = set(session.scalars(select(SessionRow.user_id).where(SessionRow.seen_at > now - HERE_FOR).distinct()))
    busy = _busy(_open_legs(session, now))
    return [_colleague(user_id, name, busy.get(user_id), here=user_id in here) for user_id, name in people]


def seen_by(viewer: Viewer, people: Iterable[Colleague]) -> tuple[Colleague, ...]:
    """Those of them whose calls the viewer sees."""
    reach = viewer.users_in_reach(Permission.CALLS_READ)
    return tuple(person for person in people if reach is None or person.user_id in reach)


def _colleague(user_id: int, name: str, busy: tuple[Doing, str] | None, *, here: bool) -> Colleague:
    if busy is not None:
        return Colleague(user_id=user_id, name=name, doing=busy[0], since=busy[1])
    return Colleague(user_id=user_id, name=name, doing="free" if here else "away")


def _open_legs(session: Session, now: datetime) -> list[Any]:
    """The open calls' legs with whoever placed the call."""
    opened = (CallRow.state.in_((CallState.RINGING, CallState.TALKING)), CallRow.last_event_at > now - LONGEST)
    parts = select(CallRow.legs, CallRow.initiated_by, CallRow.answered_at).where(*opened)
    return list(session.execute(parts.limit(MANY)))


def _busy(calls: Iterable[Any]) -> dict[int, tuple[Doing, str]]:
    """Who talks or rings, and since when; a talk is stronger than a second call that rings."""
    found: dict[int, tuple[Doing, str]] = {}
    for legs, initiated_by, answered_at in calls:
        for leg in legs:
            user_id, gone = leg["user_id"], leg["left_at"] is not None
            if user_id is None or gone:
                continue
            if leg["answered_at"]:
                found[user_id] = ("talking", leg["answered_at"])
            elif leg["rang_at"] and user_id not in found:
                found[user_id] = ("ringing", leg["rang_at"])
        caller = (initiated_by or {}).get("user_id")
        if caller is not None and answered_at is not None:
            found[caller] = ("talking", clock.iso(answered_at))
    return found
