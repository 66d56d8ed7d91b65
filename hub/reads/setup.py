"""How far a new Hub is set up: a few questions, each answered by what is there."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from hub.domain.access import Role
from hub.inbox.models import ConnectionRow
from hub.people.models import UserRow
from hub.reads import rules
from hub.telephony.models import CallRow, ExtensionRow, LineRow

GUIDE = "guide"
"""Under this name each administrator's preferences keep what was said about the set-up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """`checked`: steps of which an administrator said that they are right; `away`: whoever asks put the guide away."""

    people: int
    phones: int
    connected: int
    calls: bool
    lines: int
    rules_changed: bool
    checked: frozenset[str]
    away: bool


def setup(session: Session, user_id: int | None) -> Setup:
    active = select(func.count()).select_from(UserRow).where(UserRow.active)
    told = _told(session)
    return Setup(
        people=session.scalar(active) or 0,
        phones=session.scalar(select(func.count()).select_from(ExtensionRow)) or 0,
        connected=session.scalar(select(func.count()).select_from(ConnectionRow).where(ConnectionRow.enabled)) or 0,
        calls=bool(session.scalar(select(exists().where(CallRow.id.is_not(None))))),
        lines=session.scalar(select(func.count()).select_from(LineRow)) or 0,
        rules_changed=not rules.table(session).is_usual(),
        checked=frozenset(step for each in told.values() for step in each.get("checked", ())),
        away=bool(told.get(user_id or 0, {}).get("away")),
    )


def _told(session: Session) -> dict[int, dict[str, Any]]:
    """What each administrator said about the set-up."""
    rows = session.scalars(select(UserRow).where(UserRow.active))
    return {row.id: row.preferences.get(GUIDE) or {} for row in rows if Role.ADMINISTRATOR in row.roles}
