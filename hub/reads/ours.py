"""What is ours on a phone system: lines, extensions and whose they are. Loaded once for each batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.domain.activity import LineFacts
from hub.domain.identity import PhoneNumber, clean
from hub.inbox.connections import Connection
from hub.people.models import TeamRow
from hub.telephony.models import ExtensionRow, LineRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """`lines` by E.164 number, `users` by extension; `region` for numbers without a country code."""

    region: str
    timezone: str
    lines: Mapping[str, LineFacts]
    users: Mapping[str, int]

    def line(self, typed: str | None) -> LineFacts:
        """The line as the system spelled it: ours when we know it, else by its number alone."""
        number = PhoneNumber.parse(typed, self.region).e164 or clean(typed, 64) or None
        return self.lines.get(number or "", LineFacts(number=number, timezone=self.timezone))

    def outside(self, typed: str | None) -> PhoneNumber:
        """The other party's number; our own lines and extensions are nobody's."""
        number = PhoneNumber.parse(typed, self.region)
        if number.e164 in self.lines:
            return replace(number, e164=None, reason="one of our own lines")
        if number.typed in self.users:
            return replace(number, e164=None, reason="one of our own extensions")
        return number


def numbers(session: Session) -> Sequence[str]:
    """Our own numbers, those of lines."""
    return session.scalars(select(LineRow.number).order_by(LineRow.id)).all()


def ours(session: Session, connection: Connection, region: str, timezone: str) -> Ours:
    lines = select(LineRow, TeamRow.head_id).outerjoin(TeamRow, TeamRow.id == LineRow.team_id)
    mine = select(ExtensionRow.number, ExtensionRow.user_id).where(ExtensionRow.connection_id == connection.id)
    users = dict(session.execute(mine).all())
    return Ours(
        region=getattr(connection.settings, "region", None) or region,
        timezone=timezone,
        lines={row.number: _facts(row, head_id) for row, head_id in session.execute(lines)},
        users=users,
    )


def _facts(row: LineRow, head_id: int | None) -> LineFacts:
    hours: Any = row.hours
    return LineFacts(
        number=row.number,
        timezone=row.timezone,
        hours=hours,
        owner_id=row.owner_id,
        team_head_id=head_id,
    )
