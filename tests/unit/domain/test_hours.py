"""Business time: as a clock on the wall would count it, on days of 23, 24 and 25 hours."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.errors import Invalid
from hub.domain.hours import DAYS, BusinessHours

KYIV = ZoneInfo("Europe/Kyiv")
WEEK: dict[str, Any] = {day: [["09:00", "18:00"]] for day in DAYS[:5]}


def kyiv(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=KYIV)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        (kyiv(23, 10), 15, kyiv(23, 10, 15)),
        (kyiv(23, 8), 15, kyiv(23, 9, 15)),  # before opening
        (kyiv(23, 17, 50), 15, kyiv(24, 9, 5)),  # over the night
        (kyiv(27, 17, 50), 15, kyiv(30, 9, 5)),  # over the week-end
        (kyiv(28, 12), 15, kyiv(30, 9, 15)),  # on Saturday
        (kyiv(23, 17, 45), 15, kyiv(23, 18)),  # just before closing
        (kyiv(23, 18), 0, kyiv(24, 9)),  # closed: no time is next opening
        (kyiv(23, 12), 0, kyiv(23, 12)),
        (kyiv(23, 9), 9 * 60 * 5, kyiv(27, 18)),
    ],
)
def test_the_clock_runs_while_the_line_is_open(start: datetime, minutes: int, end: datetime) -> None:
    assert BusinessHours.parse(WEEK, "Europe/Kyiv").after(start, minutes) == end


def test_a_holiday_is_closed() -> None:
    hours = BusinessHours.parse(WEEK | {"holidays": ["2026-11-24", "2026-11-25"]}, "Europe/Kyiv")
    assert hours.after(kyiv(23, 17, 50), 15) == kyiv(26, 9, 5)


def test_without_hours_it_is_always_open() -> None:
    assert BusinessHours.parse(None, "Europe/Kyiv").after(kyiv(28, 3), 15) == kyiv(28, 3, 15)


def test_a_line_that_never_opens_counts_plain_time() -> None:
    assert BusinessHours.parse({}, "Europe/Kyiv").after(kyiv(28, 3), 15) == kyiv(28, 3, 15)


def test_a_night_shift_ends_on_the_next_day() -> None:
    hours = BusinessHours.parse({"sun": [["22:00", "06:00"]]}, "Europe/Kyiv")
    assert hours.after(kyiv(22, 23, 50), 30) == kyiv(23, 0, 20)
    assert hours.after(kyiv(23, 5, 50), 30) == kyiv(29, 22, 20)


def test_overlapping_shifts_count_once() -> None:
    hours = BusinessHours.parse({"mon": [["12:00", "18:00"], ["09:00", "13:00"]]}, "Europe/Kyiv")
    assert hours.after(kyiv(23, 9), 9 * 60) == kyiv(23, 18)


@pytest.mark.parametrize(("month", "day", "length"), [(3, 29, 23), (10, 25, 25), (6, 14, 24)])
def test_a_whole_day_has_as_many_hours_as_it_has(month: int, day: int, length: int) -> None:
    hours = BusinessHours.parse({"sun": [["00:00", "24:00"]]}, "Europe/Kyiv")
    opens = datetime(2026, month, day, tzinfo=KYIV)
    closes = datetime(2026, month, day + 1, tzinfo=KYIV)
    assert hours.after(opens, length * 60) == closes
    assert hours.after(opens, length * 60 + 1) > closes + timedelta(days=5)


def test_an_hour_that_does_not_exist_is_not_worked() -> None:
    """On the 29th of March the clock goes from 03:00 to 04:00."""
    hours = BusinessHours.parse({"sun": [["02:30", "04:30"]]}, "Europe/Kyiv")
    start = datetime(2026, 3, 29, 2, 30, tzinfo=KYIV)
    assert hours.after(start, 60) == datetime(2026, 3, 29, 4, 30, tzinfo=KYIV)


def test_an_hour_that_comes_twice_is_worked_twice() -> None:
    """On the 25th of October the clock goes from 04:00 back to 03:00."""
    hours = BusinessHours.parse({"sun": [["02:30", "04:30"]]}, "Europe/Kyiv")
    start = datetime(2026, 10, 25, 2, 30, tzinfo=KYIV)
    assert hours.after(start, 3 * 60) == datetime(2026, 10, 25, 4, 30, tzinfo=KYIV)


# Off the hours in which clocks are changed, so that a wall clock alone can tell whether a minute is open.
SAFE = st.integers(5 * 60, 24 * 60).map(lambda minute: minute - minute % 5)
SHIFTS = st.lists(st.tuples(SAFE, SAFE).filter(lambda pair: pair[0] < pair[1]), max_size=3)
HOURS = st.dictionaries(st.sampled_from(DAYS), SHIFTS, max_size=7)
ZONES = st.sampled_from(
    ["Europe/Kyiv", "Europe/Riga", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]
)

MOMENTS = st.integers(0, 2 * 366 * 24 * 60).map(
    lambda minute: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
)


def spelled(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def by_wall_clock(
    shifts: dict[str, list[tuple[int, int]]], zone: ZoneInfo, start: datetime, minutes: int
) -> datetime | None:
    """Walk minute by minute and look at the wall; None when ten days were not enough."""
    moment, left = start, minutes
    for _ in range(10 * 24 * 60):
        local = moment.astimezone(zone)
        wall = local.hour * 60 + local.minute
        if any(opens <= wall < closes for opens, closes in shifts.get(DAYS[local.weekday()], [])):
            if left == 0:
                return moment
            left -= 1
            if left == 0:
                return moment + timedelta(minutes=1)
        moment += timedelta(minutes=1)
    return None


@given(HOURS, ZONES, MOMENTS, st.integers(0, 2000))
def test_it_agrees_with_a_wall_clock(
    shifts: dict[str, list[tuple[int, int]]], zone: str, start: datetime, minutes: int
) -> None:
    expected = by_wall_clock(shifts, ZoneInfo(zone), start, minutes)
    if expected is not None:
        said = {day: [[spelled(opens), spelled(closes)] for opens, closes in pairs] for day, pairs in shifts.items()}
        assert BusinessHours.parse(said, zone).after(start, minutes) == expected


@given(HOURS, ZONES, MOMENTS)
def test_more_time_is_never_sooner(shifts: dict[str, list[tuple[int, int]]], zone: str, start: datetime) -> None:
    said = {day: [[spelled(opens), spelled(closes)] for opens, closes in pairs] for day, pairs in shifts.items()}
    hours = BusinessHours.parse(said, zone)
    moments = [hours.after(start, minutes) for minutes in (0, 1, 15, 60, 600)]
    assert start <= moments[0]
    assert moments == sorted(moments)


@pytest.mark.parametrize(
    ("hours", "zone", "field"),
    [
        ({}, "Europe/Atlantis", "timezone"),
        ({}, "../../etc/passwd", "timezone"),
        ({}, "Europe", "timezone"),
        ({}, "", "timezone"),
        ({}, "a\x00b", "timezone"),
        ({"monday": []}, "UTC", "hours"),
        ({"mon": "09:00-18:00"}, "UTC", "hours"),
        ({"mon": 5}, "UTC", "hours"),
        ({"mon": [["09:00"]]}, "UTC", "hours"),
        ({"mon": [["9:00", "18:00"]]}, "UTC", "hours"),
        ({"mon": [["09:60", "18:00"]]}, "UTC", "hours"),
        ({"mon": [["24:00", "06:00"]]}, "UTC", "hours"),
        ({"mon": [["09:00", "24:01"]]}, "UTC", "hours"),
        ({"mon": [["٠٩:00", "18:00"]]}, "UTC", "hours"),
        ({"mon": [[9, 18]]}, "UTC", "hours"),
        ({"mon": [["09:00", "18:00"]] * 11}, "UTC", "hours"),
        ({"holidays": ["24.12.2026"]}, "UTC", "hours"),
        ({"holidays": "2026-12-24"}, "UTC", "hours"),
        ({"holidays": [20261224]}, "UTC", "hours"),
    ],
)
def test_wrong_hours_say_what_is_wrong_and_never_stop_a_call(hours: dict[str, Any], zone: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        BusinessHours.parse(hours, zone)
    assert refused.value.field == field
    assert BusinessHours.lenient(hours, zone).after(kyiv(28, 3), 15) == kyiv(28, 3, 15)


def test_a_shift_of_a_whole_day_is_a_day() -> None:
    hours = BusinessHours.parse({"mon": [["00:00", "24:00"]]}, "UTC")
    opens = datetime.combine(date(2026, 11, 23), time(), tzinfo=UTC)
    assert hours.after(opens, 24 * 60) == opens + timedelta(days=1)
