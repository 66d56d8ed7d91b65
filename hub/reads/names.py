"""Names for ids: what a page writes where a call or a task only says which user or which line."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.people.models import UserRow
from hub.telephony.models import LineRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """`users` by id; `lines`, those that have a name, by number."""

    users: Mapping[int, str]
    lines: Mapping[str, str]


def colleagues(session: Session) -> Mapping[int, str]:
    """Whom work can be given to: everybody who works here now, by name."""
    here = select(UserRow.id, UserRow.name).where(UserRow.active).order_by(UserRow.name)
    return dict(session.execute(here).all())


def names(session: Session) -> Names:
    """Names are no secret among colleagues: every role may read them."""
    users = session.execute(select(UserRow.id, UserRow.name).order_by(UserRow.name))
    lines = session.execute(select(LineRow.number, LineRow.name).order_by(LineRow.number))
    return Names(users=dict(users.all()), lines=dict(lines.all()))
