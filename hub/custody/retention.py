"""How long recordings are kept: as their line says for the direction of the call, else as the company does."""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, and_, false, func, or_, select, true, tuple_
from sqlalchemy.orm import Session

from hub.custody import erasing
from hub.domain import clock
from hub.domain.calls import Direction
from hub.domain.errors import Conflict, NotFound
from hub.recordings.models import RecordingRow
from hub.recordings.store import ERASED
from hub.telephony.models import CallRow, LineRow
from hub.unit_of_work import Hub

STEP = 200
STRETCH_SECONDS = 60.0
"""How long one job works at a stretch; there is another in a while."""
Rule = tuple[str, str, int]
"""A line, a direction, and for how many days."""

log = structlog.get_logger()


def expire(hub: Hub) -> int:
    """Erase what has been kept long enough; how many. What must stay stays."""
    until, erased = time.monotonic() + STRETCH_SECONDS, 0
    while time.monotonic() < until and (over := _over(hub)):
        for recording_id in over:
            with suppress(Conflict, NotFound):  # it must stay since, or is gone
                erasing.erase(hub, recording_id, "a rule", "it was kept as long as the rule says")
        erased += len(over)
    if erased:
        log.info("recordings were kept long enough", erased=erased)
    return erased


def _over(hub: Hub) -> Sequence[UUID]:
    chosen = select(RecordingRow.id).outerjoin(CallRow, CallRow.id == RecordingRow.call_id)
    kept = (RecordingRow.state != ERASED, RecordingRow.hold_reason.is_(None))
    with hub.reading() as session:
        ended = or_(*_conditions(list(_rules(session)), hub.rules.keep_recordings_days, clock.now()))
        return session.scalars(chosen.where(*kept, ended).limit(STEP)).all()


def _rules(session: Session) -> Iterator[Rule]:
    """What lines say for themselves."""
    for row in session.scalars(select(LineRow).order_by(LineRow.id)):
        said = {Direction.INBOUND: row.keep_inbound_days, Direction.OUTBOUND: row.keep_outbound_days}
        yield from ((row.number, direction, days) for direction, days in said.items() if days is not None)


def _conditions(rules: Sequence[Rule], usual: int, now: datetime) -> Iterator[ColumnElement[bool]]:
    yield false()  # where everything is kept for ever
    for line, direction, days in rules:
        if days:
            yield and_(CallRow.line == line, CallRow.direction == direction, _older(now, days))
    if usual:
        own = [(line, direction) for line, direction, _ in rules]
        others = or_(CallRow.line.is_(None), tuple_(CallRow.line, CallRow.direction).not_in(own)) if own else true()
        yield and_(others, _older(now, usual))


def _older(now: datetime, days: int) -> ColumnElement[bool]:
    """Than so many days since the call; an orphan counts from when it was heard of."""
    began = func.coalesce(CallRow.started_at, RecordingRow.created_at)
    return began < now - timedelta(days=days)
