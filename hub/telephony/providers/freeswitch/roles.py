"""Who is who in one conversation: the leg it began with, the client's legs, our phones."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from hub.domain.calls import Direction
from hub.telephony.providers.freeswitch.legs import Leg

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Roles:
    """`root` is the leg the call is known by; `clients` are the outside party's, the oldest first."""

    direction: Direction
    root: Leg
    clients: tuple[Leg, ...]
    phones: tuple[Leg, ...]
    consulting: Mapping[str, str]
    """For a phone reached by a colleague's own second call: the id of that call's leg."""


def cast(legs: Mapping[str, Leg]) -> Roles | None:
    """None when nothing but the switch talking to itself was told of."""
    people = {one: leg for one, leg in legs.items() if not leg.plumbing}
    if not people:
        return None
    tops = {one: _top(leg, legs) for one, leg in people.items()}
    first = min(people.values(), key=lambda leg: (leg.born or _NEVER, not leg.inward, leg.id))
    root = people.get(tops[first.id]) or _supposed(tops[first.id], first)
    others = sorted((leg for leg in people.values() if leg.id != root.id), key=lambda leg: (leg.born or _NEVER, leg.id))
    called = [leg for leg in others if not leg.inward]
    direction = _direction(root, called)
    clients = [root] if direction is Direction.INBOUND else [leg for leg in called if not leg.ours]
    phones = [leg for leg in called if leg.ours] if direction is Direction.OUTBOUND else called
    consulting = {leg.id: tops[leg.id] for leg in phones if tops[leg.id] not in {root.id, *(one.id for one in clients)}}
    return Roles(direction, root, tuple(clients), tuple(phones), consulting)


def _top(leg: Leg, legs: Mapping[str, Leg]) -> str:
    """The leg at the beginning of who called whom; never in a circle."""
    seen = {leg.id}
    while leg.by and leg.by not in seen:
        seen.add(leg.by)
        if leg.by not in legs:
            return leg.by
        leg = legs[leg.by]
    return leg.id


def _supposed(one: str, child: Leg) -> Leg:
    """A leg nothing was told of yet, as far as the leg it called shows it."""
    shown = {name: value for name in ("caller", "name") if (value := child.text(name))}
    outside = not child.ours and not child.inward
    guessed = {"direction": "inbound", **({"outward": "yes"} if outside else {})}
    times = {"born": child.born} if child.born else {}
    return Leg(one, child.settings, {**shown, **guessed}, times)


def _direction(root: Leg, called: list[Leg]) -> Direction:
    if root.text("request") or root.text("outward") or not root.inward:
        return Direction.OUTBOUND
    if not root.ours:
        return Direction.INBOUND
    outside = any(not leg.ours and leg.dialled_number for leg in called)
    inside = root.settings.is_extension(root.text("dialled")) or any(leg.ours for leg in called)
    return Direction.OUTBOUND if outside or not inside else Direction.INTERNAL
