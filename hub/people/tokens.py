"""API tokens: shown once, kept as SHA-256, limited by roles and scopes, gone with their creator."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from hub.domain.access import Permission, Role, Viewer, parse_roles
from hub.domain.errors import Invalid, NotFound
from hub.domain.identity import clean
from hub.people.models import TokenRow, UserRow
from hub.people.secrets import TOKEN_PREFIX, digest, new_secret
from hub.people.signin import SEEN_EVERY, Known
from hub.people.viewers import viewers_of


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """`user_id`: its creator, None for one made at the machine itself. `extension`: the phone it may dial from."""

    name: str
    roles: frozenset[Role]
    scopes: frozenset[Permission] | None = None
    user_id: int | None = None
    extension: str | None = None


def create(session: Session, new: NewToken, now: datetime) -> tuple[TokenRow, str]:
    """The token's row and its secret, which nobody can read again."""
    name = clean(new.name, 200)
    if not name or not new.roles:
        raise Invalid("a token has a name and at least one role", "roles" if name else "name")
    secret = new_secret(TOKEN_PREFIX)
    row = TokenRow(
        digest=digest(secret),
        name=name,
        roles=_words(new.roles),
        scopes=None if new.scopes is None else _words(new.scopes),
        user_id=new.user_id,
        extension=new.extension,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row, secret


def _words(values: Iterable[str]) -> list[str]:
    return sorted(str(value) for value in values)


def revoke(session: Session, token_id: int, now: datetime) -> None:
    """The token opens nothing any more; doing it again changes nothing."""
    row = session.get(TokenRow, token_id)
    if row is None:
        raise NotFound(f"no token with id {token_id}")
    row.revoked_at = row.revoked_at or now


def viewer_of_token(session: Session, secret: str, now: datetime) -> Known | None:
    """Who acts with this token; None when it is unknown, revoked, or its creator may not make tokens any more."""
    if not secret.startswith(TOKEN_PREFIX):
        return None
    return viewers_of_tokens(session, [digest(secret)], now).get(digest(secret))


def viewers_of_tokens(session: Session, digests: Collection[str], now: datetime) -> Mapping[str, Known]:
    """Who acts with the tokens of these digests, those that are good; asked about together."""
    good = (TokenRow.digest.in_(digests), TokenRow.revoked_at.is_(None))
    rows = session.scalars(select(TokenRow).where(*good)).all()
    creators = _creators(session, {row.user_id for row in rows} - {None})
    acting = ((row, _acting(row, creators)) for row in rows)
    return {
        row.digest: Known(viewer, stale=row.used_at is None or row.used_at < now - SEEN_EVERY)
        for row, viewer in acting
        if viewer is not None
    }


def _creators(session: Session, ids: Collection[int | None]) -> Mapping[int, Viewer]:
    if not ids:
        return {}
    return viewers_of(session, session.scalars(select(UserRow).where(UserRow.id.in_(ids), UserRow.active)).all())


def _acting(row: TokenRow, creators: Mapping[int, Viewer]) -> Viewer | None:
    scopes = None if row.scopes is None else frozenset(Permission(word) for word in row.scopes)
    own = Viewer(
        user_id=None, roles=parse_roles(row.roles), token=True, scopes=scopes, extension=row.extension, name=row.name
    )
    if row.user_id is None:
        return own
    person = creators.get(row.user_id)
    if person is None or not person.can(Permission.TOKENS_WRITE):
        return None
    return replace(own, user_id=person.user_id, team=person.team, timezone=person.timezone, language=person.language)


def used(session: Session, secret: str, now: datetime) -> None:
    """The token is in use."""
    tokens_used(session, [digest(secret)], now)


def tokens_used(session: Session, digests: Collection[str], now: datetime) -> None:
    """The tokens of these digests are in use."""
    mine = (TokenRow.digest.in_(digests), or_(TokenRow.used_at.is_(None), TokenRow.used_at < now))
    session.execute(update(TokenRow).where(*mine).values(used_at=now))
