"""Comparisons with a phone system's own list of calls, as they are kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from hub.telephony.models import ComparisonRow

KEPT = timedelta(days=60)


def keep(session: Session, row: ComparisonRow) -> None:
    """One more comparison; those that are very old make room."""
    old = ComparisonRow.compared_at < row.compared_at - KEPT
    session.execute(delete(ComparisonRow).where(ComparisonRow.connection_id == row.connection_id, old))
    session.add(row)


def newest(session: Session, connection_id: int) -> ComparisonRow | None:
    """The latest comparison of a connection, however it went."""
    mine = select(ComparisonRow).where(ComparisonRow.connection_id == connection_id)
    return session.scalar(mine.order_by(ComparisonRow.compared_at.desc(), ComparisonRow.id.desc()).limit(1))


def of_each(session: Session, ids: Sequence[int]) -> dict[int, ComparisonRow]:
    """The latest comparison of each of these connections."""
    found = {connection_id: newest(session, connection_id) for connection_id in ids}
    return {connection_id: row for connection_id, row in found.items() if row is not None}


def complete_until(session: Session, connection_id: int) -> datetime | None:
    """Up to where the list could be read; None when it never could."""
    read = select(func.max(ComparisonRow.until)).where(ComparisonRow.connection_id == connection_id)
    return session.scalar(read.where(ComparisonRow.problem.is_(None)))
