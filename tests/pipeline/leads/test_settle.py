"""What each kind of contact leads to, and that telling it again or otherwise keeps things in line."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from hub.domain.activity import CallKind, Certainty
from hub.domain.identity import PhoneNumber
from hub.leads.models import ActivityRow, ContactNumberRow, ContactRow, LeadRow, TaskRow, TouchRow
from tests.pipeline.leads.words import ANNA, BORIS, Desk, answered, call, form, mail, minutes, missed


def test_an_unknown_caller_who_was_answered_becomes_a_card_and_a_lead(desk: Desk) -> None:
    manager = desk.user("olena")
    outcome = desk.tell(answered("c1", name="Anna", answered_by=manager))
    card, lead = desk.one(ContactRow), desk.one(LeadRow)
    assert (card.name, card.origin, card.stand_in, card.owner_id) == ("Anna", "tel:+380671234567", True, manager)
    assert (lead.status, lead.current, lead.source, lead.owner_id) == ("new", True, "call", manager)
    assert lead.owner_why == "talked with the client"
    assert outcome.match.certainty is Certainty.CERTAIN
    assert outcome.match.why == "number +380 67 123 4567 stands on this card"
    assert (outcome.match.contact_id, outcome.lead_id, outcome.owner_id) == (card.id, lead.id, manager)
    assert set(outcome.changed) == {f"contact:{card.id}", f"lead:{lead.id}"}
    assert desk.rows(TaskRow) == []


def test_an_unknown_caller_nobody_answered_is_also_somebodys_work(desk: Desk) -> None:
    desk.tell(missed("c1"))
    task = desk.one(TaskRow)
    assert (task.state, task.tries, task.number, task.contact_id) == (
        "open",
        1,
        "+380671234567",
        desk.one(ContactRow).id,
    )
    assert len(desk.rows(LeadRow)) == 1


def test_nothing_comes_of_a_number_we_called_in_vain(desk: Desk) -> None:
    outcome = desk.tell(call("c1", CallKind.OUTBOUND_UNANSWERED))
    assert outcome.match.certainty is Certainty.NONE
    assert outcome.match.why == "no card has number +380 67 123 4567"
    assert desk.everything() == []


@pytest.mark.parametrize("typed", ["anonymous", "101", "<unknown>", "", "+", "abc", "1" * 40])
def test_nobody_is_made_of_a_number_that_is_none(desk: Desk, typed: str) -> None:
    outcome = desk.tell(missed("c1", number=PhoneNumber.parse(typed, "UA")))
    assert outcome.match.certainty is Certainty.NOT_APPLICABLE
    assert desk.everything() == []


def test_our_own_numbers_are_nobodys(desk: Desk) -> None:
    line = PhoneNumber(typed="0445551200", reason="one of our own lines")
    outcome = desk.tell(missed("c1", number=line))
    assert (outcome.match.certainty, outcome.match.why) == (Certainty.NOT_APPLICABLE, "one of our own lines")
    assert desk.everything() == []


def test_a_known_persons_call_is_a_touch_of_the_lead_there_is(desk: Desk) -> None:
    first = desk.tell(answered("c1"))
    second = desk.tell(answered("c2", at=60))
    assert second.lead_id == first.lead_id
    assert len(desk.rows(ContactRow)) == 1
    assert [touch.opened for touch in desk.rows(TouchRow)] == [True, False]


def test_a_call_that_rings_has_a_card_but_no_consequence(desk: Desk) -> None:
    assert desk.tell(call("c1", None)).match.certainty is Certainty.NONE
    assert desk.rows(LeadRow) == []
    desk.tell(answered("c2"))
    ringing = desk.tell(call("c3", None, at=5))
    assert (ringing.match.contact_id, ringing.lead_id) == (desk.one(ContactRow).id, None)


def test_imported_history_is_shown_on_the_card_and_opens_nothing(desk: Desk) -> None:
    assert desk.tell(missed("h1", history=True)).match.contact_id is None
    assert desk.everything() == []
    desk.tell(answered("c1", at=10))
    desk.tell(missed("h1", history=True))
    assert [entry.subject for entry in desk.rows(ActivityRow) if entry.kind == "call"] == ["c1", "h1"]
    assert desk.rows(TaskRow) == []
    assert len(desk.rows(TouchRow)) == 1


def test_told_again_in_order_nothing_changes(desk: Desk) -> None:
    manager = desk.user("olena")
    desk.tell(
        missed("c1", at=0),
        missed("c2", at=5),
        call("c3", CallKind.OUTBOUND_UNANSWERED, at=8),
        call("c4", CallKind.OUTBOUND_ANSWERED, at=10, answered_by=manager),
        form("f1", at=20, number=ANNA, addresses=("anna@example.com",), name="Anna"),
        mail("m1", at=30, addresses=("Anna@Example.com",)),
        missed("c5", at=40),
        missed("c6", at=50, number=PhoneNumber.parse("0509876543", "UA")),
    )
    before = desk.everything()
    for contacted in list(desk.told):
        assert desk.tell(contacted).changed == ()
    assert desk.everything() == before


def test_a_form_adds_the_address_and_the_name_to_the_card_of_its_number(desk: Desk) -> None:
    desk.tell(answered("c1"))
    desk.tell(form("f1", at=5, number=ANNA, addresses=("anna@example.com",), name="Anna Koval"))
    by_mail = desk.tell(mail("m1", at=9, addresses=("anna@example.com",)))
    assert desk.one(ContactRow).name == "Anna Koval"
    assert by_mail.match.why == "address anna@example.com stands on this card"
    assert {touch.lead_id for touch in desk.rows(TouchRow)} == {desk.one(LeadRow).id}
    assert len(desk.rows(TouchRow)) == 3


def test_the_same_last_nine_digits_suppress_no_lead(desk: Desk) -> None:
    desk.tell(answered("c1"))
    other = desk.tell(answered("c2", number=PhoneNumber.parse("+48671234567", "UA")))
    assert len(desk.rows(LeadRow)) == 2
    assert other.match.candidates[0] == other.match.contact_id
    assert len(other.match.candidates) == 2


def test_the_number_of_a_card_stands_there_once(desk: Desk) -> None:
    desk.tell(answered("c1"), answered("c2"))
    assert [row.e164 for row in desk.rows(ContactNumberRow)] == ["+380671234567"]


def test_what_reads_a_contact_again_in_another_zone_says_the_same(desk: Desk) -> None:
    kyiv = ZoneInfo("Europe/Kyiv")
    first = answered("c1")
    again = replace(first, at=first.at.astimezone(kyiv), talked_until=minutes(2).astimezone(kyiv))
    outcome = desk.tell(first)
    repeated = desk.tell(again)
    assert (repeated.match, repeated.lead_id, repeated.changed) == (outcome.match, outcome.lead_id, ())


def test_a_card_known_by_its_number_alone_takes_the_first_name_somebody_gives(desk: Desk) -> None:
    desk.tell(answered("c1", name="0671234567"), answered("c2", 5, name="<unknown>"))
    assert desk.one(ContactRow).name == "+380 67 123 4567"
    desk.tell(answered("c3", 9, name=" Anna\x00 "), answered("c4", 12, name="Somebody"))
    assert desk.one(ContactRow).name == "Anna\ufffd"


def test_history_tells_when_a_client_was_last_in_contact_and_is_no_news(desk: Desk) -> None:
    desk.tell(answered("c1"))
    outcome = desk.tell(answered("h1", 30, history=True))
    assert outcome.changed == ()
    assert desk.one(ContactRow).last_contact_at == minutes(30)


def test_history_proves_that_somebody_talked(desk: Desk) -> None:
    desk.tell(missed("c1"), answered("h1", 30, history=True))
    assert (desk.one(TaskRow).state, desk.one(TaskRow).proof) == ("closed", "h1")


def test_a_number_that_came_to_be_known_late_moves_the_call_to_its_person(desk: Desk) -> None:
    """The provider named another number first: nothing of the stranger stays."""
    desk.tell(missed("c1", number=BORIS))
    desk.tell(missed("c1"))
    assert desk.one(ContactRow).origin == "tel:+380671234567"
    assert (desk.one(TaskRow).number, desk.one(TaskRow).contact_id) == ("+380671234567", desk.one(ContactRow).id)
    assert desk.one(LeadRow).contact_id == desk.one(ContactRow).id
