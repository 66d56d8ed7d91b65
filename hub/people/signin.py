"""Signing in: a bounded number of tries, the same answer for everybody, a new session each time.

The steps are separate because hashing takes long and must not be done inside a transaction:
`begin` (counts the try) → `Attempt.fits` → `conclude` (the session, or nothing).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from hub.domain.access import Viewer
from hub.domain.errors import HubError
from hub.domain.identity import clean
from hub.people import passwords
from hub.people.models import SessionRow, SignInRow, UserRow
from hub.people.secrets import digest, new_secret
from hub.people.viewers import viewers_of

TRIES = 10
WINDOW = timedelta(minutes=15)
"""Failures counted for each account and for each network address."""
IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=14)
SEEN_EVERY = timedelta(minutes=5)
"""How exact `seen_at` is kept: a page view costs no write."""


class TooManyTries(HubError):
    """Wait: `after` says how long."""

    def __init__(self, after: timedelta) -> None:
        super().__init__("too many tries to sign in; wait a little")
        self.after = after


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A try to sign in, already counted as a failure; `user_id` None: there is nobody of that address."""

    user_id: int | None
    stored: str | None
    account: str
    counted: tuple[int, ...]

    def fits(self, password: str) -> bool:
        return passwords.fits(self.stored, password)


def begin(session: Session, email: str, address: str, now: datetime) -> Attempt:
    """Count the try before it is made; TooManyTries when there were enough. The caller commits."""
    who = (f"mail:{normal_email(email)}", f"from:{address[:64]}")
    session.execute(delete(SignInRow).where(SignInRow.at <= now - WINDOW))
    _refuse_many(session, who, now)
    counted = [SignInRow(who=each, at=now) for each in who]
    session.add_all(counted)
    session.flush()
    user = session.scalar(select(UserRow).where(UserRow.email == normal_email(email), UserRow.active))
    return Attempt(
        user_id=user.id if user else None,
        stored=user.password if user else None,
        account=who[0],
        counted=tuple(row.id for row in counted),
    )


def _refuse_many(session: Session, who: tuple[str, str], now: datetime) -> None:
    tries = select(func.count(), func.min(SignInRow.at)).where(SignInRow.who.in_(who)).group_by(SignInRow.who)
    for count, first in session.execute(tries):
        if count >= TRIES:
            raise TooManyTries(after=first + WINDOW - now)


def conclude(session: Session, attempt: Attempt, now: datetime) -> str:
    """The password was right: forget the account's failures and open a session; its secret is for the cookie."""
    mine = or_(SignInRow.who == attempt.account, SignInRow.id.in_(attempt.counted))
    session.execute(delete(SignInRow).where(mine))
    session.execute(delete(SessionRow).where(SessionRow.ends_at <= now))
    secret = new_secret()
    row = SessionRow(
        digest=digest(secret), user_id=attempt.user_id, created_at=now, seen_at=now, ends_at=now + ABSOLUTE
    )
    session.add(row)
    return secret


def sign_out(session: Session, secret: str) -> None:
    session.execute(delete(SessionRow).where(SessionRow.digest == digest(secret)))


def sign_out_everywhere(session: Session, user_id: int) -> None:
    """End every session of a user: after a new password, or when the account is switched off."""
    session.execute(delete(SessionRow).where(SessionRow.user_id == user_id))


@dataclass(frozen=True, slots=True)
class Known:
    """Who the credential belongs to; `stale`: its last use should be written down again."""

    viewer: Viewer
    stale: bool


def viewer_of_session(session: Session, secret: str, now: datetime) -> Known | None:
    """Who holds this session secret; None when it is unknown, idle for too long, or over."""
    return viewers_of_sessions(session, [digest(secret)], now).get(digest(secret))


def viewers_of_sessions(session: Session, digests: Collection[str], now: datetime) -> Mapping[str, Known]:
    """Who holds the sessions of these digests, those that are alive; asked about together."""
    alive = (SessionRow.seen_at > now - IDLE, SessionRow.ends_at > now, UserRow.active)
    query = select(SessionRow, UserRow).join(UserRow, UserRow.id == SessionRow.user_id)
    found = session.execute(query.where(SessionRow.digest.in_(digests), *alive)).all()
    viewers = viewers_of(session, {user for _, user in found})
    return {row.digest: Known(viewers[user.id], stale=row.seen_at < now - SEEN_EVERY) for row, user in found}


def seen(session: Session, secret: str, now: datetime) -> None:
    """The session is in use."""
    sessions_seen(session, [digest(secret)], now)


def sessions_seen(session: Session, digests: Collection[str], now: datetime) -> None:
    """The sessions of these digests are in use."""
    session.execute(update(SessionRow).where(SessionRow.digest.in_(digests)).values(seen_at=now))


def normal_email(email: str) -> str:
    """An address as accounts are known by it."""
    return clean(email, 254).lower()
