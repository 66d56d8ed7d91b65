"""Our numbers and our phones: lines with their hours and owners, extensions and whose they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hub.domain.dialing import PHONE
from hub.domain.errors import Conflict, Invalid, NotFound
from hub.domain.hours import BusinessHours
from hub.domain.identity import PhoneNumber, clean, is_region
from hub.storage.database import upsert
from hub.telephony.models import ExtensionRow, LineRow


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """`number` in any spelling of `region`; `hours` as in domain/hours.py, None: always open."""

    number: str
    region: str
    name: str = ""
    timezone: str = "UTC"
    hours: Mapping[str, Any] | None = None
    connection_id: int | None = None
    owner_id: int | None = None
    team_id: int | None = None


class LineChanges(TypedDict, total=False):
    """What an edit says; what it does not name stays."""

    name: str
    region: str
    timezone: str
    hours: dict[str, Any] | None
    connection_id: int | None
    owner_id: int | None
    team_id: int | None
    owner_first: bool
    ring_user_ids: list[int]
    ring_seconds: int
    voicemail: bool
    record_inbound: str
    record_outbound: str
    keep_inbound_days: int | None
    keep_outbound_days: int | None


def create(session: Session, new: NewLine) -> LineRow:
    """A new line; Conflict when the number is one already, Invalid when it is no number."""
    row = LineRow(
        number=_e164(new.number, new.region),
        region=new.region,
        name=clean(new.name, 200),
        timezone=new.timezone,
        hours=None if new.hours is None else dict(new.hours),
        connection_id=new.connection_id,
        owner_id=new.owner_id,
        team_id=new.team_id,
    )
    BusinessHours.parse(new.hours, new.timezone)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict(f"{row.number} is a line already, or its owner, team or connection does not exist") from error
    return row


def ensure(session: Session, number: str, region: str, connection_id: int, timezone: str = "UTC") -> LineRow:
    """The line of that number, made when it is new: what a connection's own list of lines asks for."""
    e164 = _e164(number, region)
    row = upsert(session, LineRow).values(
        number=e164, region=region, name="", timezone=timezone, connection_id=connection_id
    )
    session.execute(row.on_conflict_do_nothing(index_elements=["number"]))
    return session.scalars(select(LineRow).where(LineRow.number == e164)).one()


def edit(session: Session, line_id: int, changes: LineChanges) -> LineRow:
    """Change what `changes` names. The number stays: another number is another line."""
    row = line(session, line_id)
    _known_region(changes.get("region", row.region))
    for field, value in changes.items():
        setattr(row, field, value)
    row.name = clean(row.name, 200)
    BusinessHours.parse(row.hours, row.timezone)
    try:
        session.flush()
    except IntegrityError as error:
        raise Invalid("no such owner or team", "owner_id") from error
    return row


def line(session: Session, line_id: int) -> LineRow:
    row = session.get(LineRow, line_id)
    if row is None:
        raise NotFound(f"no line with id {line_id}")
    return row


def _e164(number: str, region: str) -> str:
    _known_region(region)
    parsed = PhoneNumber.parse(number, region)
    if parsed.e164 is None:
        raise Invalid(f"got {parsed.typed!r}: {parsed.reason}", "number")
    return parsed.e164


def _known_region(region: str) -> None:
    if not is_region(region):
        raise Invalid(f"got {region!r}: expected a two-letter region such as UA or LV", "region")


def assign(session: Session, connection_id: int, number: str, user_id: int) -> None:
    """This phone is that user's from now on, whoever had it before. History keeps its people.

    `number` in the spelling of the phone system (`Connector.phone`).
    """
    extension = number.strip()
    if not PHONE.fullmatch(extension):
        raise Invalid(f"got {extension[:80]!r}: expected a phone such as 101", "extensions")
    row = upsert(session, ExtensionRow).values(connection_id=connection_id, number=extension, user_id=user_id)
    session.execute(
        row.on_conflict_do_update(index_elements=["connection_id", "number"], set_={"user_id": row.excluded.user_id})
    )


def reassign(session: Session, user_id: int, extensions: Mapping[int, list[str]]) -> None:
    """Exactly these are the user's phones, by connection; others that were theirs are nobody's."""
    session.execute(delete(ExtensionRow).where(ExtensionRow.user_id == user_id))
    for connection_id, numbers in extensions.items():
        for number in numbers:
            assign(session, connection_id, number, user_id)
