"""Words for telling the leads stage about contacts, and for reading what came of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hub.domain.activity import CallKind, Channel, Consequence, Contacted
from hub.domain.identity import PhoneNumber
from hub.leads import consequences
from hub.leads.models import ActivityRow, ContactNumberRow, ContactRow, LeadRow, TaskRow, TouchRow, TryRow
from hub.people.models import UserRow
from hub.storage.database import Base, upsert

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
ANNA = PhoneNumber.parse("0671234567", "UA")
BORIS = PhoneNumber.parse("0509876543", "UA")
TABLES: tuple[type[Base], ...] = (ContactRow, ContactNumberRow, LeadRow, TouchRow, TaskRow, TryRow, ActivityRow)


def minutes(count: float) -> datetime:
    """So many minutes after Monday ten o'clock."""
    return MONDAY + timedelta(minutes=count)


def call(subject: str, kind: CallKind | None, at: float = 0, **more: Any) -> Contacted:
    """A call with Anna that began `at` minutes after ten; an answered one talked for two minutes."""
    answered = kind in (CallKind.INBOUND_ANSWERED, CallKind.OUTBOUND_ANSWERED)
    said: dict[str, Any] = {"number": ANNA, "talked_until": minutes(at + 2) if answered else None}
    return Contacted(channel=Channel.CALL, subject=subject, at=minutes(at), kind=kind, **(said | more))


def missed(subject: str, at: float = 0, **more: Any) -> Contacted:
    return call(subject, CallKind.INBOUND_MISSED, at, **more)


def answered(subject: str, at: float = 0, **more: Any) -> Contacted:
    return call(subject, CallKind.INBOUND_ANSWERED, at, **more)


def form(subject: str, at: float = 0, **more: Any) -> Contacted:
    return Contacted(channel=Channel.FORM, subject=subject, at=minutes(at), **more)


def mail(subject: str, at: float = 0, **more: Any) -> Contacted:
    return Contacted(channel=Channel.MAIL, subject=subject, at=minutes(at), **more)


@dataclass
class Desk:
    """A database, told about contacts one transaction each."""

    engine: Engine
    told: list[Contacted] = field(default_factory=list)

    def tell(self, *contacts: Contacted) -> Consequence:
        """Settle each in a transaction of its own; the last one's consequence."""
        return [self._settle(contacted) for contacted in contacts][-1]

    def _settle(self, contacted: Contacted) -> Consequence:
        self.told.append(contacted)
        with self.transaction() as session:
            return consequences.settle(session, contacted, contacted.at)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with Session(self.engine) as session, session.begin():
            yield session

    def rows(self, table: type[Any]) -> list[Any]:
        """Every row, oldest first, detached."""
        with Session(self.engine, expire_on_commit=False) as session:
            return list(session.scalars(select(table).order_by(*table.__mapper__.primary_key)))

    def one(self, table: type[Any]) -> Any:
        (row,) = self.rows(table)
        return row

    def everything(self) -> list[tuple[Any, ...]]:
        """Every column of every row of this stage: what a replay must leave as it is."""
        with Session(self.engine) as session:
            return [tuple(row) for table in TABLES for row in session.execute(select(*table.__table__.columns)).all()]

    def user(self, name: str) -> int:
        with self.transaction() as session:
            row = upsert(session, UserRow).values(
                email=f"{name}@example.org", name=name.title(), roles=["manager"], created_at=MONDAY
            )
            return session.scalars(row.returning(UserRow.id)).one()
