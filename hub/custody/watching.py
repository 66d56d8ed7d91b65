"""Recordings nobody told of: files in a watched folder, names in a phone system's own list, rows of an older Hub."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.custody import erasing, placing
from hub.domain import clock
from hub.domain.errors import HubError
from hub.domain.recordings import shown
from hub.inbox.connections import Connection
from hub.inbox.models import ConnectionRow
from hub.recordings import folders, store
from hub.recordings.models import RecordingRow
from hub.recordings.obtaining import ABSENT, FOLDER
from hub.recordings.store import ANNOUNCED, Arrival
from hub.telephony.models import CallRow
from hub.unit_of_work import Hub

BACK = timedelta(days=3)
"""How old a file may be that is found: what is older was there before, and comes with its call or not at all."""
BEFORE = timedelta(hours=1)
UNFINISHED = timedelta(hours=1)
"""Longer than anybody works on one file."""
STEP = 500

log = structlog.get_logger()


def watch(hub: Hub) -> int:
    """Look into every connection's folder and list; how many recordings were found that nobody had told of."""
    with hub.reading() as session:
        connections = [one for one in hub.connections.all(session) if one.enabled]
    found = sum(_looked(hub, one) for one in connections)
    _adopt(hub)
    placing.settle(hub)
    erasing.sweep(hub)
    _tidy(hub)
    return found


def _tidy(hub: Hub) -> None:
    """What a process left that died over a file."""
    dead = (clock.now() - UNFINISHED).timestamp()
    for path in hub.blobs.scratch.iterdir():
        with suppress(OSError):
            if path.stat().st_mtime < dead:
                path.unlink()


def _looked(hub: Hub, connection: Connection) -> int:
    try:
        return sum(_met(hub, connection, some, FOLDER) for some in _steps(_files(hub, connection))) + sum(
            _met(hub, connection, some, ANNOUNCED) for some in _steps(_listed(connection))
        )
    except HubError as error:  # the doctor says it to people; here it must not stop the others
        log.warning("recordings could not be looked for", connection=connection.name, reason=str(error))
        return 0


def _files(hub: Hub, connection: Connection) -> Iterator[str]:
    folder = connection.connector.folder(connection.settings)
    if folder is not None:
        yield from folders.names(folder, _since(hub, connection))


def _since(hub: Hub, connection: Connection) -> datetime:
    with hub.reading() as session:
        made = session.scalars(select(ConnectionRow.created_at).where(ConnectionRow.id == connection.id)).one()
    return max(clock.now() - BACK, made - BEFORE)


def _listed(connection: Connection) -> Iterable[str]:
    return connection.connector.recordings(connection.settings)


def _steps(names: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(names)
    while some := list(islice(rest, STEP)):
        yield some


def _met(hub: Hub, connection: Connection, names: Sequence[str], source: str) -> int:
    """Rows for those that have none; those that were waited for are fetched now."""
    spelled = {connection.connector.reference(connection.settings, name): name for name in names}
    with hub.reading() as session:
        known = store.known(session, connection.id, spelled)
    fresh = [one for one in spelled if one not in known and store.cut(one) == one]
    with hub.unit_of_work() as session:
        store.here(session, connection.id, known, ABSENT, clock.now())
        return sum(_made(session, connection, one, source) for one in fresh)


def _made(session: Session, connection: Connection, reference: str, source: str) -> bool:
    key = connection.connector.call_of(reference)
    arrival = Arrival(
        reference=reference,
        source=source,
        connection_id=connection.id,
        call_id=placing.call_named(session, connection.id, key) if key else None,
        call_key=key,
        what="found",
        detail=f"nobody told of {shown(reference)}",
    )
    return store.arrived(session, arrival, clock.now()) is not None


def _adopt(hub: Hub) -> None:
    """Rows of an older Hub know no connection; they get it and are fetched like the others."""
    with hub.unit_of_work() as session:
        strange = RecordingRow.connection_id.is_(None) & RecordingRow.call_id.is_not(None)
        rows = select(RecordingRow, CallRow).join(CallRow, CallRow.id == RecordingRow.call_id)
        for row, call in session.execute(rows.where(strange, RecordingRow.source == ANNOUNCED).limit(STEP)).all():
            if store.known(session, call.connection_id, [row.reference]):
                session.delete(row)  # it stands once, with another call
            else:
                row.connection_id, row.call_key, row.next_at = call.connection_id, call.provider_call_id, clock.now()
                session.flush()
