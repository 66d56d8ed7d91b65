"""What a phone system says it did, held against what is here: whatever never arrived is fetched.

Deliveries get lost on the way: a wrong address for an afternoon, a listener without its network. Most systems keep a
list of their calls. What that list names and nobody told us of is put into the inbox under a key of its own and walks
the pipeline as if it had been delivered; the ids it shares with what is here make sure that no call comes twice.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

import structlog
from sqlalchemy import select

from hub import pipeline
from hub.connectors import Listed
from hub.domain import clock
from hub.domain.delivery import Delivery
from hub.domain.errors import HubError
from hub.domain.identity import clean
from hub.inbox import store as inbox
from hub.inbox.connections import Connection
from hub.inbox.models import ConnectionRow
from hub.storage.exclusive import exclusive
from hub.telephony import comparisons, conversations
from hub.telephony.conversations import MAX_NODE, Said
from hub.telephony.models import ComparisonRow
from hub.unit_of_work import Hub

log = structlog.get_logger()

EVERY = timedelta(hours=1)
BACK = timedelta(hours=26)
"""A day, and what its ends may hide: clocks that differ, lists that are written late."""
FARTHEST = timedelta(days=14)
"""How far a comparison reaches back to where the list could last be read."""
NEWEST = timedelta(minutes=5)
"""Calls this young may still be told of in the ordinary way."""
MOMENT = timedelta(minutes=1)
"""A delivery older than this should have been worked off."""
STEP = 100
"""Calls looked up at once."""
RECEIVED, WAITING, MISSING = "received", "waiting", "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Calls that began from `since` until just before `until`; `history`: what is fetched opens no lead, no task."""

    since: datetime
    until: datetime
    history: bool = False


def due(hub: Hub, now: datetime) -> list[int]:
    """Connections in use whose latest comparison is an hour old, or that never had one."""
    with hub.reading() as session:
        ids = [one.id for one in hub.connections.all(session) if one.enabled]
        latest = comparisons.of_each(session, ids)
    return [one for one in ids if one not in latest or latest[one].compared_at <= now - EVERY]


def compare(hub: Hub, connection_id: int, stretch: Stretch | None = None) -> ComparisonRow | None:
    """Compare one connection and fetch what is missing; None when its system has no list, or somebody is at it."""
    pipeline.drain(hub, connection_id)
    stretch = stretch or _usual(hub, connection_id)
    with exclusive(hub.engine, f"comparing:{connection_id}") as still_ours:
        row = _compared(hub, connection_id, stretch) if still_ours() else None
    if row is not None:
        pipeline.drain(hub, connection_id)
    return row


def _usual(hub: Hub, connection_id: int) -> Stretch:
    """The last day, or since the list could last be read; never what was before the connection."""
    now = clock.now()
    with hub.reading() as session:
        made = session.scalars(select(ConnectionRow.created_at).where(ConnectionRow.id == connection_id)).one()
        complete = comparisons.complete_until(session, connection_id)
    since = max(now - FARTHEST, min(now - BACK, complete or now))
    return Stretch(since=max(since, made), until=max(now - NEWEST, made))


def _compared(hub: Hub, connection_id: int, stretch: Stretch) -> ComparisonRow | None:
    with hub.reading() as session:
        connection = hub.connections.get(session, connection_id)
    counts, problem = Counter[str](), None
    try:
        listed = connection.connector.listed(connection.settings, stretch.since, stretch.until)
        if listed is None:
            return None
        comparison = _Comparison(hub, connection, stretch, behind=_is_behind(hub, connection_id))
        for some in _steps(listed):
            counts.update(comparison.of(some))
    except HubError as error:
        problem = clean(str(error), 300)
    except Exception as error:
        log.exception("a list of calls could not be read", connection=connection.name)
        problem = clean(inbox.reason(error), 300)
    return _kept(hub, connection_id, stretch, counts, problem)


