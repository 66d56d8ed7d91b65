"""The story of Hub, on one page.

accept     a delivery is stored once, byte for byte, and only then acknowledged;
drain      one worker at a time takes a connection's waiting deliveries;
translate  the connector says what each delivery means, in facts and call events;
refold     every conversation touched is read again whole, and its calls are folded anew;
settle     each call that changed is matched to a client card; leads, tasks and the timeline follow (settling.py);
enqueue    the call's snapshot goes into the outbox: live desks and CRMs read from there.

Everything after `accept` may run twice, in any order, and ends the same. Mail and forms walk the same path.
"""

import time
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from structlog.contextvars import bound_contextvars

from hub.domain import calls, clock
from hub.domain.activity import Contacted
from hub.domain.calls import Direction
from hub.domain.delivery import Delivery
from hub.domain.errors import Unrecognised
from hub.domain.identity import PhoneNumber
from hub.inbox import store as inbox
from hub.inbox.connections import Connection
from hub.reads.ours import ours
from hub.recordings import store as recordings
from hub.settling import Scene, contacted, settle, tell, withdraw
from hub.storage.exclusive import exclusive, until_commit
from hub.telephony import belonging, conversations, dials, store
from hub.telephony.calls import Call, fold
from hub.telephony.conversations import Conversation, Said
from hub.telephony.models import CallRow
from hub.unit_of_work import Hub

log = structlog.get_logger()

HISTORY = "hub-history"
"""A header of deliveries that tell the past: they open no lead and no task."""
OWN_WORDS = "hub-own-words"
"""A header of deliveries in which Hub itself says something of a call; no sender can set either."""
STRETCH_SECONDS = 60.0
"""How long one job works at a stretch: well below the time limit of jobs."""


def accept(hub: Hub, delivery: Delivery, key: str) -> bool:
    """Store a delivery once. True when it is new; after this returns, nothing can lose it."""
    with hub.engine.begin() as connection:  # not a whole unit of work: whoever delivers waits for this
        stored = inbox.accept(connection, delivery, key)
    if stored is not None:
        hub.doorbell.ring(delivery.connection_id)
    return stored is not None


def drain(hub: Hub, connection_id: int) -> int:
    """Work off what waits in a connection's inbox, alone and not for ever; how many deliveries that were."""
    until = time.monotonic() + STRETCH_SECONDS
    worked = 0
    with exclusive(hub.engine, lock_of(connection_id)) as still_ours:
        held = still_ours()
        if not held:
            return 0  # whoever is at it looks once more after letting go, as we do
        while held and time.monotonic() < until and (entries := _claim(hub, connection_id)):
            _work_off(hub, connection_id, entries)
            worked += len(entries)
            held = still_ours()
    if waiting(hub, connection_id):
        hub.doorbell.ring(connection_id)
    return worked


def catch_up(hub: Hub, connection_id: int) -> None:
    """Return when nothing waits any more, whoever worked it off."""
    while drain(hub, connection_id) or waiting(hub, connection_id):
        time.sleep(0.05)


def lock_of(connection_id: int) -> str:
    """The name under which one worker at a time works on a connection."""
    return f"connection:{connection_id}"


def _claim(hub: Hub, connection_id: int) -> list[inbox.Claimed]:
    with hub.unit_of_work() as session:
        return inbox.claim(session, connection_id, clock.now())


def waiting(hub: Hub, connection_id: int) -> bool:
    """Whether a connection's inbox holds work that is not done."""
    with hub.reading() as session:
        return inbox.is_due(session, connection_id, clock.now())


def _work_off(hub: Hub, connection_id: int, entries: Sequence[inbox.Claimed]) -> None:
    """All at once; when that fails each alone, so that one bad delivery never stops its neighbours."""
    try:
        process(hub, connection_id, entries)
    except inbox.LeaseLost as error:
        log.warning("somebody else has these deliveries now", reason=str(error))
    except Exception as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise  # the database went away: no delivery's fault, and nothing can be written down now
        log.exception("deliveries failed", connection=connection_id, deliveries=[entry.id for entry in entries])
        if len(entries) == 1:
            _failed(hub, entries[0], error)
        else:
            _one_by_one(hub, connection_id, entries)


def _one_by_one(hub: Hub, connection_id: int, entries: Sequence[inbox.Claimed]) -> None:
    for entry in entries:
        _work_off(hub, connection_id, [entry])


def _failed(hub: Hub, entry: inbox.Claimed, error: Exception) -> None:
    with hub.unit_of_work() as session:
        inbox.fail(session, entry, inbox.reason(error), clock.now())


def process(hub: Hub, connection_id: int, entries: Sequence[inbox.Claimed]) -> None:
    """One transaction: what these deliveries say, what follows from it, and that they are done."""
    ids = [entry.id for entry in entries]
    with bound_contextvars(connection=connection_id, deliveries=ids), hub.unit_of_work() as session:
        scene = open_scene(hub, session, connection_id)
        read = [(entry, said) for entry in entries if (said := _read(scene, entry)) is not None]
        inbox.finish(session, [entry for entry, _ in read], scene.now)
        told = [thing for _, said in read for thing in said]
        refold(scene, conversations.remember(session, connection_id, ids, told))


def open_scene(hub: Hub, session: Session, connection_id: int) -> Scene:
    """Begin to work on a connection's conversations; others wait until this transaction is over."""
    connection = hub.connections.get(session, connection_id)
    until_commit(session, lock_of(connection_id))
    known = ours(session, connection, hub.rules.region, hub.rules.timezone)
    return Scene(hub=hub, session=session, connection=connection, ours=known, now=clock.now())


