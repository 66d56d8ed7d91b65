"""Persons whose earlier contacts must be matched again, because a card was made, got their number, or was chosen.

The row is the work: it is written in the transaction that gave the reason, and gone when the work is
done. Whoever does it (the pipeline) takes a few keys, settles every contact of each again, and reports back.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hub.leads.models import RelinkRow
from hub.storage.database import upsert


def ask(session: Session, keys: Iterable[str], now: datetime) -> None:
    """Have every contact of these persons (``tel:+380…``, ``mail:…``) settled again, soon."""
    for key in sorted(set(keys)):
        row = upsert(session, RelinkRow).values(key=key, asked_at=now)
        session.execute(row.on_conflict_do_update(index_elements=["key"], set_={"asked_at": now}))


def waiting(session: Session, limit: int = 20) -> list[tuple[str, datetime]]:
    """The keys asked for longest, with the time of asking that `done` wants back."""
    rows = session.execute(select(RelinkRow.key, RelinkRow.asked_at).order_by(RelinkRow.asked_at).limit(limit))
    return [(key, asked_at) for key, asked_at in rows]


def done(session: Session, key: str, asked_at: datetime) -> None:
    """The work for this asking is done; a newer asking stays."""
    session.execute(delete(RelinkRow).where(RelinkRow.key == key, RelinkRow.asked_at <= asked_at))
