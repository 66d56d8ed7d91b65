"""A person's word moves history: a number chosen for a card, a card made later, a number taken away."""

from hub.domain.activity import CallKind, Certainty, Contacted
from hub.leads import cards, corrections, relinks
from hub.leads.models import ActivityRow, ChoiceRow, ContactedRow, ContactRow, LeadRow, TaskRow, TouchRow
from tests.pipeline.leads.words import ANNA, BORIS, Desk, answered, call, form, mail, minutes, missed

KEY = "tel:+380671234567"


def made(desk: Desk, name: str, *numbers: str) -> int:
    with desk.transaction() as session:
        return cards.create(session, {"name": name, "numbers": numbers}, "UA", minutes(0)).id


def chosen(desk: Desk, contact_id: int, e164: str = "+380671234567") -> None:
    with desk.transaction() as session:
        corrections.choose(session, e164, contact_id, None, minutes(0))


def relink(desk: Desk) -> list[str]:
    """What the pipeline does with the keys that wait: settle every contact of theirs again; the keys."""
    with desk.transaction() as session:
        keys = relinks.waiting(session)
    for key, asked_at in keys:
        same = [told for told in latest(desk) if told.number and f"tel:{told.number.e164}" == key]
        if same:
            desk.tell(*same)
        with desk.transaction() as session:
            relinks.done(session, key, asked_at)
    return [key for key, _ in keys]


def latest(desk: Desk) -> list[Contacted]:
    return list({told.subject: told for told in desk.told}.values())


def cards_of_calls(desk: Desk) -> dict[str, int | None]:
    return {row.subject: row.contact_id for row in desk.rows(ContactedRow)}


def test_a_card_made_later_collects_the_earlier_calls_their_lead_and_their_work(desk: Desk) -> None:
    desk.tell(call("c0", CallKind.OUTBOUND_UNANSWERED), missed("c1", 5), answered("c2", 10), missed("c3", 20))
    lead_id, stand_in = desk.one(LeadRow).id, desk.one(ContactRow).id
    assert relink(desk) == [KEY]
    assert cards_of_calls(desk) == {"c0": stand_in, "c1": stand_in, "c2": stand_in, "c3": stand_in}
    anna = made(desk, "Anna Koval", "067 123 45 67")
    assert relink(desk) == [KEY]
    assert cards_of_calls(desk) == {"c0": anna, "c1": anna, "c2": anna, "c3": anna}
    assert desk.one(ContactRow).id == anna
    assert (desk.one(LeadRow).id, desk.one(LeadRow).contact_id) == (lead_id, anna)
    assert {touch.subject for touch in desk.rows(TouchRow)} == {"c0", "c1", "c2", "c3"}
    assert {task.contact_id for task in desk.rows(TaskRow)} == {anna}
    assert {entry.contact_id for entry in desk.rows(ActivityRow)} == {anna}
    before = desk.everything()
    desk.tell(*latest(desk))
    assert desk.everything() == before
    assert relink(desk) == []


def test_imported_history_is_collected_by_the_card_of_the_first_live_call(desk: Desk) -> None:
    desk.tell(missed("h1", history=True), answered("c1", 60))
    assert relink(desk) == [KEY]
    assert set(cards_of_calls(desk).values()) == {desk.one(ContactRow).id}


def test_a_number_chosen_for_a_card_moves_its_calls_and_is_remembered(desk: Desk) -> None:
    desk.tell(answered("c1"), answered("c2", 5))
    boris = made(desk, "Boris")
    chosen(desk, boris)
    assert relink(desk) == [KEY]
    assert cards_of_calls(desk) == {"c1": boris, "c2": boris}
    assert desk.tell(answered("c3", 9)).match.contact_id == boris
    assert desk.one(LeadRow).contact_id == boris
    assert len(desk.rows(TouchRow)) == 3


