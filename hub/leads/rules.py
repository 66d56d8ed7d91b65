"""What a kind of contact causes: the rule table, its defaults, and the ladder that names an owner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hub.domain.activity import CallKind, Channel, Contacted
from hub.leads.models import RuleRow
from hub.storage.database import upsert

LADDER = ("answered_by", "card_owner", "line_owner", "default")
ANY_LINE = ""
MISSED_MINUTES = 15
"""Business minutes within which a missed call is to be returned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What has to be done about a contact. `deadline_minutes` counts business time."""

    create_contact: bool = False
    open_lead: bool = False
    open_task: bool = False
    owners: tuple[str, ...] = LADDER
    deadline_minutes: int = MISSED_MINUTES


NOTHING = Rule()
_NEW = Rule(create_contact=True, open_lead=True)
_NEW_MISSED = Rule(create_contact=True, open_lead=True, open_task=True)

DEFAULTS: Mapping[tuple[str, bool], Rule] = {
    # (kind of contact, is the person known?)
    (CallKind.INBOUND_ANSWERED, False): _NEW,
    (CallKind.INBOUND_ANSWERED, True): NOTHING,
    (CallKind.INBOUND_MISSED, False): _NEW_MISSED,
    (CallKind.INBOUND_MISSED, True): Rule(open_task=True),
    (CallKind.OUTBOUND_ANSWERED, False): _NEW,
    (CallKind.OUTBOUND_ANSWERED, True): NOTHING,
    (CallKind.OUTBOUND_UNANSWERED, False): NOTHING,
    (CallKind.OUTBOUND_UNANSWERED, True): NOTHING,
    # Whoever fills in a form asks for something, known or not; a known person's letter may just be an answer.
    (Channel.FORM, False): _NEW,
    (Channel.FORM, True): Rule(open_lead=True),
    (Channel.MAIL, False): _NEW,
    (Channel.MAIL, True): NOTHING,
}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a rule stands in the table: a kind of contact, whether the person is known, our line (empty: all)."""

    kind: str
    known: bool
    line: str = ANY_LINE

    def __str__(self) -> str:
        return f"{self.kind}:{'known' if self.known else 'new'}:{self.line}"


def table(session: Session) -> dict[Place, Rule]:
    """Every rule that is written down."""
    rows = session.scalars(select(RuleRow))
    return {Place(row.call_kind, row.known, row.line): _rule(row) for row in rows}


def keep(session: Session, place: Place, rule: Rule) -> None:
    """Write the rule of a place down, whatever stood there."""
    values = _values(rule)
    row = upsert(session, RuleRow).values(call_kind=place.kind, known=place.known, line=place.line, **values)
    session.execute(row.on_conflict_do_update(index_elements=["call_kind", "known", "line"], set_=values))


def drop(session: Session, place: Place) -> None:
    """A line's own rule goes: the one for all lines holds for it again."""
    here = (RuleRow.call_kind == place.kind, RuleRow.known == place.known, RuleRow.line == place.line)
    session.execute(delete(RuleRow).where(*here))


def _values(rule: Rule) -> dict[str, Any]:
    return {
        "create_contact": rule.create_contact,
        "open_lead": rule.open_lead,
        "open_task": rule.open_task,
        "owners": list(rule.owners),
        "deadline_minutes": rule.deadline_minutes,
    }


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose something is, and why in words. `talked`: they are the one who talked with the client."""

    user_id: int | None
    why: str
    talked: bool = False


def kind_of(contacted: Contacted) -> str | None:
    """The word the rule table knows this contact by; None while no rule may speak."""
    if contacted.history:
        return None
    if contacted.channel is Channel.CALL:
        return contacted.kind
    return contacted.channel


def rule_for(session: Session, kind: str, known: bool, line: str | None) -> Rule:
    """The line's own row, else the row for all lines, else what a sales company expects. Asked once in each session."""
    known_rules: dict[tuple[str, bool, str | None], Rule] = session.info.setdefault("rules", {})
    place = (kind, known, line)
    if place not in known_rules:
        known_rules[place] = _rule_for(session, kind, known, line)
    return known_rules[place]


def _rule_for(session: Session, kind: str, known: bool, line: str | None) -> Rule:
    rows = session.scalars(
        select(RuleRow)
        .where(RuleRow.call_kind == kind, RuleRow.known == known, RuleRow.line.in_({ANY_LINE, line or ANY_LINE}))
        .order_by(RuleRow.line.desc())
    )
    row = rows.first()
    return _rule(row) if row else DEFAULTS.get((kind, known), NOTHING)


def seed_rules(session: Session) -> None:
    """Write the defaults where no row is yet; a company's own changes stay."""
    for (kind, known), rule in DEFAULTS.items():
        row = upsert(session, RuleRow).values(call_kind=str(kind), known=known, line=ANY_LINE, **_values(rule))
        session.execute(row.on_conflict_do_nothing(index_elements=["call_kind", "known", "line"]))


def owner(rule: Rule, contacted: Contacted, card_owner: int | None) -> Owner:
    """The first rung of the rule's ladder that names somebody."""
    rungs = {
        "answered_by": (contacted.answered_by if contacted.talked_until else None, "talked with the client"),
        "card_owner": (card_owner, "owns the client's card"),
        "line_owner": (contacted.line.owner_id, f"owns the line {contacted.line.number}"),
    }
    for rung in rule.owners:
        user_id, why = rungs.get(rung, (None, ""))
        if user_id is not None:
            return Owner(user_id, why, talked=rung == "answered_by")
    return Owner(None, _nobody(rule.owners, answered=contacted.talked_until is not None))


def _nobody(ladder: Sequence[str], *, answered: bool) -> str:
    who = "whoever talked is no user of Hub" if answered else "nobody answered"
    words = {"answered_by": who, "card_owner": "the card has no owner", "line_owner": "nor has the line"}
    return ", ".join(words[rung] for rung in ladder if rung in words) or "the rule names nobody"


def _rule(row: RuleRow) -> Rule:
    return Rule(
        create_contact=row.create_contact,
        open_lead=row.open_lead,
        open_task=row.open_task,
        owners=tuple(row.owners),
        deadline_minutes=row.deadline_minutes,
    )
