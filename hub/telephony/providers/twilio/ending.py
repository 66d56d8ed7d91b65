"""When and how a conversation ended, in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hub.domain.calls import Direction, Outcome, Party
from hub.telephony.providers.twilio.states import ANSWERED
from hub.telephony.providers.twilio.tree import Tree

CALLER_GAVE_UP = "caller gave up"
Verdict = tuple[Party | None, Outcome | None, str | None]
"""Who ended it, with what outcome (None: as the events before tell), and why."""

UNREACHED: Mapping[str | None, Verdict] = {
    "busy": (Party.SYSTEM, Outcome.BUSY, "busy"),
    "no-answer": (Party.SYSTEM, Outcome.NO_ANSWER, "no answer"),
    "failed": (Party.SYSTEM, Outcome.FAILED, "the number could not be reached"),
}
"""How a client's leg ended that was not picked up → what that means; everything else: ours hung up first."""
SILENT = ((None, "ring timeout"), ("no-answer", "ring timeout"), ("busy", "phone busy"), ("failed", "phone offline"))
"""How our phones' legs ended → why nobody answered; the first that fits."""


@dataclass(frozen=True, slots=True)
class Ending:
    tree: Tree

    def at(self) -> datetime | None:
        """None while somebody may still be talking."""
        root, client = self._root_ended(), self.tree.client
        if root is None or client is None or client is self.tree.root:
            return root
        if self.tree.has_children(client):  # put through: it lives on without the leg that dialled it
            return max(root, client.ended_at) if client.ended_at else None
        return max(root, client.ended_at or root)

    def verdict(self, *, talked: bool, message: bool) -> Verdict:
        if talked:
            return self._hung_up(), None, None
        if self.tree.direction is Direction.OUTBOUND:
            return self._unreached()
        return (None, None, None) if message else self._missed()

    def _root_ended(self) -> datetime | None:
        """As told; else when a talk was over and Hub told Twilio to hang up, unless somebody was rung after that."""
        if self.tree.root.ended_at is not None:
            return self.tree.root.ended_at
        over = min((fact.at for fact in self.tree.dials if fact.data["status"] in ANSWERED), default=None)
        later = over and any(phone.tried_at and phone.tried_at > over for phone in self.tree.phones)
        return None if later else over

    def _hung_up(self) -> Party | None:
        """When a dial is over and the one that dialled is still there, it was the other who hung up."""
        dial = self.tree.last_answered_dial
        if dial is None:
            return None
        outbound = self.tree.direction is Direction.OUTBOUND
        return Party.US if ("left" in dial.data) is outbound else Party.CLIENT

    def _missed(self) -> Verdict:
        tried = {phone.status for phone in self.tree.phones}
        if any("left" in dial.data for dial in self.tree.dials) or "canceled" in tried:
            return Party.CLIENT, None, CALLER_GAVE_UP
        reason = next((reason for status, reason in SILENT if status in tried), "no phone was called")
        return Party.SYSTEM, None, reason

    def _unreached(self) -> Verdict:
        client = self.tree.client
        if client is not None:
            return UNREACHED.get(client.status, (Party.US, Outcome.CANCELLED, "we gave up"))
        if not self.tree.is_placed:
            return Party.SYSTEM, Outcome.FAILED, "nobody was dialled"
        if self.tree.root.picked_up_at:
            return Party.US, Outcome.CANCELLED, "our phone did not confirm the call"
        by = Party.US if self.tree.root.status == "canceled" else Party.SYSTEM
        return by, Outcome.CANCELLED, "our phone was not picked up"
