"""What people change about themselves."""

from hub.domain import clock
from hub.domain.errors import Conflict
from hub.people import journal, users
from hub.people.users import UserChanges
from hub.web.acts import Desk


def settle_in(desk: Desk, changes: UserChanges) -> None:
    """Change one's own account (language, time zone); Invalid names what cannot be. Conflict: a program has none."""
    asks = desk.viewer
    if asks.token or asks.user_id is None:
        raise Conflict("a token has no account of its own")
    with desk.hub.unit_of_work() as session:
        users.edit_user(session, asks.user_id, changes, asks)
        subject = f"user:{asks.user_id}"
        journal.append(session, asks, "user.edited", subject, clock.now(), fields=sorted(changes))