def _read(scene: Scene, entry: inbox.Claimed) -> list[Said] | None:
    """What a delivery says; None when nobody knows its shape: it is parked with the reason."""
    try:
        return translate(scene, entry)
    except Unrecognised as error:
        inbox.park(scene.session, entry, str(error), scene.now)
        return None


def translate(scene: Scene, entry: inbox.Claimed) -> list[Said]:
    """A delivery in facts and call events, by its connector; Unrecognised when its shape is unknown."""
    delivery, history = entry.delivery, HISTORY in entry.delivery.headers
    if OWN_WORDS in delivery.headers:
        return [Said.of(entry.id, calls.from_json(delivery.json()), history=history)]
    told = scene.connection.connector.translate(delivery.with_settings(scene.connection.settings))
    return [Said.of(entry.id, thing, history=history) for thing in told]


def refold(scene: Scene, groups: Iterable[int]) -> None:
    """Read these conversations again whole and bring their calls, and all that follows, in line."""
    talks = list(conversations.recall(scene.session, groups))
    folded = [(talk, call) for talk in talks for call in calls_of(scene.connection, talk)]
    groups, ids = [talk.group_id for talk in talks], [call.id for _, call in folded]
    rows = store.known(scene.session, scene.connection.id, groups, ids)
    recorded = _newly_recorded(scene, [call for _, call in folded], rows)
    kept = [_keep(scene, talk, call, rows.pop(call.id, None), recorded) for talk, call in folded]
    changed = sorted((one for one in kept if one), key=_age)  # whom an earlier call made known, a later finds
    scene.session.flush()  # all rows at once; what follows refers to them
    released = recordings.released(scene.session, [row.id for row in rows.values()])
    _follow(scene, changed, recorded)
    tell(scene, [one.row for one in changed])
    if changed:
        log.info("calls told", calls=[str(one.row.id) for one in changed])
    for row in rows.values():
        withdraw(scene, row)
    recordings.forgotten(scene.session, released)


def calls_of(connection: Connection, talk: Conversation) -> list[Call]:
    """The calls of a conversation; where channels speak, they decide which calls there are."""
    interpreted = connection.connector.interpret(talk.facts, connection.settings)
    real = {event.call for event in interpreted} if talk.facts else {event.call for event in talk.events}
    events = [event for event in (*interpreted, *talk.events) if event.call in real]
    return [fold(event for event in events if event.call == call) for call in sorted(real)]


@dataclass(frozen=True, slots=True)
class Kept:
    """A call whose row changed; `before` is what its lead knew of it, None for a new call."""

    row: CallRow
    call: Call
    before: Contacted | None


def _age(kept: Kept) -> tuple[datetime, str]:
    return kept.row.started_at, kept.call.id


def _newly_recorded(scene: Scene, found: Iterable[Call], rows: Mapping[str, CallRow]) -> set[str]:
    """Calls we know whose recordings were announced since, often the last that is said of them; no row shows it."""
    known = {rows[call.id].id: call for call in found if call.id in rows}
    owners = {recordings.Owner(row_id, scene.connection.id, call.id): call for row_id, call in known.items()}
    said = {owner: _recorded(scene, call) for owner, call in owners.items()}
    return {owner.key for owner in recordings.news(scene.session, scene.connection.id, said)}


def _recorded(scene: Scene, call: Call) -> list[str]:
    """The call's recordings, each under the one name its connection knows it by."""
    connection = scene.connection
    return [connection.connector.reference(connection.settings, said) for said in call.kept_recordings]


def _keep(scene: Scene, talk: Conversation, call: Call, row: CallRow | None, recorded: Container[str]) -> Kept | None:
    """The call's row, brought in line with what was said of it; None when nothing changed."""
    number = scene.ours.outside(call.number) if call.direction != Direction.INTERNAL else PhoneNumber(typed="")
    place = store.Place(
        connection_id=scene.connection.id,
        group_id=talk.group_id,
        number=number,
        line=scene.ours.line(call.line).number,
        users=scene.ours.users,
        history=talk.history,
        request=call.request or _click(scene, call, number, row),
    )
    before = contacted(scene, row) if row else None
    row, changed = store.save(scene.session, row, call, place, anew=call.id in recorded)
    return Kept(row, call, before) if changed else None


def _click(scene: Scene, call: Call, number: PhoneNumber, row: CallRow | None) -> str | None:
    """The click a call came of whose system never says so."""
    if scene.connection.connector.names_clicks:
        return None
    known = row.request_id if row else None
    return known or dials.begun(scene.session, scene.connection.id, call, number.e164)


def _follow(scene: Scene, changed: Sequence[Kept], recorded: Container[str]) -> None:
    """Whose the calls are, their recordings and, where what a lead knows of one changed, all that follows from that."""
    new = {one.row.id for one in changed if one.before is None}
    belonging.look_up(scene.session, [one.row.id for one in changed if one.row.id not in new])
    for one in changed:
        store.belongs(scene.session, one.row)
        if one.row.id in new or one.call.id in recorded:
            owner = recordings.Owner(one.row.id, one.row.connection_id, one.call.id)
            said = _recorded(scene, one.call)
            recordings.announced(scene.session, owner, said, scene.now, new=one.row.id in new)
    # Most of what is said of a call (a second phone rings) changes no lead.
    settle(scene, [one.row for one in changed if contacted(scene, one.row) != one.before], new=new)
