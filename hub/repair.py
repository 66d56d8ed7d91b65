"""History told anew: after a connector was mended, or somebody said whose number this is."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub import pipeline
from hub.domain import calls, clock
from hub.domain.calls import CallEnded, CallEvent
from hub.domain.delivery import Delivery
from hub.domain.errors import Unrecognised
from hub.domain.identity import tail
from hub.inbox import store as inbox
from hub.inbox.models import DeliveryRow
from hub.leads import relinks
from hub.storage.exclusive import exclusive_wait
from hub.telephony import conversations, store
from hub.telephony.models import CallRow
from hub.unit_of_work import Hub

T = TypeVar("T")
STEP = 200
"""Deliveries, conversations or calls in one transaction: short enough for others to get in between."""


def replay(hub: Hub, connection_id: int, since: datetime | None = None) -> int:
    """Rebuild a connection's calls from its stored deliveries; how many deliveries were read.

    First every delivery says again what it says, then every conversation is folded once: no call is
    ever seen half told. Ids, notes and corrections stay.
    """
    with exclusive_wait(hub.engine, pipeline.lock_of(connection_id)):
        touched: set[int] = set()
        count = 0
        for ids in _steps(_deliveries(hub, connection_id, since)):
            touched |= _retell(hub, connection_id, ids)
            count += len(ids)
        for groups in _steps(sorted(touched)):
            with hub.unit_of_work() as session:
                pipeline.refold(pipeline.open_scene(hub, session, connection_id), groups)
    return count


def _retell(hub: Hub, connection_id: int, ids: Sequence[int]) -> set[int]:
    with hub.unit_of_work() as session:
        scene = pipeline.open_scene(hub, session, connection_id)
        said = [thing for entry in inbox.read(session, ids) for thing in _said(scene, entry)]
        return conversations.remember(session, connection_id, ids, said)


def _said(scene: pipeline.Scene, entry: inbox.Claimed) -> list[conversations.Said]:
    """What a stored delivery says today; parked and done change places when the connector was mended."""
    try:
        said = pipeline.translate(scene, entry)
    except Unrecognised as error:
        inbox.park(scene.session, entry, str(error), scene.now)
        return []
    inbox.finish(scene.session, entry, scene.now)
    return said


def _deliveries(hub: Hub, connection_id: int, since: datetime | None) -> Sequence[int]:
    chosen = select(DeliveryRow.id).where(DeliveryRow.connection_id == connection_id).order_by(DeliveryRow.id)
    if since is not None:
        chosen = chosen.where(DeliveryRow.received_at >= since)
    with hub.reading() as session:
        return session.scalars(chosen).all()


def rematch(hub: Hub) -> int:
    """Match again every contact of the persons that wait for it (hub.leads.relinks); how many persons."""
    count = 0
    while waiting := _waiting(hub):
        for key, asked_at in waiting:
            _rematch(hub, key, asked_at)
            count += 1
    return count


def _waiting(hub: Hub) -> list[tuple[str, datetime]]:
    with hub.reading() as session:
        return relinks.waiting(session)


def _rematch(hub: Hub, key: str, asked_at: datetime) -> None:
    """All calls of one person; the asking is done in the transaction of the last step."""
    for step in _steps(_calls(hub, key.removeprefix("tel:"))):
        with hub.unit_of_work() as session:
            _settle_again(hub, session, step)
    with hub.unit_of_work() as session:
        relinks.done(session, key, asked_at)


def _calls(hub: Hub, number: str) -> Sequence[tuple[int, UUID]]:
    same = CallRow.external_tail == tail(number) if tail(number) else CallRow.external_number == number
    chosen = select(CallRow.connection_id, CallRow.id).where(same).order_by(CallRow.started_at)
    with hub.reading() as session:
        return session.execute(chosen).tuples().all()


def _settle_again(hub: Hub, session: Session, step: Sequence[tuple[int, UUID]]) -> None:
    scenes = {found: pipeline.open_scene(hub, session, found) for found in {connection for connection, _ in step}}
    for connection_id, call_id in step:
        row = session.get(CallRow, call_id)
        if row is None:
            continue
        pipeline.settle(scenes[connection_id], row)
        if session.is_modified(row):
            row.version += 1
            pipeline.tell(scenes[connection_id], row)


def close_silent(hub: Hub) -> int:
    """The watchdog: calls whose end nobody reported are closed, by a delivery of Hub's own; how many."""
    now = clock.now()
    ringing = timedelta(minutes=hub.rules.ringing_limit_minutes)
    talking = timedelta(hours=hub.rules.talking_limit_hours)
    with hub.reading() as session:
        overdue = [
            (row.connection_id, CallEnded(call=row.provider_call_id, at=now, reason="end not reported", certain=False))
            for row in store.silent(session, now, ringing, talking)
        ]
    for connection_id, event in overdue:
        own_word(hub, connection_id, event)
    return len(overdue)


def own_word(hub: Hub, connection_id: int, event: CallEvent) -> None:
    """Something Hub itself knows of a call, kept in the inbox like everything else it is told."""
    delivery = Delivery(
        connection_id=connection_id,
        body=json.dumps(calls.to_json(event)).encode(),
        content_type=pipeline.OWN_WORDS,
        received_at=event.at,
    )
    pipeline.accept(hub, delivery, key=f"hub:{type(event).__name__}:{event.call}:{event.at.isoformat()}"[:200])


def sweep(hub: Hub) -> list[int]:
    """Connections with work that nobody holds; deliveries that kill their process are given up."""
    with hub.unit_of_work() as session:
        inbox.give_up(session, clock.now())
        return inbox.due_connections(session, clock.now())


def _steps(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), STEP):
        yield values[start : start + STEP]
