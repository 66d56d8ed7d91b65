"""What follows from calls: cards, leads, tasks, the outbox; and that history opens none of it."""

import json

from hub import repair
from hub.domain import clock
from hub.leads import cards, corrections
from hub.leads.models import ActivityRow, ContactRow, LeadRow, TaskRow
from hub.telephony import lines
from tests.pipeline.office import Office, hungup, missed, started, talk

ANNA = "+380671234567"
MAIN = "+380445551200"


def own_line(office: Office, number: str = MAIN) -> None:
    with office.hub.unit_of_work() as session:
        lines.ensure(session, number, "UA", office.ids["acme"])


def card(office: Office, name: str, *numbers: str) -> int:
    with office.hub.unit_of_work() as session:
        return cards.create(session, {"name": name, "numbers": list(numbers)}, "UA", clock.now()).id


def test_an_unknown_caller_becomes_a_card_a_lead_and_work(office: Office) -> None:
    office.hear(*missed(name="Anna"))
    call = office.call()
    assert call["contact"]["name"] == "Anna"
    assert call["lead_id"] == office.rows(LeadRow)[0].id
    assert call["match"] == {
        "certainty": "certain",
        "why": "number +380 67 123 4567 stands on this card",
        "candidates": [call["contact"]["id"]],
    }
    assert [task.state for task in office.rows(TaskRow)] == ["open"]


def test_talking_with_them_closes_the_work(office: Office) -> None:
    office.hear(*missed("c1"), *missed("c2", 60), *talk("c3", 600))
    (task,) = office.rows(TaskRow)
    assert (task.state, task.tries) == ("closed", 2)
    assert len(office.rows(LeadRow)) == 1
    assert {call["lead_id"] for call in office.calls()} == {office.rows(LeadRow)[0].id}


def test_internal_calls_and_our_own_lines_make_nobody(office: Office) -> None:
    own_line(office)
    office.hear(*missed("c1", number=MAIN), *missed("c2", number="044 555 12 00"))
    office.hear({"event": "started", "call": "c3", "at": "2026-11-23T10:00:00Z", "from": "101", "number": "102"})
    assert office.rows(ContactRow) == []
    assert office.rows(LeadRow) == []
    assert {call["external_number"] for call in office.calls()} == {None}


def test_imported_history_fills_the_log_and_opens_nothing(office: Office) -> None:
    office.hear(*talk("c1"), *missed("c2", 100), hub_history="1")
    assert [call["outcome"] for call in office.calls()] == ["answered", "missed"]
    assert office.rows(LeadRow) == []
    assert office.rows(TaskRow) == []


def test_a_live_word_on_a_call_of_history_makes_it_live(office: Office) -> None:
    office.hear(*missed("c1"), hub_history="1")
    office.hear(hungup("c1", 21, rang=["101"]))
    assert len(office.rows(LeadRow)) == 1


def test_history_and_live_deliveries_in_one_batch_keep_apart(office: Office) -> None:
    for event in missed("old"):
        office.accept(json.dumps(event).encode(), hub_history="1")
    for event in missed("new", 100, number="0509876543"):
        office.accept(json.dumps(event).encode())
    assert office.drain() == 6
    assert [lead.contact_id for lead in office.rows(LeadRow)] == [office.calls()[1]["contact"]["id"]]
    assert office.calls()[0]["contact"] is None


def test_a_card_made_later_collects_the_earlier_calls(office: Office) -> None:
    office.hear(started("c1", from_="101"), hungup("c1", 20, by="agent"))
    assert office.call()["contact"] is None
    made = card(office, "Anna Koval", ANNA)
    assert repair.rematch(office.hub) == 1
    assert office.call()["contact"] == {"id": made, "name": "Anna Koval"}
    assert [row.subject for row in office.rows(ActivityRow) if row.kind == "call"] == [office.call()["id"]]
    assert office.told()[-1].body == office.call()
    assert repair.rematch(office.hub) == 0


def test_a_persons_correction_moves_the_earlier_calls_and_holds_for_later_ones(office: Office) -> None:
    office.hear(*talk("c1"), *talk("c2", 100))
    other = card(office, "Anna's office")
    with office.hub.unit_of_work() as session:
        corrections.choose(session, ANNA, other, by=None, now=clock.now())
    repair.rematch(office.hub)
    office.hear(*talk("c3", 200))
    assert {call["contact"]["id"] for call in office.calls()} == {other}
    assert all(call["match"]["certainty"] == "certain" for call in office.calls())
    before = office.everything()
    repair.replay(office.hub, office.ids["acme"])
    assert office.everything() == before


def test_somebody_who_cannot_be_matched_now_stops_nobody_else(office: Office) -> None:
    for name, number in (("exchange", "0509876543"), ("acme", ANNA)):
        office.connect("acme", f"{name}-voice", secret="acme secret")
        office.hear(started(name, from_="101", number=number), to=f"{name}-voice")
        card(office, f"Client of {name}", number)
    with office.hub.unit_of_work() as session:
        office.hub.connections.row(session, "exchange-voice").kind = "uninstalled"
    assert repair.rematch(office.hub) == 2
    assert {call["contact"]["name"] for call in office.calls() if call["contact"]} == {"Client of acme"}
    with office.hub.unit_of_work() as session:
        office.hub.connections.row(session, "exchange-voice").kind = "acme"
    assert repair.rematch(office.hub) == 1
    assert {call["contact"]["name"] for call in office.calls()} == {"Client of acme", "Client of exchange"}


def test_every_change_of_a_call_is_told_once_with_the_whole_call(office: Office) -> None:
    for event in talk():
        office.hear(event)
    assert [row.type for row in office.told()] == ["call.ringing", "call.ringing", "call.talking", "call.ended"]
    assert office.told()[-1].body == office.call()
    office.hear(*talk())
    assert len(office.told()) == 4


def test_a_call_told_in_one_batch_is_told_outside_once(office: Office) -> None:
    office.hear(*talk())
    assert [row.type for row in office.told()] == ["call.ended"]
