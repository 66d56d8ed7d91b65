"""The call log's filters, from an address."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from flask_babel import Babel

from hub.domain.access import Role, Viewer
from hub.domain.calls import CallState, Direction, Outcome
from hub.reads.call_query import CallFilter
from hub.reads.names import Names
from hub.web.pages import filters

NAMES = Names(users={7: "Olena Kovalenko"}, lines={"+380445551200": "Main line"})
VIEWER = Viewer(user_id=7, roles=frozenset({Role.SUPERVISOR}), timezone="Europe/Kyiv")
SCENE = filters.Scene(viewer=VIEWER, names=NAMES, region="UA")


@pytest.fixture(autouse=True)
def request_in_english() -> Iterator[None]:
    app = Flask(__name__)
    Babel(app)
    with app.test_request_context():
        yield


def read(**address: str) -> filters.Reading:
    return filters.read(address, SCENE)


def test_words_are_looked_for_as_words_and_digits_as_a_number() -> None:
    assert read(text="Savchenko").wanted.text == "Savchenko"
    number = read(text="067 123-45-67").wanted.number
    assert number is not None
    assert number.e164 == "+380671234567"
    assert read(text="600").wanted.text == "600"


def test_each_filter_becomes_a_chip_in_words() -> None:
    found = read(direction="inbound", outcome="missed", user="7", line="+380445551200", queue="sales", over="5")
    assert found.wanted.directions == (Direction.INBOUND,)
    assert found.wanted.outcomes == (Outcome.MISSED,)
    assert found.wanted.users == frozenset({7})
    assert found.wanted.min_talk == 300
    assert [asked.word for asked in found.asked] == [
        "Inbound",
        "Missed",
        "Olena Kovalenko",
        "line Main line",
        "queue sales",
        "talked over 5 min",
    ]


def test_going_on_now_is_a_state_and_no_outcome() -> None:
    wanted = read(outcome="open").wanted
    assert wanted.states == (CallState.RINGING, CallState.TALKING)
    assert wanted.outcomes == ()


def test_days_begin_where_the_viewer_lives_and_the_last_one_is_inside() -> None:
    wanted = read(since="2026-11-22", until="2026-11-22").wanted
    assert wanted.since == datetime(2026, 11, 21, 22, tzinfo=UTC)
    assert wanted.until == datetime(2026, 11, 22, 22, tzinfo=UTC)


def test_a_day_may_have_twenty_five_hours() -> None:
    wanted = read(since="2026-10-25", until="2026-10-25").wanted
    assert wanted.since
    assert wanted.until
    assert (wanted.until.astimezone(UTC) - wanted.since.astimezone(UTC)).total_seconds() == 25 * 3600


@time_machine.travel(datetime(2026, 11, 22, 23, tzinfo=UTC), tick=False)
def test_today_is_the_viewers_today() -> None:
    assert read(period="today").wanted.since == datetime(2026, 11, 22, 22, tzinfo=UTC)
    assert read(period="yesterday").wanted.until == datetime(2026, 11, 22, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    "address",
    [
        {"direction": "sideways"},
        {"outcome": "purple"},
        {"user": "8"},
        {"user": "Olena"},
        {"since": "yesterday-ish"},
        {"until": "9999-12-31"},
        {"period": "always"},
        {"over": "0"},
    ],
)
def test_what_makes_no_sense_is_named_and_left_out(address: dict[str, str]) -> None:
    found = filters.read(address, SCENE)
    assert found.asked == []
    assert len(found.problems) == 1
    assert next(iter(address.values())) in found.problems[0]
    assert found.wanted == CallFilter()