def test_a_later_choice_replaces_the_earlier_one(desk: Desk) -> None:
    anna, boris = made(desk, "Anna", "0671234567"), made(desk, "Boris", "0671234567")
    desk.tell(answered("c1"))
    chosen(desk, boris)
    relink(desk)
    assert cards_of_calls(desk) == {"c1": boris}
    chosen(desk, anna)
    relink(desk)
    assert cards_of_calls(desk) == {"c1": anna}
    assert desk.one(ChoiceRow).contact_id == anna


def test_a_call_a_person_linked_by_itself_stays_where_it_is(desk: Desk) -> None:
    anna, boris = made(desk, "Anna", "0671234567"), made(desk, "Boris")
    pinned = desk.tell(answered("c1", pinned=boris))
    assert (pinned.match.contact_id, pinned.match.why) == (boris, "a person said that it belongs to this card")
    desk.tell(answered("c2", 5))
    chosen(desk, anna)
    relink(desk)
    assert cards_of_calls(desk) == {"c1": boris, "c2": anna}


def test_a_pin_on_a_card_that_is_gone_is_no_pin(desk: Desk) -> None:
    assert desk.tell(call("c1", CallKind.OUTBOUND_UNANSWERED, pinned=999)).match.certainty is Certainty.NONE


def test_a_withheld_call_can_be_linked_by_a_person(desk: Desk) -> None:
    anna = made(desk, "Anna")
    outcome = desk.tell(missed("c1", number=None, pinned=anna))
    assert (outcome.match.contact_id, outcome.match.certainty) == (anna, Certainty.CERTAIN)
    assert desk.rows(TaskRow) == []


def test_a_lead_with_touches_of_others_stays_where_they_are(desk: Desk) -> None:
    desk.tell(form("f1", number=ANNA, addresses=("anna@example.com",)), mail("m1", 5, addresses=("anna@example.com",)))
    desk.tell(answered("c1", 9))
    lead = desk.one(LeadRow)
    boris = made(desk, "Boris")
    chosen(desk, boris)
    desk.tell(answered("c1", 9))
    assert cards_of_calls(desk)["c1"] == boris
    assert (desk.one(LeadRow).id, desk.one(LeadRow).contact_id) == (lead.id, lead.contact_id)
    assert {touch.subject for touch in desk.rows(TouchRow)} == {"f1", "m1"}


def test_a_lead_that_loses_its_last_touch_to_another_cards_lead_is_gone(desk: Desk) -> None:
    anna = made(desk, "Anna", "0509876543")
    own = desk.tell(form("f1", number=BORIS)).lead_id
    desk.tell(answered("c1", 5))
    assert len(desk.rows(LeadRow)) == 2
    chosen(desk, anna)
    relink(desk)
    assert desk.one(LeadRow).id == own
    assert {touch.lead_id for touch in desk.rows(TouchRow)} == {own}
    assert desk.one(ContactRow).id == anna


def test_a_number_taken_off_a_card_takes_its_calls_along(desk: Desk) -> None:
    anna = made(desk, "Anna", "0671234567", "0501112233")
    desk.tell(answered("c1"))
    chosen(desk, anna)
    with desk.transaction() as session:
        cards.edit(session, anna, {"numbers": ["0501112233"]}, "UA", minutes(1))
    assert desk.rows(ChoiceRow) == []
    assert KEY in relink(desk)
    assert desk.tell(answered("c1")).match.contact_id is None


def test_a_number_taken_off_the_card_hub_made_gets_a_card_of_its_own(desk: Desk) -> None:
    first = desk.tell(answered("c1")).match.contact_id or 0
    with desk.transaction() as session:
        cards.edit(session, first, {"name": "Somebody else", "numbers": []}, "UA", minutes(1))
    again = desk.tell(answered("c2", 5))
    assert again.match.contact_id not in (None, first)


def test_an_asking_that_came_meanwhile_is_not_lost(desk: Desk) -> None:
    with desk.transaction() as session:
        relinks.ask(session, [KEY], minutes(0))
    with desk.transaction() as session:
        ((key, asked_at),) = relinks.waiting(session)
        relinks.ask(session, [KEY], minutes(1))
        relinks.done(session, key, asked_at)
    with desk.transaction() as session:
        assert relinks.waiting(session) == [(KEY, minutes(1))]