def _is_behind(hub: Hub, connection_id: int) -> bool:
    """Whether what the list names may still stand in the inbox; what came just now is about younger calls."""
    now = clock.now()
    with hub.reading() as session:
        return inbox.is_behind(session, connection_id, now, now - MOMENT)


def _kept(hub: Hub, connection_id: int, stretch: Stretch, counts: Counter[str], problem: str | None) -> ComparisonRow:
    row = ComparisonRow(
        connection_id=connection_id,
        since=stretch.since,
        until=stretch.until,
        compared_at=clock.now(),
        listed=counts.total(),
        received=counts[RECEIVED],
        waiting=counts[WAITING],
        missing=counts[MISSING],
        problem=problem,
    )
    with hub.unit_of_work() as session:
        session.expire_on_commit = False
        comparisons.keep(session, row)
    return row


def _steps(listed: Iterable[Listed]) -> Iterator[Sequence[Listed]]:
    rest = iter(listed)
    while some := list(islice(rest, STEP)):
        yield some


@dataclass(frozen=True, slots=True)
class _Meaning:
    """A listed call as its connector reads it: every id it has, and whether it was over before the stretch was."""

    nodes: frozenset[str]
    over: bool


@dataclass(frozen=True, slots=True)
class _Comparison:
    hub: Hub
    connection: Connection
    stretch: Stretch
    behind: bool

    def of(self, some: Sequence[Listed]) -> list[str]:
        """What became of each: received, waiting or missing; what is missing is in the inbox now."""
        meanings = [self._meaning(one) for one in some]
        with self.hub.reading() as session:
            nodes = {node for meaning in meanings for node in meaning.nodes}
            here = conversations.here(session, self.connection.id, nodes)
            states = inbox.states(session, self.connection.id, [_key(one) for one in some])
        return [
            self._became(one, meaning, here, states.get(_key(one))) for one, meaning in zip(some, meanings, strict=True)
        ]

    def _became(self, one: Listed, meaning: _Meaning, here: Mapping[str, bool], fetched: str | None) -> str:
        """`fetched`: the state of its delivery where an earlier comparison found it missing."""
        if fetched == "done" or _is_here(meaning, here):
            return RECEIVED
        if fetched is not None or self.behind or not meaning.over:
            return WAITING
        pipeline.accept(self.hub, self._delivery(one), _key(one))
        return MISSING

    def _meaning(self, one: Listed) -> _Meaning:
        """What cannot be read is fetched all the same: then it stands in the inbox with the reason."""
        call = clean(one.call, MAX_NODE)
        try:
            told = self.connection.connector.translate(self._delivery(one).with_settings(self.connection.settings))
            said = [Said.of(0, thing) for thing in told]
            calls = pipeline.calls_of(self.connection, conversations.conversation(0, [thing.body for thing in said]))
        except Exception as error:  # noqa: BLE001 - another system's words may break any reader
            log.warning("a listed call could not be read", call=call, reason=inbox.reason(error))
            return _Meaning(frozenset({call}), over=True)
        over = all(found.ended_at is not None and found.ended_at <= self.stretch.until for found in calls)
        return _Meaning(frozenset({call}).union(*(thing.nodes for thing in said)), over)

    def _delivery(self, one: Listed) -> Delivery:
        return Delivery(
            connection_id=self.connection.id,
            body=one.body,
            content_type=one.content_type,
            path=one.path,
            headers={pipeline.HISTORY: "1"} if self.stretch.history else {},
            received_at=clock.now(),
        )


def _is_here(meaning: _Meaning, here: Mapping[str, bool]) -> bool:
    """Whether something was heard of it and, once it is over, of its end."""
    heard = meaning.nodes & here.keys()
    return bool(heard) and (not meaning.over or all(here[node] for node in heard))


def _key(one: Listed) -> str:
    return clean(f"listed:{one.call}", MAX_NODE)
