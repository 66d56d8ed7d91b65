"""What people change about themselves."""

from hub.domain import clock
from hub.domain.errors import Conflict, Invalid, Unauthentic
from hub.people import journal, passwords, signin, users
from hub.people.users import UserChanges
from hub.web.acts import Desk


def settle_in(desk: Desk, changes: UserChanges) -> None:
    """Change one's own account (language, time zone); Invalid names what cannot be. Conflict: a program has none."""
    me = _me(desk)
    with desk.hub.unit_of_work() as session:
        users.edit_user(session, me, changes, desk.viewer)
        journal.append(session, desk.viewer, "user.edited", f"user:{me}", clock.now(), fields=sorted(changes))


def change_password(desk: Desk, current: str, new: str, address: str) -> str:
    """Put `new` in place of the `current` password and end every session; the secret of a new one for this browser.

    A wrong current one is counted like a failed try to sign in, of this account and from this network `address`:
    Unauthentic, and TooManyTries when there were enough. Invalid when `new` is no password, or the one there is.
    """
    me = _me(desk)
    if not passwords.SHORTEST <= len(new) <= passwords.LONGEST:
        raise Invalid(f"a password has {passwords.SHORTEST} to {passwords.LONGEST} characters", "password")
    with desk.hub.unit_of_work() as session:
        attempt = signin.begin(session, users.user(session, me).email, address, clock.now())
    if not attempt.fits(current):
        raise Unauthentic("this is not the password you have now")
    if new == current:
        raise Invalid("this is the password you have already", "password")
    secret = passwords.hashed(new)
    with desk.hub.unit_of_work() as session:
        if users.user(session, me).password != attempt.stored:
            raise Conflict("somebody else set a new password at this moment")
        users.edit_user(session, me, {"password": secret}, desk.viewer)
        journal.append(session, desk.viewer, "user.password", f"user:{me}", clock.now())
        return signin.conclude(session, attempt, clock.now())


def _me(desk: Desk) -> int:
    if desk.viewer.token or desk.viewer.user_id is None:
        raise Conflict("a token has no account of its own")
    return desk.viewer.user_id
