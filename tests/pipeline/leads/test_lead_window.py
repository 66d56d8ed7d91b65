"""One open inquiry of a person at a time, and whose it is."""

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from hub.domain.activity import CallKind, LineFacts
from hub.leads import lead_work
from hub.leads.models import ContactRow, LeadRow, RuleRow, TouchRow
from hub.leads.rules import seed_rules
from tests.pipeline.leads.words import ANNA, BORIS, MONDAY, Desk, answered, call, form, mail, minutes, missed

DAY = 24 * 60


def test_within_the_window_every_touch_joins_and_moves_the_window(desk: Desk) -> None:
    desk.tell(answered("c1"), form("f1", 29 * DAY, number=ANNA), mail("m1", 58 * DAY, addresses=("anna@example.com",)))
    desk.tell(form("f2", 58 * DAY, number=ANNA))
    lead = desk.rows(LeadRow)[0]
    assert (lead.created_at, lead.last_touch_at, lead.source) == (minutes(0), minutes(58 * DAY), "call")
    assert [touch.subject for touch in desk.rows(TouchRow) if touch.lead_id == lead.id] == ["c1", "f1", "f2"]


def test_after_the_window_the_next_inquiry_is_a_new_lead(desk: Desk) -> None:
    desk.tell(form("f1", number=ANNA), form("f2", 31 * DAY, number=ANNA))
    assert [(lead.current, lead.status) for lead in desk.rows(LeadRow)] == [(False, "new"), (True, "new")]


def test_an_old_inquiry_told_late_is_a_lead_of_its_time(desk: Desk) -> None:
    desk.tell(form("f2", 31 * DAY, number=ANNA), form("f1", number=ANNA))
    assert [(lead.current, lead.created_at) for lead in desk.rows(LeadRow)] == [
        (True, minutes(31 * DAY)),
        (False, minutes(0)),
    ]


def test_a_known_persons_call_after_the_window_belongs_to_no_lead(desk: Desk) -> None:
    desk.tell(answered("c1"))
    assert desk.tell(answered("c2", 31 * DAY)).lead_id is None


def test_the_database_itself_allows_one_current_lead_of_a_card(desk: Desk) -> None:
    lead_id = desk.tell(answered("c1")).lead_id
    values = {"contact_id": desk.one(ContactRow).id, "current": True, "source": "call", "created_at": MONDAY}
    with pytest.raises(IntegrityError), desk.transaction() as session:
        session.execute(insert(LeadRow).values(**values, last_touch_at=MONDAY))
    assert desk.one(LeadRow).id == lead_id


def test_a_closed_lead_keeps_its_touches_and_takes_what_happened_before_it_was_closed(desk: Desk) -> None:
    lead_id = desk.tell(form("f1", number=ANNA)).lead_id
    with desk.transaction() as session:
        lead_work.move(session, lead_id or 0, "rejected", "wanted the neighbours", minutes(60))
    assert desk.tell(form("f1", number=ANNA)).lead_id == lead_id
    assert desk.tell(form("f2", 30, number=ANNA)).lead_id == lead_id
    later = desk.tell(form("f3", 61, number=ANNA))
    assert later.lead_id != lead_id
    assert [(lead.status, lead.current) for lead in desk.rows(LeadRow)] == [("rejected", False), ("new", True)]


def test_whoever_talks_first_with_an_unowned_lead_owns_it(desk: Desk) -> None:
    olena, ivan = desk.user("olena"), desk.user("ivan")
    desk.tell(missed("c1"))
    lead = desk.one(LeadRow)
    assert (lead.owner_id, lead.owner_why) == (None, "nobody answered, the card has no owner, nor has the line")
    desk.tell(call("c2", CallKind.OUTBOUND_ANSWERED, 5, answered_by=olena), answered("c3", 9, answered_by=ivan))
    assert (desk.one(LeadRow).owner_id, desk.one(LeadRow).owner_why) == (olena, "talked with the client")
    assert desk.one(ContactRow).owner_id == olena


def test_the_one_who_answered_last_owns_the_lead_of_a_transferred_call(desk: Desk) -> None:
    olena, ivan = desk.user("olena"), desk.user("ivan")
    desk.tell(answered("c1", answered_by=olena), answered("c1", answered_by=ivan))
    assert (desk.one(LeadRow).owner_id, desk.one(ContactRow).owner_id) == (ivan, ivan)


def test_what_a_person_said_of_the_owner_stays(desk: Desk) -> None:
    olena, ivan = desk.user("olena"), desk.user("ivan")
    lead_id = desk.tell(answered("c1", answered_by=olena)).lead_id
    with desk.transaction() as session:
        lead_work.assign(session, lead_id or 0, ivan)
    desk.tell(answered("c1", answered_by=olena), answered("c2", 5, answered_by=olena))
    assert (desk.one(LeadRow).owner_id, desk.one(LeadRow).owner_why) == (ivan, "given by a person")
    with desk.transaction() as session:
        lead_work.assign(session, lead_id or 0, None)
    desk.tell(answered("c3", 9, answered_by=olena))
    assert desk.one(LeadRow).owner_id is None


def test_the_lead_of_a_missed_call_is_the_line_owners(desk: Desk) -> None:
    ivan = desk.user("ivan")
    desk.tell(missed("c1", line=LineFacts(number="+380445551200", owner_id=ivan)))
    assert (desk.one(LeadRow).owner_id, desk.one(LeadRow).line) == (ivan, "+380445551200")


def test_a_telling_that_no_longer_holds_takes_lead_and_card_back(desk: Desk) -> None:
    desk.tell(call("c1", CallKind.OUTBOUND_ANSWERED))
    gone = desk.tell(call("c1", CallKind.OUTBOUND_UNANSWERED))
    assert (gone.match.contact_id, gone.lead_id) == (None, None)
    assert desk.everything() == []
    assert desk.tell(call("c1", CallKind.OUTBOUND_ANSWERED)).lead_id is not None


def test_it_takes_back_nothing_others_rely_on(desk: Desk) -> None:
    desk.tell(call("c1", CallKind.OUTBOUND_ANSWERED), answered("c2", 5))
    desk.tell(call("c1", CallKind.OUTBOUND_UNANSWERED))
    assert len(desk.rows(TouchRow)) == 2
    assert len(desk.rows(LeadRow)) == 1


def test_the_rule_of_a_line_is_stronger_than_the_rule_of_all(desk: Desk) -> None:
    support = LineFacts(number="+380445551201")
    with desk.transaction() as session:
        seed_rules(session)
        session.add(
            RuleRow(
                call_kind="inbound_missed",
                known=False,
                line=support.number or "",
                create_contact=False,
                open_lead=False,
                open_task=True,
                owners=["default"],
                deadline_minutes=60,
            )
        )
    desk.tell(missed("c1", line=support), missed("c2", number=BORIS, line=LineFacts(number="+380445551200")))
    assert [card.origin for card in desk.rows(ContactRow)] == [f"tel:{BORIS.e164}"]


def test_the_defaults_are_seeded_once_and_a_companys_own_words_stay(desk: Desk) -> None:
    with desk.transaction() as session:
        seed_rules(session)
    assert len(desk.rows(RuleRow)) == 12
    with desk.transaction() as session:
        for rule in session.query(RuleRow).filter(RuleRow.call_kind == "inbound_answered"):
            rule.open_lead = False
    with desk.transaction() as session:
        seed_rules(session)
    desk.tell(answered("c1"))
    assert len(desk.rows(RuleRow)) == 12
    assert desk.rows(LeadRow) == []
