"""What a contact that is only thought of would lead to, by the same rules as one that happens; nothing is written."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.domain.activity import Contacted, Match
from hub.domain.hours import BusinessHours
from hub.leads import inquiries, lookup, matching, rules
from hub.leads.missed import KIND
from hub.leads.models import ContactRow, LeadRow, TaskRow
from hub.leads.persons import Person, telephone_key
from hub.leads.rules import Owner, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """`card`: the one it would be on, None where it has none yet. `lead`: the open one it would join. `task`: the
    missed call that waits already. `due_at`: when a task of it would be due; None: there would be none."""

    match: Match
    known: bool
    rule: Rule
    card: ContactRow | None
    lead: LeadRow | None
    task: TaskRow | None
    owner: Owner
    due_at: datetime | None

    @property
    def makes_card(self) -> bool:
        return self.card is None and self.rule.create_contact

    @property
    def opens_lead(self) -> bool:
        return self.lead is None and self.rule.open_lead and (self.card is not None or self.makes_card)


def foresee(session: Session, contacted: Contacted, window_days: int) -> Foreseen:
    """For a contact with a kind, whose subject nobody has told of."""
    person = Person.of(contacted)
    found = lookup.candidates(session, person)
    match = matching.decide(person, found, choice=lookup.choice(session, person.e164))
    known = match.contact_id is not None
    rule = rules.rule_for(session, rules.kind_of(contacted) or "", known, contacted.line.number)
    nobody = person.key is None
    card = session.get(ContactRow, match.contact_id) if match.contact_id else None
    hours = BusinessHours.lenient(contacted.line.hours, contacted.line.timezone)
    return Foreseen(
        match=match,
        known=known,
        rule=Rule() if nobody else rule,
        card=card,
        lead=inquiries.covering(session, card.id, contacted.at, window_days) if card else None,
        task=_waiting(session, person),
        owner=rules.owner(rule, contacted, card.owner_id if card else None),
        due_at=hours.after(contacted.at, rule.deadline_minutes) if rule.open_task and person.e164 else None,
    )


def _waiting(session: Session, person: Person) -> TaskRow | None:
    """The missed call of this person that nobody has returned yet."""
    if person.e164 is None:
        return None
    mine = (TaskRow.kind == KIND, TaskRow.key == telephone_key(person.e164), TaskRow.state == "open")
    return session.scalars(select(TaskRow).where(*mine)).one_or_none()
