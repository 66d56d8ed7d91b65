"""Rows of people become Viewers: read again at each request, so that a right taken away is gone at once."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from hub.domain import clock
from hub.domain.access import Role, Viewer, parse_roles
from hub.people import glass
from hub.people.models import TeamRow, UserRow


def viewer_of(session: Session, user: UserRow) -> Viewer:
    """The user as one who asks."""
    return viewers_of(session, [user])[user.id]


def viewers_of(session: Session, users: Collection[UserRow]) -> Mapping[int, Viewer]:
    """The users as those who ask, by id; asked about together."""
    mates = _mates(session, users)
    broken = glass.broken_by(session, [user.id for user in users if Role.ADMINISTRATOR in user.roles], clock.now())
    return {
        user.id: Viewer(
            user_id=user.id,
            roles=parse_roles(user.roles),
            team=_team(user, mates),
            timezone=user.timezone,
            language=user.language,
            name=user.name,
            glass_broken=user.id in broken,
        )
        for user in users
    }


Mates = Sequence[Row[int, int | None, int | None]]


def _mates(session: Session, users: Collection[UserRow]) -> Mates:
    """Everybody of a team one of these belongs to or heads: their id, their team's, its head's."""
    teams = {user.team_id for user in users} - {None}
    chosen = select(UserRow.id, UserRow.team_id, TeamRow.head_id).join(TeamRow, TeamRow.id == UserRow.team_id)
    concerned = or_(UserRow.team_id.in_(teams), TeamRow.head_id.in_({user.id for user in users}))
    return session.execute(chosen.where(concerned)).all()


def _team(user: UserRow, mates: Mates) -> frozenset[int]:
    """Everybody of the user's team and of the teams the user heads, oneself included; no team makes no mates."""
    return frozenset(mate for mate, team_id, head_id in mates if user.id == head_id or user.team_id == team_id) | {
        user.id
    }
