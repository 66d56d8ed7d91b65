"""The story of Hub, on one page.

accept     a delivery is stored once, byte for byte, and only then acknowledged;
drain      one worker at a time takes a connection's waiting deliveries;
translate  the connector says what each delivery means, in facts and call events;
refold     every conversation touched is read again whole, and its calls are folded anew;
settle     each call that changed is matched to a client card; leads, tasks and the timeline follow;
enqueue    the call's snapshot goes into the outbox: live desks and CRMs read from there.

Everything after `accept` may run twice, in any order, and ends the same. Mail and forms walk the same path.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import structlog
from sqlalchemy.orm import Session

from hub.crm import outbox
from hub.domain import calls, clock
from hub.domain.activity import CallKind, Channel, Contacted
from hub.domain.calls import Direction
from hub.domain.delivery import Delivery
from hub.domain.errors import Unrecognised
from hub.domain.identity import PhoneNumber
from hub.inbox import store as inbox
from hub.inbox.connections import Connection
from hub.leads import consequences
from hub.reads.ours import Ours, ours
from hub.reads.shapes import call_snapshot
from hub.reads.snapshots import snapshot
from hub.recordings import store as recordings
from hub.storage.exclusive import exclusive
from hub.telephony import conversations, dials, store
from hub.telephony.calls import Call, fold
from hub.telephony.conversations import Conversation, Said
from hub.telephony.models import CallRow
from hub.unit_of_work import Hub

log = structlog.get_logger()

HISTORY = "hub-history"
"""A header of deliveries that tell the past: they open no lead and no task."""
OWN_WORDS = "application/vnd.hub.events+json"
"""The content type of what Hub itself says of a call."""


def accept(hub: Hub, delivery: Delivery, key: str) -> bool:
    """Store a delivery once. True when it is new; after this returns, nothing can lose it."""
    with hub.unit_of_work() as session:
        stored = inbox.accept(session, delivery, key)
    if stored is not None:
        hub.doorbell.ring(delivery.connection_id)
    return stored is not None


def drain(hub: Hub, connection_id: int) -> int:
    """Work off what waits in a connection's inbox, alone; how many deliveries that were."""
    worked = 0
    while True:
        with exclusive(hub.engine, lock_of(connection_id)) as alone:
            while alone and (entries := _claim(hub, connection_id)):
                _work_off(hub, connection_id, entries)
                worked += len(entries)
        if not alone or not _waiting(hub, connection_id):
            return worked  # whoever is at it looks once more after letting go, as we just did


def lock_of(connection_id: int) -> str:
    """The name under which one worker at a time works on a connection."""
    return f"connection:{connection_id}"


def _claim(hub: Hub, connection_id: int) -> list[inbox.Claimed]:
    with hub.unit_of_work() as session:
        return inbox.claim(session, connection_id, clock.now())


def _waiting(hub: Hub, connection_id: int) -> bool:
    with hub.reading() as session:
        return connection_id in inbox.due_connections(session, clock.now())


def _work_off(hub: Hub, connection_id: int, entries: Sequence[inbox.Claimed]) -> None:
    """All at once; when that fails each alone, so that one bad delivery never stops its neighbours."""
    for _, alike in groupby(entries, key=lambda entry: HISTORY in entry.delivery.headers):
        together = list(alike)
        try:
            process(hub, connection_id, together)
        except Exception as error:
            log.exception("deliveries failed", deliveries=[entry.id for entry in together])
            if len(together) == 1:
                _failed(hub, together[0], error)
            else:
                _one_by_one(hub, connection_id, together)


def _one_by_one(hub: Hub, connection_id: int, entries: Sequence[inbox.Claimed]) -> None:
    for entry in entries:
        _work_off(hub, connection_id, [entry])


def _failed(hub: Hub, entry: inbox.Claimed, error: Exception) -> None:
    with hub.unit_of_work() as session:
        inbox.fail(session, entry, f"{type(error).__name__}: {error}", clock.now())


