"""The live board and what changed since: nothing missed, each in order, within the viewer's sight."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from hub.crm import outbox
from hub.crm.models import OutboxRow
from hub.domain import clock
from hub.domain.access import Role, Viewer
from hub.reads import live
from hub.reads.live import Cursor
from tests.pipeline.office import hungup, rang, started
from tests.web.company import Company

EVERYBODY = Viewer(user_id=None, roles=frozenset({Role.RECEPTION}))
NOW = clock.now()


def _viewer(company: Company, name: str, role: Role = Role.MANAGER) -> Viewer:
    return Viewer(user_id=company.people[name], roles=frozenset({role}))


def _since(company: Company, cursor: Cursor, viewer: Viewer = EVERYBODY) -> tuple[list[str], Cursor]:
    with company.office.hub.reading() as session:
        news, after = live.news(session, cursor, clock.now())
        changes = live.Sight.of(session, news).of_these(viewer, news)
    return [change["subject"].partition(":")[0] + " " + change["type"].partition(".")[2] for change in changes], after


def _here(company: Company) -> Cursor:
    with company.office.hub.reading() as session:
        return live.here(session)


def test_the_board_holds_what_goes_on(company: Company) -> None:
    company.office.hear(started("now", 500, "0671234500"), rang("now", 501, "101"))
    with company.office.hub.reading() as session:
        board = live.board(session, EVERYBODY, clock.now())
        others = live.board(session, _viewer(company, "Oleg"), clock.now())
    assert [call["provider_call_id"] for call in board.calls] == ["now"]
    assert [task["kind"] for task in board.tasks] == ["missed_call"]
    assert others.calls == []
    assert {lead["owner_id"] for lead in others.leads} <= {company.people["Oleg"]}


def test_a_desk_hears_what_happens_after_its_board(company: Company) -> None:
    cursor = _here(company)
    assert _since(company, cursor)[0] == []
    company.office.hear(started("now", 500, "0671234500"), rang("now", 501, "101"))
    heard, after = _since(company, cursor)
    assert "call ringing" in heard
    assert _since(company, after) == ([], after)


def test_only_what_is_in_sight(company: Company) -> None:
    cursor = _here(company)
    company.office.hear(started("now", 500, "0671234500"), rang("now", 501, "101"))
    assert "call ringing" in _since(company, cursor, _viewer(company, "Mira"))[0]
    assert _since(company, cursor, _viewer(company, "Oleg"))[0] == []
    assert _since(company, cursor, Viewer(user_id=None, roles=frozenset()))[0] == []


def _write(company: Company, ids: Sequence[int], at: datetime) -> None:
    """News with ids given out earlier: what a slow writer commits last."""
    with company.office.hub.unit_of_work() as session:
        for number in ids:
            body = {"id": company.things["Mira"].lead}
            row = OutboxRow(id=number, type="lead.changed", subject=f"lead:{body['id']}", body=body, created_at=at)
            session.add(row)


def test_a_desk_hears_what_was_committed_behind_it(company: Company) -> None:
    cursor = _here(company)
    _write(company, [cursor.last + 2, cursor.last + 3], clock.now())
    heard, after = _since(company, cursor)
    assert len(heard) == 2
    _write(company, [cursor.last + 1], clock.now())
    heard, last = _since(company, after)
    assert len(heard) == 1
    assert _since(company, last)[0] == []


def test_a_desk_that_comes_back_with_its_last_id_misses_nothing(company: Company) -> None:
    cursor = _here(company)
    _write(company, [cursor.last + 1], clock.now())
    assert "lead changed" in _since(company, Cursor.parse(str(cursor.last)))[0]


@pytest.mark.parametrize("text", ["", "x", "-1", "9" * 30, "٣"])
def test_a_cursor_from_nowhere_starts_at_the_beginning(text: str) -> None:
    assert Cursor.parse(text).last == 0


def _feed(company: Company, after: int, now: datetime, limit: int = 500) -> tuple[list[int], int]:
    with company.office.hub.reading() as session:
        changes, last = live.feed(session, EVERYBODY, after, limit, now)
    return [change["version"] for change in changes], last


def test_the_feed_waits_at_a_hole_until_it_is_filled(company: Company) -> None:
    end = _here(company).last
    _write(company, [end + 1, end + 3], NOW)
    assert _feed(company, end, NOW) == ([end + 1], end + 1)
    _write(company, [end + 2], NOW)
    assert _feed(company, end + 1, NOW) == ([end + 2, end + 3], end + 3)


def test_the_feed_goes_over_a_hole_that_is_too_old_to_be_filled(company: Company) -> None:
    end = _here(company).last
    _write(company, [end + 2], NOW)
    assert _feed(company, end, NOW) == ([], end)
    assert _feed(company, end, NOW + timedelta(seconds=live.HOLE_SECONDS + 1)) == ([end + 2], end + 2)


def test_the_feed_tells_everything_once_and_in_order(company: Company) -> None:
    later = clock.now() + timedelta(minutes=1)
    whole, end = _feed(company, 0, later)
    steps: list[int] = []
    after = 0
    while after != end:
        found, after = _feed(company, after, later, 3)
        steps += found
    assert steps == whole == sorted(set(whole))


def test_what_is_gone_is_told_by_its_id_alone(company: Company) -> None:
    cursor = _here(company)
    with company.office.hub.unit_of_work() as session:
        gone: dict[str, Any] = {"id": 999}
        outbox.enqueue(session, type="contact.removed", subject="contact:999", body=gone, now=clock.now())
    assert _since(company, cursor, _viewer(company, "Oleg"))[0] == ["contact removed"]


def test_a_call_that_ended_leaves_the_board(company: Company) -> None:
    company.office.hear(started("now", 500, "0671234500"), rang("now", 501, "101"), hungup("now", 510, rang=["101"]))
    with company.office.hub.reading() as session:
        assert live.board(session, EVERYBODY, clock.now()).calls == []
