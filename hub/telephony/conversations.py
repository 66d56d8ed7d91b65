"""Which facts belong to one conversation: joined by any channel or group id they share, in any order.

The forest of a union-find lives in the database (`call_nodes`): a fact that names ids of two
conversations makes them one, as an attended transfer does. The caller holds the connection alone.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from hub.connectors import OpenCall
from hub.domain import calls, clock
from hub.domain.calls import CallEvent, CallState
from hub.domain.delivery import Fact
from hub.domain.identity import clean
from hub.telephony.calls import END_NOT_REPORTED
from hub.telephony.models import CallRow, FactRow, GroupRow, NodeRow

CHUNK = 400
"""Values in one IN list: well below the parameter limits of both databases."""
MAX_NODE = 200
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Said:
    """One thing a delivery said, as it is stored."""

    delivery_id: int
    nodes: frozenset[str]
    body: dict[str, Any]

    @classmethod
    def of(cls, delivery_id: int, thing: CallEvent | Fact, *, history: bool = False) -> "Said":
        """`history`: it tells the past."""
        mark = {"history": True} if history else {}
        if isinstance(thing, CallEvent):
            event = replace(thing, call=clean(thing.call, MAX_NODE))
            return cls(delivery_id, frozenset({event.call}), calls.to_json(event) | mark)
        nodes = frozenset(clean(node, MAX_NODE) for node in thing.nodes)
        body = {"at": thing.at.isoformat(), "nodes": sorted(nodes), "data": dict(thing.data)}
        return cls(delivery_id, nodes, body | mark)


@dataclass(frozen=True, slots=True)
class Conversation:
    """Everything known of one group: the facts for its connector, the call events said directly."""

    group_id: int
    facts: tuple[Fact, ...]
    events: tuple[CallEvent, ...]
    history: bool = False
    """Told by imported history alone."""


def remember(session: Session, connection_id: int, deliveries: Sequence[int], said: Sequence[Said]) -> set[int]:
    """Replace what `deliveries` had said by `said`; the ids of every conversation this touches."""
    touched = _forget(session, deliveries)
    home = _settle(session, connection_id, said)
    bodies: defaultdict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
    for thing in said:
        bodies[(home[min(thing.nodes)], thing.delivery_id)].append(thing.body)
    rows = [
        {"group_id": group, "delivery_id": delivery, "body": json.dumps(things)}
        for (group, delivery), things in bodies.items()
    ]
    if rows:
        session.execute(insert(FactRow), rows)
    alive = set(_pick(session, select(GroupRow.id), GroupRow.id, touched))
    return alive | {group for group, _ in bodies}


def recall(session: Session, groups: Iterable[int]) -> Iterator[Conversation]:
    """The conversations of `groups`, each with all that was ever said of it."""
    for chunk in _chunks(sorted(groups)):
        rows = session.execute(select(FactRow.group_id, FactRow.body).where(FactRow.group_id.in_(chunk)))
        things: dict[int, list[dict[str, Any]]] = {group: [] for group in chunk}
        for group, body in rows:
            things[group] += json.loads(body)
        for group, bodies in things.items():
            yield conversation(group, bodies)


def conversation(group: int, bodies: Sequence[dict[str, Any]]) -> Conversation:
    """A conversation by what was said of it, as it is stored."""
    facts = tuple(
        Fact(nodes=frozenset(body["nodes"]), at=clock.parse_iso(body["at"]), data=body["data"])
        for body in bodies
        if "data" in body
    )
    events = tuple(calls.from_json(_unmarked(body)) for body in bodies if "event" in body)
    return Conversation(group, facts, events, history=all("history" in body for body in bodies))


def _unmarked(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "history"}


def part(session: Session, connection_id: int, groups: Iterable[int]) -> set[int]:
    """Part what no fact holds together any more, after a repaired connector told it anew; every group this touches."""
    touched = set(groups)
    for group in sorted(touched):
        said = _said(session, group)
        forest = _Forest()
        forest.join_all(said)
        if len(forest.trees({node for thing in said for node in thing.nodes})) > 1:
            session.execute(delete(FactRow).where(FactRow.group_id == group))
            session.execute(delete(NodeRow).where(NodeRow.group_id == group))
            touched |= remember(session, connection_id, (), said)
    return touched


def _said(session: Session, group: int) -> list[Said]:
    rows = session.execute(select(FactRow.delivery_id, FactRow.body).where(FactRow.group_id == group))
    return [
        Said(delivery, frozenset(body.get("nodes") or (body["call"],)), body)
        for delivery, bodies in rows
        for body in json.loads(bodies)
    ]


def _forget(session: Session, deliveries: Sequence[int]) -> set[int]:
    """Drop what these deliveries said before (a replay, a second attempt); the groups it was about."""
    gone: set[int] = set()
    for chunk in _chunks(deliveries):
        statement = delete(FactRow).where(FactRow.delivery_id.in_(chunk)).returning(FactRow.group_id)
        gone.update(session.scalars(statement))
    return gone


def _settle(session: Session, connection_id: int, said: Sequence[Said]) -> dict[str, int]:
    """The group of every node, after joining what belongs together."""
    nodes = {node for thing in said for node in thing.nodes}
    known = _known(session, connection_id, nodes)
    forest = _Forest()
    for node, group in known.items():
        forest.join(node, group)
    forest.join_all(said)
    home = _groups(session, connection_id, forest.trees(nodes))
    settled = {node: home[forest.root(node)] for node in nodes}
    fresh = [
        {"connection_id": connection_id, "node": node, "group_id": group}
        for node, group in settled.items()
        if node not in known
    ]
    if fresh:
        session.execute(insert(NodeRow), fresh)
    return settled


def _groups(session: Session, connection_id: int, trees: Mapping[str | int, Sequence[str | int]]) -> dict[Any, int]:
    """The one group of each tree: the oldest it holds, or a new one."""
    home: dict[Any, int] = {}
    new: list[str | int] = []
    for root, members in trees.items():
        groups = sorted(member for member in members if isinstance(member, int))
        if groups:
            home[root], *rest = groups
            _merge(session, home[root], rest)
        else:
            new.append(root)
    rows = [GroupRow(connection_id=connection_id) for _ in new]
    session.add_all(rows)
    session.flush()
    return home | {root: row.id for root, row in zip(new, rows, strict=True)}


def _merge(session: Session, keep: int, rest: Sequence[int]) -> None:
    if not rest:
        return
    for table in (FactRow, NodeRow, CallRow):
        session.execute(update(table).where(table.group_id.in_(rest)).values(group_id=keep))
    session.execute(delete(GroupRow).where(GroupRow.id.in_(rest)))


def _known(session: Session, connection_id: int, nodes: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in _chunks(sorted(nodes)):
        here = select(NodeRow.node, NodeRow.group_id).where(
            NodeRow.connection_id == connection_id, NodeRow.node.in_(chunk)
        )
        found.update((node, group) for node, group in session.execute(here))
    return found


def _pick(session: Session, statement: Any, column: Any, values: Iterable[int]) -> Iterator[Any]:
    for chunk in _chunks(sorted(values)):
        yield from session.scalars(statement.where(column.in_(chunk)))


def _chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


class _Forest:
    """Union-find over nodes (text) and the groups already known for them (numbers)."""

    def __init__(self) -> None:
        self._parent: dict[str | int, str | int] = {}

    def root(self, member: str | int) -> str | int:
        parent = self._parent.setdefault(member, member)
        while parent != self._parent[parent]:
            parent = self._parent[parent]
        self._parent[member] = parent
        return parent

    def join(self, one: str | int, other: str | int) -> None:
        self._parent[self.root(other)] = self.root(one)

    def join_all(self, said: Iterable[Said]) -> None:
        """The nodes of one thing belong together."""
        for thing in said:
            first, *others = sorted(thing.nodes)
            for other in others:
                self.join(first, other)

    def trees(self, nodes: Iterable[str]) -> dict[str | int, list[str | int]]:
        """Every tree that holds one of `nodes`, by its root."""
        trees: dict[str | int, list[str | int]] = {self.root(node): [] for node in nodes}
        for member in list(self._parent):
            trees.setdefault(self.root(member), []).append(member)
        return trees


def here(session: Session, connection_id: int, nodes: Iterable[str]) -> dict[str, bool]:
    """Those of these channel, group and call ids that something was heard of, and whether of its end as well."""
    known = _known(session, connection_id, set(nodes))
    unended = select(CallRow.group_id).where(or_(CallRow.state != CallState.ENDED, CallRow.reason == END_NOT_REPORTED))
    going = set(_pick(session, unended, CallRow.group_id, set(known.values())))
    return {node: group not in going for node, group in known.items()}


def open_calls(session: Session, connection_id: int) -> list[OpenCall]:
    """Calls of this connection that have not ended, with every id they are known by."""
    going = select(CallRow.provider_call_id, CallRow.group_id, CallRow.started_at).where(
        CallRow.connection_id == connection_id, CallRow.state != CallState.ENDED
    )
    rows = session.execute(going).all()
    nodes: defaultdict[int, set[str]] = defaultdict(set)
    for chunk in _chunks([row.group_id for row in rows]):
        for group, node in session.execute(select(NodeRow.group_id, NodeRow.node).where(NodeRow.group_id.in_(chunk))):
            nodes[group].add(node)
    return [OpenCall(row.provider_call_id, frozenset(nodes[row.group_id]), row.started_at) for row in rows]