def process(hub: Hub, connection_id: int, entries: Sequence[inbox.Claimed]) -> None:
    """One transaction: what these deliveries say, what follows from it, and that they are done."""
    with hub.unit_of_work() as session:
        scene = open_scene(hub, session, connection_id, history=HISTORY in entries[0].delivery.headers)
        said = [thing for entry in entries for thing in _read(scene, entry)]
        touched = conversations.remember(session, connection_id, [entry.id for entry in entries], said)
        refold(scene, touched)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The transaction we are in, and what is ours on this connection."""

    hub: Hub
    session: Session
    connection: Connection
    ours: Ours
    now: datetime
    history: bool = False


def open_scene(hub: Hub, session: Session, connection_id: int, *, history: bool = False) -> Scene:
    connection = hub.connections.get(session, connection_id)
    known = ours(session, connection, hub.rules.region, hub.rules.timezone)
    return Scene(hub=hub, session=session, connection=connection, ours=known, now=clock.now(), history=history)


def _read(scene: Scene, entry: inbox.Claimed) -> list[Said]:
    """What a delivery says; a shape nobody knows is parked with the reason and says nothing."""
    try:
        said = translate(scene, entry)
    except Unrecognised as error:
        said, held = [], inbox.park(scene.session, entry, str(error), scene.now)
    else:
        held = inbox.finish(scene.session, entry, scene.now)
    if not held:
        raise RuntimeError("the lease ran out and somebody else has this delivery")
    return said


def translate(scene: Scene, entry: inbox.Claimed) -> list[Said]:
    """A delivery in facts and call events, by its connector; Unrecognised when its shape is unknown."""
    if entry.delivery.content_type == OWN_WORDS:
        return [Said.of(entry.id, calls.from_json(entry.delivery.json()))]
    delivery = entry.delivery.with_settings(scene.connection.settings)
    return [Said.of(entry.id, thing) for thing in scene.connection.connector.translate(delivery)]


def refold(scene: Scene, groups: Iterable[int]) -> None:
    """Read these conversations again whole and bring their calls, and all that follows, in line."""
    talks = list(conversations.recall(scene.session, groups))
    folded = {talk.group_id: _calls_of(scene, talk) for talk in talks}
    ids = [call.id for found in folded.values() for call in found]
    rows = store.known(scene.session, scene.connection.id, folded, ids)
    for group, found in folded.items():
        for call in found:
            _keep(scene, group, call, rows.pop(call.id, None))
    for row in rows.values():
        _withdraw(scene, row)


def _calls_of(scene: Scene, talk: Conversation) -> list[Call]:
    """The calls of a conversation; where channels speak, they decide which calls there are."""
    interpreted = scene.connection.connector.interpret(talk.facts, scene.connection.settings)
    real = {event.call for event in interpreted} if talk.facts else {event.call for event in talk.events}
    events = [event for event in (*interpreted, *talk.events) if event.call in real]
    return [fold(event for event in events if event.call == call) for call in sorted(real)]


def _keep(scene: Scene, group: int, call: Call, row: CallRow | None) -> None:
    number = scene.ours.outside(call.number) if call.direction != Direction.INTERNAL else PhoneNumber(typed="")
    place = store.Place(
        connection_id=scene.connection.id,
        group_id=group,
        number=number,
        line=scene.ours.line(call.line).number,
        users=scene.ours.users,
        history=scene.history,
    )
    row, changed = store.save(scene.session, row, call, place)
    if changed:
        recordings.announced(scene.session, row.id, call.recordings if call.talk_seconds else (), scene.now)
        settle(scene, row)
        tell(scene, row)


def settle(scene: Scene, row: CallRow) -> None:
    """Match a call and bring card, lead, task and timeline in line with how it stands now."""
    consequence = consequences.settle(scene.session, contacted(scene, row), scene.now, scene.hub.rules.lead_window_days)
    row.contact_id = consequence.match.contact_id
    row.owner_id = consequence.owner_id
    row.certainty = consequence.match.certainty
    row.why = consequence.match.why
    row.candidates = list(consequence.match.candidates)
    row.lead_id = consequence.lead_id
    tell_changes(scene.session, consequence.changed, scene.now)


def contacted(scene: Scene, row: CallRow) -> Contacted:
    """A call, in the words of the leads stage."""
    internal = row.direction == Direction.INTERNAL
    answered_by = (row.answered_by or row.initiated_by or {}).get("user_id")
    return Contacted(
        channel=Channel.CALL,
        subject=str(row.id),
        at=row.started_at,
        number=None
        if internal
        else PhoneNumber(typed=row.typed_number or "", e164=row.external_number, reason=row.number_problem),
        name=row.external_name,
        line=scene.ours.line(row.line),
        kind=_kind(row),
        answered_by=answered_by,
        talked_until=(row.ended_at or row.answered_at) if row.answered_at else None,
        pinned=row.contact_id if row.corrected else dials.card_of(scene.session, row.request_id),
        history=row.history,
    )


def _kind(row: CallRow) -> CallKind | None:
    answered = row.answered_at is not None
    if row.direction == Direction.INTERNAL or not (answered or row.ended_at):
        return None
    if row.direction == Direction.INBOUND:
        return CallKind.INBOUND_ANSWERED if answered else CallKind.INBOUND_MISSED
    return CallKind.OUTBOUND_ANSWERED if answered else CallKind.OUTBOUND_UNANSWERED


def tell(scene: Scene, row: CallRow) -> None:
    outbox.enqueue(
        scene.session,
        type=f"call.{row.state}",
        subject=f"call:{row.id}",
        body=dict(call_snapshot(scene.session, row)),
        now=scene.now,
    )


def tell_changes(session: Session, subjects: Iterable[str], now: datetime) -> None:
    """News of cards, leads and tasks: each one's snapshot as it stands now."""
    session.flush()
    for subject in subjects:
        kind, body = snapshot(session, subject)
        outbox.enqueue(session, type=kind, subject=subject, body=body, now=now)


def _withdraw(scene: Scene, row: CallRow) -> None:
    """A call that was none: two conversations turned out to be one, or a repaired connector knows better."""
    changed = consequences.withdraw(scene.session, Channel.CALL, str(row.id), scene.now)
    tell_changes(scene.session, changed, scene.now)
    body = {"id": str(row.id), "group": row.group_id}
    outbox.enqueue(scene.session, type="call.withdrawn", subject=f"call:{row.id}", body=body, now=scene.now)
    scene.session.delete(row)
