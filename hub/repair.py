"""History told anew: after a connector was mended, or somebody said whose number this is."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import structlog
from sqlalchemy import select

from hub import pipeline, settling
from hub.domain import calls, clock
from hub.domain.calls import CallEnded, CallEvent
from hub.domain.delivery import Delivery
from hub.domain.errors import Transient, Unrecognised
from hub.domain.identity import tail
from hub.inbox import store as inbox
from hub.inbox.models import DeliveryRow
from hub.leads import relinks
from hub.storage.exclusive import StillOurs, exclusive_wait
from hub.telephony import conversations, store
from hub.telephony.models import CallRow
from hub.unit_of_work import Hub

T = TypeVar("T")

log = structlog.get_logger()

STEP = 200
"""Deliveries, conversations or calls in one transaction: short enough for others to get in between."""


def replay(hub: Hub, connection_id: int, since: datetime | None = None) -> int:
    """Rebuild a connection's calls from its stored deliveries; how many deliveries were read.

    First every delivery says again what it says, then every conversation is folded once: no call is
    ever seen half told. Ids, notes and corrections stay. Killed in the middle it is simply run again.
    """
    count, touched = 0, set[int]()
    with exclusive_wait(hub.engine, pipeline.lock_of(connection_id)) as still_ours:
        for ids in _steps(_deliveries(hub, connection_id, since), still_ours):
            touched |= _retell(hub, connection_id, ids)
            count += len(ids)
        for groups in _steps(sorted(touched), still_ours):
            _refold(hub, connection_id, groups)
    pipeline.drain(hub, connection_id)
    return count


def _retell(hub: Hub, connection_id: int, ids: Sequence[int]) -> set[int]:
    with hub.unit_of_work() as session:
        scene = pipeline.open_scene(hub, session, connection_id)
        told = {entry.id: said for entry in inbox.read(session, ids) if (said := _said(scene, entry)) is not None}
        return conversations.remember(
            session, connection_id, list(told), [one for said in told.values() for one in said]
        )


def _said(scene: settling.Scene, entry: inbox.Claimed) -> list[conversations.Said] | None:
    """What a stored delivery says today; None when its connector fails on it: then what it said before stays."""
    try:
        said = pipeline.translate(scene, entry)
    except Unrecognised as error:
        inbox.park(scene.session, entry, str(error), scene.now)
        return []
    except Exception as error:
        log.exception("a delivery could not be read again", delivery=entry.id)
        inbox.fail(scene.session, entry, inbox.reason(error), scene.now)
        return None
    inbox.finish(scene.session, [entry], scene.now)
    return said


def _refold(hub: Hub, connection_id: int, groups: Sequence[int]) -> None:
    """Fold conversations again; one that fails stays as it was and does not stop its neighbours."""
    try:
        with hub.unit_of_work() as session:
            scene = pipeline.open_scene(hub, session, connection_id)
            pipeline.refold(scene, conversations.part(session, connection_id, groups))
    except Exception:
        if len(groups) == 1:
            log.exception("a conversation could not be told again", group=groups[0])
            return
        for group in groups:
            _refold(hub, connection_id, [group])


def _deliveries(hub: Hub, connection_id: int, since: datetime | None) -> Sequence[int]:
    chosen = select(DeliveryRow.id).where(DeliveryRow.connection_id == connection_id).order_by(DeliveryRow.id)
    if since is not None:
        chosen = chosen.where(DeliveryRow.received_at >= since)
    with hub.reading() as session:
        return session.scalars(chosen).all()


def rematch(hub: Hub) -> int:
    """Match again every call of the persons that wait for it (hub.leads.relinks); how many persons."""
    seen: set[str] = set()
    while waiting := [(key, asked_at) for key, asked_at in _waiting(hub) if key not in seen]:
        for key, asked_at in waiting:
            seen.add(key)
            _rematch(hub, key, asked_at)
    return len(seen)


def _waiting(hub: Hub) -> list[tuple[str, datetime]]:
    with hub.reading() as session:
        return relinks.waiting(session)


def _rematch(hub: Hub, key: str, asked_at: datetime) -> None:
    """All calls of one person; who cannot be matched now goes to the end of the queue."""
    try:
        for connection_id, ids in _calls(hub, key.removeprefix("tel:")).items():
            _settle_again(hub, connection_id, ids)
    except Exception:
        log.exception("a person's calls could not be matched again")
        with hub.unit_of_work() as session:
            relinks.ask(session, [key], clock.now())
        return
    with hub.unit_of_work() as session:
        relinks.done(session, key, asked_at)


def _calls(hub: Hub, number: str) -> Mapping[int, Sequence[UUID]]:
    """The calls with this number, oldest first, by connection."""
    same = CallRow.external_tail == tail(number) if tail(number) else CallRow.external_number == number
    chosen = select(CallRow.connection_id, CallRow.id).where(same).order_by(CallRow.started_at)
    found: dict[int, list[UUID]] = {}
    with hub.reading() as session:
        for connection_id, call_id in session.execute(chosen):
            found.setdefault(connection_id, []).append(call_id)
    return found


def _settle_again(hub: Hub, connection_id: int, ids: Sequence[UUID]) -> None:
    with exclusive_wait(hub.engine, pipeline.lock_of(connection_id)) as still_ours:
        for step in _steps(ids, still_ours):
            with hub.unit_of_work() as session:
                scene = pipeline.open_scene(hub, session, connection_id)
                settling.settle_again(scene, store.held(session, step))
    pipeline.drain(hub, connection_id)


def close_silent(hub: Hub) -> int:
    """The watchdog: calls whose end nobody reported are closed, by a delivery of Hub's own; how many.

    Not while deliveries of their connection wait to be worked off: the end may be among them.
    """
    now = clock.now()
    ringing = timedelta(minutes=hub.rules.ringing_limit_minutes)
    talking = timedelta(hours=hub.rules.talking_limit_hours)
    with hub.reading() as session:
        behind = set(inbox.due_connections(session, now))
        overdue = [
            (row.connection_id, CallEnded(call=row.provider_call_id, at=now, certain=False))
            for row in store.silent(session, now, ringing, talking)
            if row.connection_id not in behind
        ]
    for connection_id, event in overdue:
        own_word(hub, connection_id, event)
    return len(overdue)


def own_word(hub: Hub, connection_id: int, event: CallEvent) -> None:
    """Something Hub itself knows of a call, kept in the inbox like everything else it is told."""
    delivery = Delivery(
        connection_id=connection_id,
        body=json.dumps(calls.to_json(event)).encode(),
        headers={pipeline.OWN_WORDS: "1"},
        received_at=event.at,
    )
    said = hashlib.sha256(delivery.body).hexdigest()
    pipeline.accept(hub, delivery, key=f"hub:{said}")


def sweep(hub: Hub) -> list[int]:
    """Connections with work that is not done: what a lost broker forgot, and what its worker died over."""
    with hub.reading() as session:
        return inbox.due_connections(session, clock.now())


def _steps(values: Sequence[T], still_ours: StillOurs) -> Iterator[Sequence[T]]:
    """`values` in steps of one transaction each; Transient when the connection is no longer ours alone."""
    for start in range(0, len(values), STEP):
        if not still_ours():
            raise Transient("somebody else works on this connection now; try again")
        yield values[start : start + STEP]
