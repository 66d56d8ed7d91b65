"""Colleagues, teams, lines and tokens: the same for everybody who may read them at all."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NotRequired

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from hub.domain import clock
from hub.domain.access import Permission, Role
from hub.domain.errors import Invalid, NotFound
from hub.domain.routing import RecordRule
from hub.inbox.models import ConnectionRow
from hub.people.models import TeamRow, TokenRow, UserRow
from hub.reads.shapes import Id, Moment
from hub.reads.shapes.common import E164
from hub.telephony.models import ExtensionRow, LineRow

Span = Annotated[list[str], Field(min_length=2, max_length=2, examples=[["09:00", "18:00"]])]


class HoursShape(TypedDict):
    """Opening times of a line in its zone; a day that is not there is closed."""

    mon: NotRequired[list[Span]]
    tue: NotRequired[list[Span]]
    wed: NotRequired[list[Span]]
    thu: NotRequired[list[Span]]
    fri: NotRequired[list[Span]]
    sat: NotRequired[list[Span]]
    sun: NotRequired[list[Span]]
    holidays: NotRequired[list[str]]


class ExtensionShape(TypedDict):
    """A phone: its short number on a connection."""

    connection: str
    number: Annotated[str, Field(examples=["101"])]


class UserShape(TypedDict):
    """Somebody who works with Hub."""

    id: Id
    email: str
    name: str
    roles: list[Role]
    team_id: Id | None
    timezone: str
    language: str
    active: bool
    extensions: list[ExtensionShape]
    created_at: Moment


class TeamShape(TypedDict):
    """People who work together; its head sees all of theirs."""

    id: Id
    name: str
    head_id: Id | None


class LineShape(TypedDict):
    """One of our numbers. `hours` null: always open; no `ring_user_ids`: its owner, its team or everybody is rung.

    `keep_inbound_days`: how long recordings are kept; 0: for ever, null: as long as the company's other ones.
    """

    id: Id
    number: E164
    name: str
    region: str
    timezone: str
    hours: HoursShape | None
    connection: str | None
    owner_id: Id | None
    team_id: Id | None
    owner_first: bool
    ring_user_ids: list[Id]
    ring_seconds: Annotated[int, Field(ge=5, le=120)]
    voicemail: bool
    record_inbound: RecordRule
    record_outbound: RecordRule
    keep_inbound_days: Annotated[int, Field(ge=0)] | None
    keep_outbound_days: Annotated[int, Field(ge=0)] | None


class TokenShape(TypedDict):
    """An API token, without its secret. `scopes` null: all its roles allow."""

    id: Id
    name: str
    roles: list[Role]
    scopes: list[Permission] | None
    user_id: Id | None
    extension: str | None
    created_at: Moment
    used_at: Moment | None
    revoked_at: Moment | None


def users(session: Session) -> list[UserShape]:
    """Everybody, by name."""
    return user_shapes(session, session.scalars(select(UserRow).order_by(UserRow.name, UserRow.id)).all())


def user(session: Session, user_id: int) -> UserShape:
    row = session.get(UserRow, user_id)
    if row is None:
        raise NotFound("no such user")
    return user_shapes(session, [row])[0]


def user_shapes(session: Session, rows: Sequence[UserRow]) -> list[UserShape]:
    phones: defaultdict[int, list[ExtensionShape]] = defaultdict(list)
    chosen = select(ExtensionRow.user_id, ConnectionRow.name, ExtensionRow.number)
    chosen = chosen.join(ConnectionRow, ConnectionRow.id == ExtensionRow.connection_id).order_by(ExtensionRow.id)
    mine = ExtensionRow.user_id.in_([row.id for row in rows])
    for user_id, connection, number in session.execute(chosen.where(mine)):
        phones[user_id].append({"connection": connection, "number": number})
    return [_user(row, phones[row.id]) for row in rows]


def _user(row: UserRow, phones: list[ExtensionShape]) -> UserShape:
    return {
        "id": row.id,
        "email": row.email,
        "name": row.name,
        "roles": [Role(word) for word in row.roles],
        "team_id": row.team_id,
        "timezone": row.timezone,
        "language": row.language,
        "active": row.active,
        "extensions": phones,
        "created_at": clock.iso(row.created_at),
    }


def require_users(session: Session, ids: Sequence[int]) -> None:
    """Invalid names the first of these that is no user."""
    there = set(session.scalars(select(UserRow.id).where(UserRow.id.in_(ids)))) if ids else set()
    if missing := sorted(set(ids) - there):
        raise Invalid(f"no user with id {missing[0]}", "ring_user_ids")


def members(session: Session, team_id: int) -> frozenset[int]:
    """The users of a team."""
    return frozenset(session.scalars(select(UserRow.id).where(UserRow.team_id == team_id)))


def teams(session: Session) -> list[TeamShape]:
    """Every team, by name."""
    return [team_shape(row) for row in session.scalars(select(TeamRow).order_by(TeamRow.name))]


def team_shape(row: TeamRow) -> TeamShape:
    return {"id": row.id, "name": row.name, "head_id": row.head_id}


def lines(session: Session) -> list[LineShape]:
    """Our numbers."""
    return line_shapes(session, session.scalars(select(LineRow).order_by(LineRow.number)).all())


def line(session: Session, line_id: int) -> LineShape:
    row = session.get(LineRow, line_id)
    if row is None:
        raise NotFound("no such line")
    return line_shapes(session, [row])[0]


def line_shapes(session: Session, rows: Sequence[LineRow]) -> list[LineShape]:
    connections = dict(session.execute(select(ConnectionRow.id, ConnectionRow.name)).all())
    return [_line(row, connections) for row in rows]


def _line(row: LineRow, connections: Mapping[int, str]) -> LineShape:
    hours: Any = row.hours
    return {
        "id": row.id,
        "number": row.number,
        "name": row.name,
        "region": row.region,
        "timezone": row.timezone,
        "hours": hours,
        "connection": None if row.connection_id is None else connections[row.connection_id],
        "owner_id": row.owner_id,
        "team_id": row.team_id,
        "owner_first": row.owner_first,
        "ring_user_ids": list(row.ring_user_ids),
        "ring_seconds": row.ring_seconds,
        "voicemail": row.voicemail,
        "record_inbound": RecordRule(row.record_inbound),
        "record_outbound": RecordRule(row.record_outbound),
        "keep_inbound_days": row.keep_inbound_days,
        "keep_outbound_days": row.keep_outbound_days,
    }


def tokens(session: Session) -> list[TokenShape]:
    """Every token, newest first; revoked ones too."""
    return [token_shape(row) for row in session.scalars(select(TokenRow).order_by(TokenRow.id.desc()))]


def token_shape(row: TokenRow) -> TokenShape:
    return {
        "id": row.id,
        "name": row.name,
        "roles": [Role(word) for word in row.roles],
        "scopes": None if row.scopes is None else [Permission(word) for word in row.scopes],
        "user_id": row.user_id,
        "extension": row.extension,
        "created_at": clock.iso(row.created_at),
        "used_at": clock.iso(row.used_at),
        "revoked_at": clock.iso(row.revoked_at),
    }
