"""Leads and tasks as people work on them."""

from collections.abc import Callable
from datetime import datetime
from itertools import product

import pytest
from sqlalchemy.orm import Session

from hub.domain.errors import Conflict, Invalid, NotFound
from hub.leads import cards, lead_work, reminders, tasks
from hub.leads.lead_work import MOVES
from hub.leads.models import ActivityRow, ContactRow, LeadRow, TaskRow
from tests.pipeline.leads.words import ANNA, MONDAY, Desk, answered, form, minutes, missed

Attempt = Callable[[Session], object]


@pytest.fixture
def anna(desk: Desk) -> int:
    with desk.transaction() as session:
        return cards.create(session, {"name": "Anna", "numbers": ["0671234567"]}, "UA", minutes(0)).id


def move(desk: Desk, lead_id: int, status: str, reason: str | None = None, at: float = 10) -> LeadRow:
    with Session(desk.engine, expire_on_commit=False) as session, session.begin():
        return lead_work.move(session, lead_id, status, reason, minutes(at))


def opened(desk: Desk, contact_id: int, owner_id: int | None = None) -> int:
    with desk.transaction() as session:
        return lead_work.open_by_hand(session, contact_id, owner_id, minutes(0)).id


def test_a_lead_goes_its_way(desk: Desk, anna: int) -> None:
    olena = desk.user("olena")
    lead_id = opened(desk, anna, olena)
    assert (desk.one(LeadRow).source, desk.one(LeadRow).owner_id) == ("person", olena)
    for status in ("in_work", "qualified"):
        assert (move(desk, lead_id, status).status, desk.one(LeadRow).current) == (status, True)
    won = move(desk, lead_id, "converted")
    assert (won.status, won.current, won.closed_at) == ("converted", False, minutes(10))


def test_a_rejection_says_why(desk: Desk, anna: int) -> None:
    lead_id = opened(desk, anna)
    with pytest.raises(Invalid) as refused:
        move(desk, lead_id, "rejected")
    assert refused.value.field == "reason"
    assert move(desk, lead_id, "rejected", " too far away ").reject_reason == "too far away"


def test_only_the_moves_of_the_table_are_possible(desk: Desk) -> None:
    for status, target in product(MOVES, MOVES):
        with desk.transaction() as session:
            card_id = cards.create(session, {"name": f"{status} {target}"}, "UA", minutes(0)).id
        lead_id = opened(desk, card_id)
        move(desk, lead_id, status, "reason")
        if target in (*MOVES[status], status):
            assert move(desk, lead_id, target, "reason").status == target
        else:
            with pytest.raises(Conflict):
                move(desk, lead_id, target, "reason")


def test_a_lead_closed_by_mistake_is_current_again(desk: Desk, anna: int) -> None:
    lead_id = opened(desk, anna)
    move(desk, lead_id, "rejected", "mistake")
    lead = move(desk, lead_id, "in_work")
    assert (lead.current, lead.closed_at, lead.reject_reason) == (True, None, None)


def test_it_is_not_current_beside_a_newer_one(desk: Desk, anna: int) -> None:
    first = opened(desk, anna)
    move(desk, first, "rejected", "mistake")
    opened(desk, anna)
    assert move(desk, first, "in_work").current is False


def test_a_card_has_one_open_lead(desk: Desk, anna: int) -> None:
    opened(desk, anna)
    with pytest.raises(Conflict):
        opened(desk, anna)
    assert desk.tell(answered("c1", 5)).lead_id == desk.one(LeadRow).id


def test_a_lead_opened_by_hand_outlives_its_touches(desk: Desk, anna: int) -> None:
    lead_id = opened(desk, anna)
    desk.tell(form("f1", 5, number=ANNA), form("f1", 5))
    assert desk.one(LeadRow).id == lead_id


def test_what_is_not_there_is_not_found(desk: Desk) -> None:
    attempts: list[Attempt] = [
        lambda session: lead_work.move(session, 999, "in_work", None, MONDAY),
        lambda session: lead_work.assign(session, 999, None),
        lambda session: lead_work.open_by_hand(session, 999, None, MONDAY),
        lambda session: tasks.close(session, 999, "done", None, MONDAY),
        lambda session: tasks.hand_over(session, 999, 1),
        lambda session: tasks.promise(session, title="x", due_at=MONDAY, contact_id=999, owner_id=None, now=MONDAY),
    ]
    for attempt in attempts:
        with pytest.raises(NotFound), desk.transaction() as session:
            attempt(session)


