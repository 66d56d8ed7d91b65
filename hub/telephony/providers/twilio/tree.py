"""Who is who among the legs of a conversation: the client, our phones, and who came by being put through."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from hub.domain.calls import Direction, Via
from hub.domain.delivery import Fact
from hub.telephony.providers.twilio import phones
from hub.telephony.providers.twilio.facts import DIALLED
from hub.telephony.providers.twilio.legs import Leg, legs
from hub.telephony.providers.twilio.states import ANSWERED

NEVER = datetime.max.replace(tzinfo=UTC)
DOORS = {"voice": Direction.INBOUND, "outgoing": Direction.OUTBOUND}
"""Where a conversation begins that comes to us."""
WAYS = {"in": Direction.INBOUND, "out": Direction.OUTBOUND}


@dataclass(frozen=True)
class Tree:
    """All facts of one conversation, as a tree of legs."""

    facts: Sequence[Fact]

    @cached_property
    def legs(self) -> dict[str, Leg]:
        return legs(self.facts)

    @cached_property
    def root(self) -> Leg:
        """The leg everything came of; the conversation is named after it."""
        roots = [leg for leg in self.legs.values() if leg.parent is None] or list(self.legs.values())
        return min(roots, key=_since)

    @cached_property
    def direction(self) -> Direction | None:
        """None while only legs that were dialled are known, and nobody said what for."""
        if (way := WAYS.get(self.context("of") or "")) is not None:
            return way
        if found := [DOORS[door] for fact in self.facts if (door := fact.data.get("door")) in DOORS]:
            return found[0]
        match self.root.text("direction"):
            case "inbound":
                return Direction.OUTBOUND if phones.is_ours(self.root.text("from") or "") else Direction.INBOUND
            case "outbound-api":
                return Direction.OUTBOUND
        return None

    @property
    def is_placed(self) -> bool:
        """Whether our own phone was rung first: click-to-call."""
        return self.root.text("direction") == "outbound-api" or self.context("request") is not None

    @cached_property
    def client(self) -> Leg | None:
        """The client's leg: the one that called us, or the first that ours dialled."""
        if self.direction is not Direction.OUTBOUND:
            return self.root
        return min((leg for leg in self.legs.values() if leg.parent == self.root.id), key=_since, default=None)

    @cached_property
    def phones(self) -> list[Leg]:
        """Our phones that were rung, in order; never the one that placed the call."""
        others = (leg for leg in self.legs.values() if leg not in (self.root, self.client) and leg.facts)
        return sorted(others, key=_since)

    def via(self, phone: Leg) -> Via:
        """Put through, when an earlier phone had the client already."""
        talked_before = self.direction is Direction.OUTBOUND or any(
            other.picked_up_at and other.picked_up_at < _since(phone)[0] for other in self.phones if other is not phone
        )
        return Via.TRANSFER_BLIND if talked_before or phone.text("role") == "transfer" else Via.DIRECT

    def has_children(self, leg: Leg) -> bool:
        return any(other.parent == leg.id for other in self.legs.values())

    @cached_property
    def dials(self) -> list[Fact]:
        """Every time a dial was over, in order."""
        return sorted((fact for fact in self.facts if fact.data["kind"] == DIALLED), key=lambda fact: fact.at)

    @cached_property
    def last_answered_dial(self) -> Fact | None:
        return next((fact for fact in reversed(self.dials) if fact.data["status"] in ANSWERED), None)

    def context(self, name: str) -> str | None:
        """What our own addresses said of the whole conversation."""
        said = sorted({str(fact.data[name]) for fact in self.facts if name in fact.data})
        return said[0] if said else None


def _since(leg: Leg) -> tuple[datetime, str]:
    return leg.tried_at or NEVER, leg.id
