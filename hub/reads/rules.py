"""The rule table as administrators see it, and what it would make of a call that is only thought of."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from hub.domain.activity import CallKind, Channel, Contacted
from hub.inbox.connections import Connection
from hub.leads import rules
from hub.leads.foresight import Foreseen, foresee
from hub.leads.rules import ANY_LINE, DEFAULTS, NOTHING, Place, Rule
from hub.reads.ours import ours
from hub.unit_of_work import Rules

KINDS = tuple(str(kind) for kind in (*CallKind, Channel.FORM, Channel.MAIL))
ANSWERED = frozenset({CallKind.INBOUND_ANSWERED, CallKind.OUTBOUND_ANSWERED})
CALLS = frozenset(CallKind)
ANYBODY = 0
"""Whoever would answer: no user has this id."""


USUAL: Mapping[Place, Rule] = {Place(str(kind), known): rule for (kind, known), rule in DEFAULTS.items()}
"""The rules a company begins with."""


@dataclass(frozen=True, slots=True)
class Table:
    """`written`: the rules that stand in the table."""

    written: Mapping[Place, Rule]

    def own(self, place: Place) -> Rule | None:
        """The rule written for exactly this place."""
        return self.written.get(place)

    def of(self, place: Place) -> Rule:
        """The rule that holds there, as the pipeline finds it."""
        general = Place(place.kind, place.known, ANY_LINE)
        return self.own(place) or self.own(general) or USUAL.get(general, NOTHING)

    def is_usual(self) -> bool:
        """Whether nobody has changed anything."""
        return all(USUAL.get(place) == rule for place, rule in self.written.items())


def is_usual(place: Place, rule: Rule) -> bool:
    return USUAL.get(place) == rule


def table(session: Session) -> Table:
    return Table(rules.table(session))


@dataclass(frozen=True, slots=True)
class Thought:
    """A call one thinks of: `caller` to our `line` at `now`."""

    caller: str
    line: str
    now: datetime


def foreseen(session: Session, connection: Connection, thought: Thought, company: Rules) -> Mapping[CallKind, Foreseen]:
    """What would come of the call when somebody answers it, and when nobody does."""
    here = ours(session, connection, company.region, company.timezone)
    number, line = here.outside(thought.caller), here.line(thought.line)
    missed = Contacted(
        channel=Channel.CALL,
        subject="thought of",
        at=thought.now,
        number=number,
        line=line,
        kind=CallKind.INBOUND_MISSED,
    )
    answered = replace(missed, kind=CallKind.INBOUND_ANSWERED, answered_by=ANYBODY, talked_until=thought.now)
    return {
        contacted.kind: foresee(session, contacted, company.lead_window_days)
        for contacted in (answered, missed)
        if contacted.kind
    }