def test_nobody_is_nobodys_owner(desk: Desk, anna: int) -> None:
    with pytest.raises(Invalid):
        opened(desk, anna, 999)
    lead_id = opened(desk, anna)
    desk.tell(missed("c1"))
    task_id = desk.one(TaskRow).id
    with pytest.raises(Invalid), desk.transaction() as session:
        lead_work.assign(session, lead_id, 999)
    with pytest.raises(Invalid), desk.transaction() as session:
        tasks.hand_over(session, task_id, 999)


def test_an_unknown_status_is_refused(desk: Desk, anna: int) -> None:
    with pytest.raises(Invalid) as refused:
        move(desk, opened(desk, anna), "won")
    assert refused.value.field == "status"


def promised(desk: Desk, contact_id: int | None, owner_id: int | None = None, due_at: datetime | None = None) -> int:
    with desk.transaction() as session:
        return tasks.promise(
            session,
            title="Send the price list",
            due_at=due_at or minutes(60),
            contact_id=contact_id,
            owner_id=owner_id,
            now=minutes(0),
        ).id


def test_a_promise_is_kept_in_mind(desk: Desk, anna: int) -> None:
    olena = desk.user("olena")
    promised(desk, anna, olena)
    task = desk.one(TaskRow)
    assert (task.kind, task.title, task.owner_id, task.due_at) == ("promise", "Send the price list", olena, minutes(60))
    assert desk.one(ActivityRow).why == "promised: Send the price list"
    with desk.transaction() as session:
        assert reminders.run(session, minutes(60)) == (f"task:{task.id}",)
    assert (desk.one(TaskRow).reminded_at, desk.one(TaskRow).escalated_at) == (minutes(60), None)


def test_a_promise_to_nobody_in_particular_is_on_no_card(desk: Desk) -> None:
    promised(desk, None)
    assert desk.rows(ActivityRow) == []


def test_a_promise_needs_words_and_a_whole_time(desk: Desk) -> None:
    with pytest.raises(Invalid) as refused:
        promised(desk, None, due_at=datetime(2026, 11, 23))  # noqa: DTZ001 - a time without its zone is the point
    assert refused.value.field == "due_at"
    with pytest.raises(Invalid) as refused, desk.transaction() as session:
        tasks.promise(session, title=" ", due_at=MONDAY, contact_id=None, owner_id=None, now=MONDAY)
    assert refused.value.field == "title"


def test_a_task_is_closed_once_and_with_a_reason(desk: Desk, anna: int) -> None:
    olena = desk.user("olena")
    task_id = promised(desk, anna)
    with pytest.raises(Invalid), desk.transaction() as session:
        tasks.close(session, task_id, " ", olena, minutes(5))
    with desk.transaction() as session:
        tasks.close(session, task_id, "sent", olena, minutes(5))
    task = desk.one(TaskRow)
    assert (task.state, task.close_reason, task.closed_by, task.closed_at) == ("closed", "sent", olena, minutes(5))
    attempts: list[Attempt] = [
        lambda session: tasks.close(session, task_id, "sent", olena, minutes(6)),
        lambda session: tasks.hand_over(session, task_id, olena),
    ]
    for again in attempts:
        with pytest.raises(Conflict), desk.transaction() as session:
            again(session)


def test_work_handed_over_stays_handed_over(desk: Desk) -> None:
    ivan = desk.user("ivan")
    desk.tell(missed("c1"))
    with desk.transaction() as session:
        tasks.hand_over(session, desk.one(TaskRow).id, ivan)
    desk.tell(missed("c1"), missed("c2", 5))
    task = desk.one(TaskRow)
    assert (task.owner_id, task.owner_why, task.tries) == (ivan, "handed over", 2)


def test_work_by_hand_makes_the_card_a_persons(desk: Desk) -> None:
    card_id = desk.tell(answered("c1")).match.contact_id or 0
    promised(desk, card_id)
    assert desk.one(ContactRow).stand_in is False
