"""What a contact leads to: match → card → lead → missed-call task → timeline, in line with its latest telling.

Nothing here is appended: each step compares what the contact should cause now with what it caused
before, so telling it again changes nothing, and telling it differently moves or takes back.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hub.domain.activity import Channel, Consequence, Contacted, Match
from hub.leads import inquiries, lookup, matching, missed, persons, rules, stand_ins, timeline
from hub.leads import telling as tellings
from hub.leads.models import ContactedRow, ContactRow, LeadRow
from hub.leads.rules import NOTHING, Rule
from hub.leads.telling import Telling
from hub.leads.timeline import Entry
from hub.storage.database import keep_loaded

WINDOW_DAYS = 30
"""How long after the last touch a person's next contact still belongs to the same inquiry."""


def settle(
    session: Session, contacted: Contacted, now: datetime, window_days: int = WINDOW_DAYS, *, new: bool = False
) -> Consequence:
    """Everything this contact causes, brought in line; to be called again whenever more is known of it.

    `new`: the caller has just made the subject, so nothing was told of it before.
    """
    (consequence,) = settle_all(session, [contacted], now, window_days, new={contacted.subject} if new else ())
    return consequence


def settle_all(
    session: Session,
    contacts: Sequence[Contacted],
    now: datetime,
    window_days: int = WINDOW_DAYS,
    *,
    new: Collection[str] = (),
) -> Iterator[Consequence]:
    """The same for several, in this order: what one of them made known, the next is matched with.

    `new`: the subjects of which nothing was told before.
    """
    told = tellings.begin(session, contacts, now, window_days, new=new)
    # All at once, in one order: two who settle the same persons never wait for each other.
    persons.lock(session, {key for telling in told if not telling.repeats for key in telling.keys})
    for telling in told:
        yield _settle(telling)


def _settle(telling: Telling) -> Consequence:
    session = telling.session
    if telling.repeats:
        match = _match(telling)
        if telling.adds_nothing(match):
            return _as_before(telling, match)
        persons.lock(session, telling.keys)
    match = _match(telling)
    kind = rules.kind_of(telling.contacted)
    known = _known(telling, match, kind)
    rule = _rule(telling, kind, known)
    match = _in_line_with(telling, match, rule, known)
    telling.moved = telling.former_card not in (None, match.contact_id)
    tellings.remember(telling, match, kind=kind, known=known)
    card = _hold_card(telling, match.contact_id)
    lead = _follow_up(telling, card, rule, kind)
    _tell_cards(telling, match)
    keep_loaded(session, card, lead, *telling.changes.rows)
    return _consequence(match, card, lead, telling.changes.subjects)


def withdraw(session: Session, channel: Channel, subject: str, now: datetime) -> tuple[str, ...]:
    """Take back everything this contact caused: it never was (two halves of one call were found to be one)."""
    taken_back = settle(session, Contacted(channel=channel, subject=subject, at=now), now)
    session.execute(delete(ContactedRow).where(ContactedRow.channel == channel, ContactedRow.subject == subject))
    return taken_back.changed


def _as_before(telling: Telling, match: Match) -> Consequence:
    """What it led to when it was told first; only whose card it is may have changed."""
    lead_id = telling.before.lead_id if telling.before else None
    card = telling.session.get(ContactRow, match.contact_id) if match.contact_id else None
    lead = telling.session.get(LeadRow, lead_id) if lead_id else None
    return _consequence(match, card, lead)


def _match(telling: Telling) -> Match:
    session, person = telling.session, telling.person
    found = lookup.candidates(session, person)
    pinned = telling.contacted.pinned
    if pinned is not None and session.get(ContactRow, pinned) is not None:
        return matching.pinned(pinned, found)
    several = len([candidate for candidate in found if candidate.certain]) > 1
    choice = lookup.choice(session, person.e164) if several else None
    return matching.decide(person, found, choice=choice, earlier=_earlier(telling))


def _earlier(telling: Telling) -> matching.Earlier | None:
    before = telling.before
    if before is None or before.contact_id is None or before.pinned:
        return None
    return matching.Earlier(contact_id=before.contact_id, why=before.why)


def _known(telling: Telling, match: Match, kind: str | None) -> bool | None:
    """Whether a card had this person when a rule first spoke; the card made for this contact does not count."""
    if telling.before and telling.before.known is not None:
        return telling.before.known
    return match.contact_id is not None if kind else None


def _rule(telling: Telling, kind: str | None, known: bool | None) -> Rule:
    if kind is None or known is None:
        return NOTHING
    return rules.rule_for(telling.session, kind, known, telling.contacted.line.number)


def _in_line_with(telling: Telling, match: Match, rule: Rule, known: bool | None) -> Match:
    """Make the card the rule asks for, or leave the one made for a telling that no longer holds."""
    if rule.create_contact and match.contact_id is None and telling.person.key:
        stand_ins.make(telling)
        return _match(telling)
    if known is False and match.contact_id is not None and not rule.create_contact:
        return _without_own_card(telling, match, match.contact_id)
    return match


def _without_own_card(telling: Telling, match: Match, contact_id: int) -> Match:
    """The match as it would be without the card that exists for this contact alone."""
    if not stand_ins.made_for(telling, contact_id):
        return match
    found = lookup.candidates(telling.session, telling.person)
    return matching.decide(telling.person, [card for card in found if card.contact_id != contact_id])


def _hold_card(telling: Telling, contact_id: int | None) -> ContactRow | None:
    """The card, brought up to date, and held until the transaction ends: its leads are decided one after another."""
    if contact_id is None:
        return None
    at, history = telling.contacted.at, telling.contacted.history
    held = select(ContactRow).where(ContactRow.id == contact_id).with_for_update(key_share=True)
    card = telling.session.scalars(held.execution_options(populate_existing=True)).one()
    if card.last_contact_at is None or card.last_contact_at < at:
        card.last_contact_at = at
        if not history:  # an import is no news of every client
            telling.changes.mark(card)
    if not history and telling.contacted.pinned is None:
        stand_ins.complete(telling, card)
    return card


def _follow_up(telling: Telling, card: ContactRow | None, rule: Rule, kind: str | None) -> LeadRow | None:
    owner = rules.owner(rule, telling.contacted, card.owner_id if card else None)
    lead = None
    if card is None or kind is None:
        inquiries.release(telling)
    else:
        lead = inquiries.settle(telling, card, wanted=rule.open_lead, owner=owner)
    missed.settle(telling, rule, owner)
    return lead


def _tell_cards(telling: Telling, match: Match) -> None:
    """The timeline of the card it is on; the card it left may have nothing left."""
    session, former = telling.session, telling.former_card
    entry = Entry(telling.channel.value, telling.subject, telling.contacted.at, match.why)
    if match.contact_id is not None:
        enter = timeline.add if telling.former_card is None else timeline.record
        enter(session, match.contact_id, entry)
    elif telling.moved:
        timeline.remove(session, entry.kind, entry.subject)
    session.flush()
    if telling.moved and former is not None:
        stand_ins.gave_way(telling, former)


def _consequence(
    match: Match, card: ContactRow | None, lead: LeadRow | None, changed: tuple[str, ...] = ()
) -> Consequence:
    """Whose the contact is: the card's owner's, else the lead's."""
    lead_owner = lead.owner_id if lead else None
    owner = card.owner_id if card and card.owner_id is not None else lead_owner
    return Consequence(
        match=match, owner_id=owner, lead_id=lead.id if lead else None, lead_owner_id=lead_owner, changed=changed
    )
