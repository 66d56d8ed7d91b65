"""A missed call is work until it is proven done, whatever order the calls are told in."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hub.domain.activity import CallKind, Channel, Contacted, LineFacts
from hub.domain.identity import PhoneNumber
from hub.leads import consequences, reminders, tasks
from hub.leads.models import ActivityRow, ContactRow, TaskRow, TryRow
from tests.pipeline.leads.words import BORIS, Desk, answered, call, minutes, missed


def test_repeated_tries_are_one_task_with_a_counter(desk: Desk) -> None:
    desk.tell(missed("c1"), missed("c2", at=5), missed("c3", at=9))
    task = desk.one(TaskRow)
    assert (task.tries, task.first_at, task.last_at) == (3, minutes(0), minutes(9))
    assert task.due_at == minutes(15)


def test_two_people_are_two_tasks(desk: Desk) -> None:
    desk.tell(missed("c1"), missed("c2", number=BORIS))
    assert [task.number for task in desk.rows(TaskRow)] == ["+380671234567", "+380509876543"]


def test_it_is_closed_by_somebody_calling_back(desk: Desk) -> None:
    manager = desk.user("olena")
    desk.tell(missed("c1"), call("c2", CallKind.OUTBOUND_ANSWERED, at=10, answered_by=manager))
    task = desk.one(TaskRow)
    assert (task.state, task.proof, task.closed_by, task.closed_at) == ("closed", "c2", manager, minutes(12))


def test_it_is_closed_by_the_client_getting_through(desk: Desk) -> None:
    desk.tell(missed("c1"), answered("c2", at=10))
    assert desk.one(TaskRow).proof == "c2"


def test_it_is_not_closed_by_trying_in_vain(desk: Desk) -> None:
    desk.tell(missed("c1"), call("c2", CallKind.OUTBOUND_UNANSWERED, at=10))
    assert desk.one(TaskRow).state == "open"


def test_a_talk_before_it_proves_nothing(desk: Desk) -> None:
    desk.tell(answered("c1"), missed("c2", at=10))
    assert (desk.one(TaskRow).state, desk.one(TaskRow).proof) == ("open", None)


def test_a_talk_told_first_closes_the_missed_call_that_was_before_it(desk: Desk) -> None:
    desk.tell(answered("c2", at=10), missed("c1", at=0))
    task = desk.one(TaskRow)
    assert (task.state, task.proof, task.tries) == ("closed", "c2", 1)


def test_a_missed_call_that_turns_out_answered_takes_its_try_back(desk: Desk) -> None:
    desk.tell(missed("c1"), missed("c2", at=5))
    outcome = desk.tell(answered("c2", at=5))
    assert desk.one(TaskRow).tries == 1
    assert (desk.one(TaskRow).state, desk.one(TaskRow).proof) == ("closed", "c2")
    desk.tell(answered("c1"))
    assert desk.rows(TaskRow) == []
    assert desk.rows(TryRow) == []
    assert sorted(entry.kind for entry in desk.rows(ActivityRow)) == ["call", "call", "lead"]
    assert any(changed.startswith("task:") for changed in outcome.changed)


def test_a_withdrawn_talk_opens_the_task_again(desk: Desk) -> None:
    desk.tell(missed("c1"), answered("c2", at=10))
    first = desk.one(TaskRow).id
    with desk.transaction() as session:
        assert f"task:{first}" in consequences.withdraw(session, Channel.CALL, "c2", minutes(11))
    task = desk.one(TaskRow)
    assert (task.id, task.state, task.proof, task.closed_at) == (first, "open", None, None)


def test_a_call_found_to_be_half_of_another_takes_everything_back(desk: Desk) -> None:
    desk.tell(missed("c1"))
    with desk.transaction() as session:
        consequences.withdraw(session, Channel.CALL, "c1", minutes(1))
    assert desk.everything() == []


def test_after_the_proof_a_new_missed_call_is_new_work(desk: Desk) -> None:
    desk.tell(missed("c1"), answered("c2", at=10), missed("c3", at=20))
    assert [(task.state, task.tries) for task in desk.rows(TaskRow)] == [("closed", 1), ("open", 1)]


def test_what_a_person_closed_stays_closed_and_the_next_try_is_new_work(desk: Desk) -> None:
    manager = desk.user("olena")
    desk.tell(missed("c1"))
    with desk.transaction() as session:
        tasks.close(session, desk.one(TaskRow).id, "wrong number", manager, minutes(5))
    desk.tell(missed("c1"))
    closed = desk.one(TaskRow)
    assert (closed.state, closed.close_reason, closed.closed_by, closed.proof) == (
        "closed",
        "wrong number",
        manager,
        None,
    )
    desk.tell(missed("c2", at=20), answered("c3", at=30))
    assert [(task.state, task.close_reason, task.proof) for task in desk.rows(TaskRow)] == [
        ("closed", "wrong number", None),
        ("closed", None, "c3"),
    ]


def test_the_clock_runs_in_the_business_hours_of_the_line(desk: Desk) -> None:
    line = LineFacts(number="+380445551200", timezone="Europe/Kyiv", hours={"tue": [["09:00", "18:00"]]})
    desk.tell(missed("c1", line=line))
    task = desk.one(TaskRow)
    assert task.due_at == datetime.fromisoformat("2026-11-24T09:15:00+02:00")
    assert task.remind_at == datetime.fromisoformat("2026-11-24T09:07:00+02:00")
    assert task.line == "+380445551200"


def test_it_is_the_card_owners_work_else_the_line_owners(desk: Desk) -> None:
    olena, ivan = desk.user("olena"), desk.user("ivan")
    line = LineFacts(number="+380445551200", owner_id=ivan)
    desk.tell(answered("c1", answered_by=olena), missed("c2", at=5, line=line), missed("c3", line=line, number=BORIS))
    assert [(task.owner_id, task.owner_why) for task in desk.rows(TaskRow)] == [
        (olena, "owns the client's card"),
        (ivan, "owns the line +380445551200"),
    ]


def test_it_reminds_once_and_then_goes_to_the_teams_head(desk: Desk) -> None:
    ivan, head = desk.user("ivan"), desk.user("head")
    desk.tell(missed("c1", line=LineFacts(number="+380445551200", owner_id=ivan, team_head_id=head)))
    assert run(desk, 6) == ()
    assert run(desk, 7) == ("task:1",)
    assert (desk.one(TaskRow).reminded_at, desk.one(TaskRow).owner_id) == (minutes(7), ivan)
    assert run(desk, 14) == ()
    assert run(desk, 15) == ("task:1",)
    task = desk.one(TaskRow)
    assert (task.escalated_at, task.owner_id) == (minutes(15), head)
    assert task.owner_why == "not called back in time, so it went to the team's head"
    assert run(desk, 60) == ()
    (entry,) = [entry for entry in desk.rows(ActivityRow) if entry.kind == "task"]
    assert entry.why == "nobody answered; not called back in time"
    desk.tell(missed("c2", at=20, line=LineFacts(number="+380445551200", owner_id=ivan, team_head_id=head)))
    assert (desk.one(TaskRow).owner_id, desk.one(TaskRow).tries) == (head, 2)


def test_a_closed_task_reminds_nobody(desk: Desk) -> None:
    desk.tell(missed("c1"), answered("c2", at=3))
    assert run(desk, 60) == ()


def test_without_a_head_it_is_marked_late_all_the_same(desk: Desk) -> None:
    desk.tell(missed("c1"))
    run(desk, 15)
    assert (desk.one(TaskRow).escalated_at, desk.one(TaskRow).owner_id) == (minutes(15), None)


def run(desk: Desk, at: float) -> tuple[str, ...]:
    with desk.transaction() as session:
        return reminders.run(session, minutes(at))


def test_the_report_says_how_soon_calls_were_returned(desk: Desk) -> None:
    desk.tell(missed("c1"), missed("c2", at=3), answered("c3", at=8))
    desk.tell(missed("c4", number=BORIS), answered("c5", at=18, number=BORIS), missed("c6", at=30, number=BORIS))
    with desk.transaction() as session:
        report = tasks.call_backs(session, minutes(0), minutes(60))
        nothing = tasks.call_backs(session, minutes(60), minutes(90))
    assert (report.missed, report.returned, report.waiting) == (3, 2, 1)
    assert (report.median_seconds, report.longest_seconds) == (15 * 60, 20 * 60)
    assert (nothing.missed, nothing.median_seconds) == (0, None)


def test_the_task_follows_the_card_of_its_person(desk: Desk) -> None:
    desk.tell(missed("c1"))
    assert desk.one(TaskRow).contact_id == desk.one(ContactRow).id


# Any story of one caller, told in any order, with repeats and with calls that first looked otherwise.

MISSED, TALKED, VAIN = CallKind.INBOUND_MISSED, CallKind.OUTBOUND_ANSWERED, CallKind.OUTBOUND_UNANSWERED
Story = list[tuple[int, CallKind, int]]
STORIES = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from([MISSED, MISSED, TALKED, VAIN]), st.integers(1, 20)),
    min_size=1,
    max_size=7,
)
FRESH = count(1)
"""Each story is of another caller, so that one database does for all."""


def told_in_full(story: Story, caller: int) -> list[Contacted]:
    number = PhoneNumber.parse(f"+3806700{caller:05}", "UA")
    return [
        call(
            f"{caller}-{index}", kind, at, number=number, talked_until=minutes(at + length) if kind is TALKED else None
        )
        for index, (at, kind, length) in enumerate(story)
    ]


def expected(calls: list[Contacted]) -> list[tuple[str | None, int, datetime, datetime]]:
    """Each missed call belongs to the first talk that ends after it: (proof, tries, first, last)."""
    talks = sorted((told.talked_until, told.subject) for told in calls if told.talked_until)
    found: dict[str | None, list[datetime]] = {}
    for told in calls:
        if told.kind is MISSED:
            later = [subject for until, subject in talks if until > told.at]
            found.setdefault(later[0] if later else None, []).append(told.at)
    return sorted(((proof, len(at), min(at), max(at)) for proof, at in found.items()), key=str)


def tasks_of(desk: Desk, calls: list[Contacted]) -> list[TaskRow]:
    with desk.transaction() as session:
        number = calls[0].number
        mine = select(TaskRow).where(TaskRow.number == (number.e164 if number else None)).order_by(TaskRow.id)
        rows = list(session.scalars(mine))
        session.expunge_all()
    return rows


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(story=STORIES, data=st.data())
def test_any_order_of_telling_gives_the_same_tasks(desk: Desk, story: Story, data: st.DataObject) -> None:
    calls = told_in_full(story, next(FRESH))
    each = range(len(calls))
    looked = [data.draw(st.sampled_from([MISSED, VAIN])) for _ in each]
    repeated = data.draw(st.lists(st.sampled_from(each), max_size=3))
    first = [replace(told, kind=kind, talked_until=None) for told, kind in zip(calls, looked, strict=True)]
    first += [calls[index] for index in repeated]
    for index in data.draw(st.permutations(range(len(first)))):
        desk.tell(first[index])
    order = data.draw(st.permutations(each))
    for index in order:
        desk.tell(calls[index])
    desk.tell(*calls)  # a card made by one of them collects the others, as its relink asks
    mine = tasks_of(desk, calls)
    assert sorted(((task.proof, task.tries, task.first_at, task.last_at) for task in mine), key=str) == expected(calls)
    for task in mine:
        assert (task.state == "open") == (task.proof is None)
        assert task.due_at == task.first_at + timedelta(minutes=15)
    assert [desk.tell(told).changed for told in calls] == [()] * len(calls)
    assert [task.id for task in tasks_of(desk, calls)] == [task.id for task in mine]
