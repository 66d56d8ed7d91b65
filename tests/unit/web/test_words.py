"""Lengths, moments and names as people read them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask_babel import Babel

from hub.web.pages import words

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def request_in_kyiv() -> Iterator[None]:
    app = Flask(__name__)
    Babel(app, timezone_selector=lambda: "Europe/Kyiv")
    with app.test_request_context(), time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "–"), (0.4, "–"), (5.4, "0:05"), (65, "1:05"), (3599.6, "1:00:00"), (3723, "1:02:03")]
)
def test_a_length_is_read_off_like_a_clock(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


@pytest.mark.parametrize(("seconds", "said"), [(0, "0 s"), (59, "59 s"), (3540, "59 min"), (133920, "37 h 12 min")])
def test_a_sum_is_told_in_words(seconds: float, said: str) -> None:
    assert words.total(seconds) == said


def test_a_young_moment_is_told_by_its_age_and_names_the_moment_and_its_zone() -> None:
    told = words.ago(NOW - timedelta(minutes=3))
    assert ">3 min. ago<" in told
    assert 'datetime="2026-11-22T09:57:00.000Z"' in told
    assert "11:57:00 (Europe/Kyiv)" in told
    assert "data-ago" in told


def test_an_old_moment_is_told_by_its_date_and_is_left_alone() -> None:
    told = words.ago(NOW - timedelta(days=3))
    assert ">19 Nov, 12:00<" in told
    assert "data-ago" not in told


def test_today_is_the_viewers_today() -> None:
    assert words.short(datetime(2026, 11, 21, 22, 30, tzinfo=UTC)) == "00:30"
    assert words.day(datetime(2026, 11, 21, 21, 30, tzinfo=UTC)) == "Yesterday"
    assert words.short(datetime(2025, 11, 21, 22, 30, tzinfo=UTC)) == "22 Nov 2025, 00:30"


@pytest.mark.parametrize(
    ("name", "letters"), [("Anna Kovalenko", "AK"), ("+380 67 123", "#"), ("Ганна", "Г"), ("", "#")]
)
def test_a_face_has_at_most_two_letters(name: str, letters: str) -> None:
    assert words.initials(name) == letters
