"""Rows of people become Viewers: read again at each request, so that a right taken away is gone at once."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.domain.access import Viewer, parse_roles
from hub.people.models import TeamRow, UserRow


def viewer_of(session: Session, user: UserRow) -> Viewer:
    """The user as one who asks."""
    return Viewer(
        user_id=user.id,
        roles=parse_roles(user.roles),
        team=team_of(session, user),
        timezone=user.timezone,
        language=user.language,
        name=user.name,
    )


def team_of(session: Session, user: UserRow) -> frozenset[int]:
    """Everybody of the user's team and of the teams the user heads, oneself included; no team makes no mates."""
    headed = select(TeamRow.id).where(TeamRow.head_id == user.id)
    own = [UserRow.team_id == user.team_id] if user.team_id is not None else []
    mates = select(UserRow.id).where(or_(UserRow.team_id.in_(headed), *own))
    return frozenset(session.scalars(mates)) | {user.id}
