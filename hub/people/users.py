"""Users and teams: who works here, in which roles, and who heads whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict
from zoneinfo import available_timezones

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hub.domain.access import Role, Viewer, parse_roles
from hub.domain.errors import Conflict, Forbidden, Invalid, NotFound
from hub.domain.identity import clean
from hub.people.models import TeamRow, UserRow
from hub.people.signin import normal_email, sign_out_everywhere

LANGUAGES = ("en", "uk", "ru", "lv")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """`password` is the hash (`passwords.hashed`), made before any transaction; None: cannot sign in."""

    email: str
    name: str
    roles: frozenset[Role]
    password: str | None = None
    team_id: int | None = None
    timezone: str = "UTC"
    language: str = "en"


class UserChanges(TypedDict, total=False):
    """What an edit says; what it does not name stays. `password` is the hash."""

    email: str
    name: str
    roles: list[str]
    team_id: int | None
    timezone: str
    language: str
    active: bool
    password: str | None


def create_user(session: Session, new: NewUser, now: datetime) -> UserRow:
    """A new user; Conflict when the address is taken."""
    row = UserRow(
        email=_email(new.email),
        name=_name(new.name),
        roles=_roles(new.roles),
        password=new.password,
        team_id=new.team_id,
        timezone=_timezone(new.timezone),
        language=_language(new.language),
        created_at=now,
    )
    _known_team(session, new.team_id)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict(f"there is a user {row.email} already") from error
    return row


def edit_user(session: Session, user_id: int, changes: UserChanges, by: Viewer) -> UserRow:
    """Change what `changes` names. Nobody changes own roles or switches oneself off; Conflict: the address is taken."""
    row = user(session, user_id)
    if by.user_id == user_id and ({"roles", "active"} & changes.keys()):
        raise Forbidden("nobody changes their own roles or switches themselves off")
    try:
        with session.begin_nested():
            for field, value in _checked(session, changes).items():
                setattr(row, field, value)
    except IntegrityError as error:
        raise Conflict(f"there is a user {changes.get('email')} already") from error
    if changes.get("active") is False or "password" in changes:
        sign_out_everywhere(session, user_id)
    return row


def _checked(session: Session, changes: UserChanges) -> Mapping[str, object]:
    checked: dict[str, object] = dict(changes)
    if "email" in changes:
        checked["email"] = _email(changes["email"])
    if "name" in changes:
        checked["name"] = _name(changes["name"])
    if "roles" in changes:
        checked["roles"] = _roles(changes["roles"])
    if "timezone" in changes:
        _timezone(changes["timezone"])
    if "language" in changes:
        _language(changes["language"])
    _known_team(session, changes.get("team_id"))
    return checked


def user(session: Session, user_id: int) -> UserRow:
    row = session.get(UserRow, user_id)
    if row is None:
        raise NotFound(f"no user with id {user_id}")
    return row


def user_by_email(session: Session, email: str) -> UserRow | None:
    return session.scalar(select(UserRow).where(UserRow.email == normal_email(email)))


def create_team(session: Session, name: str, head_id: int | None = None) -> TeamRow:
    """A new team; Conflict when the name is taken."""
    row = TeamRow(name=_name(name), head_id=head_id)
    _known_user(session, head_id)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict(f"there is a team {row.name} already") from error
    return row


def edit_team(session: Session, team_id: int, name: str | None, head_id: int | None) -> TeamRow:
    """Give a team another head (None: nobody) and, when `name` is given, another name."""
    row = session.get(TeamRow, team_id)
    if row is None:
        raise NotFound(f"no team with id {team_id}")
    _known_user(session, head_id)
    row.head_id = head_id
    row.name = row.name if name is None else _name(name)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(f"there is a team {name} already") from error
    return row


def remove_team(session: Session, team_id: int) -> None:
    """A team nobody belongs to goes; Conflict says who still does, or that lines are given to it."""
    row = session.get(TeamRow, team_id, with_for_update=True)
    if row is None:
        raise NotFound(f"no team with id {team_id}")
    members = session.scalars(select(UserRow.name).where(UserRow.team_id == team_id).order_by(UserRow.name)).all()
    if members:
        raise Conflict(f"people belong to it: {', '.join(members)}; give them another team first")
    try:
        with session.begin_nested():
            session.delete(row)
    except IntegrityError as error:
        raise Conflict("lines are given to this team; give them to another one first") from error


def _email(text: str) -> str:
    email = normal_email(text)
    local, _, domain = email.rpartition("@")
    if not local or "." not in domain.strip(".") or any(character.isspace() for character in email):
        raise Invalid(f"got {email!r}: expected an address such as anna@example.org", "email")
    return email


def _name(text: str) -> str:
    name = clean(text, 200)
    if not name:
        raise Invalid("a name is needed", "name")
    return name


def _roles(words: Iterable[str]) -> list[str]:
    try:
        return sorted(str(role) for role in parse_roles(words))
    except ValueError as error:
        raise Invalid(f"{error}; there are: {', '.join(Role)}", "roles") from error


def _timezone(name: str) -> str:
    if name not in available_timezones():
        raise Invalid(f"got {name!r}: expected a time zone such as Europe/Kyiv", "timezone")
    return name


def _language(code: str) -> str:
    if code not in LANGUAGES:
        raise Invalid(f"got {code!r}: expected one of {', '.join(LANGUAGES)}", "language")
    return code


def _known_team(session: Session, team_id: int | None) -> None:
    if team_id is not None and session.get(TeamRow, team_id) is None:
        raise Invalid(f"no team with id {team_id}", "team_id")


def _known_user(session: Session, user_id: int | None) -> None:
    if user_id is not None and session.get(UserRow, user_id) is None:
        raise Invalid(f"no user with id {user_id}", "head_id")
