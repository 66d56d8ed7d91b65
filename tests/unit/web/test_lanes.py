"""A call drawn on one line of time."""

from datetime import UTC, datetime
from typing import Any

from hub.web.pages.lanes import WIDTH, end_of, lanes

NOW = datetime(2026, 11, 22, 10, 5, tzinfo=UTC)


def at(second: int) -> str:
    return f"2026-11-22T10:{second // 60:02}:{second % 60:02}.000Z"


def leg(extension: str, rang: int, answered: int | None, left: int | None, via: str = "direct") -> dict[str, Any]:
    return {
        "extension": extension,
        "user_id": None,
        "rang_at": at(rang),
        "answered_at": None if answered is None else at(answered),
        "left_at": None if left is None else at(left),
        "outcome": "answered" if answered else "no_answer",
        "via": via,
    }


def call(*legs: dict[str, Any], ended: int | None = 100, **more: Any) -> dict[str, Any]:
    times = {"started_at": at(0), "answered_at": at(20), "ended_at": None if ended is None else at(ended)}
    return {"initiated_by": None, "legs": list(legs), **times, **more}


def drawn(call: dict[str, Any], holds: list[tuple[str, str]] | None = None) -> list[list[tuple[str, float, float]]]:
    return [[(bar.kind, bar.x, bar.width) for bar in lane.bars] for lane in lanes(call, holds or [], NOW)]


def test_a_phone_that_rang_and_one_that_talked() -> None:
    found = drawn(call(leg("101", 0, None, 20), leg("102", 0, 20, 100)))
    assert found == [[("ring", 0, 200)], [("ring", 0, 200), ("talk", 200, 800)]]


def test_hold_lies_over_the_talk_it_interrupts() -> None:
    found = drawn(call(leg("101", 0, 20, 60), leg("102", 60, 70, 100)), [(at(30), at(40))])
    assert found[0][2:] == [("hold", 300, 100)]
    assert [kind for kind, *_ in found[1]] == ["ring", "talk"]


def test_whoever_placed_the_call_talks_until_it_is_handed_over() -> None:
    placed = call(leg("102", 50, 60, 100, "transfer_blind"), initiated_by={"extension": "101", "user_id": 7})
    assert drawn(placed)[0] == [("ring", 0, 200), ("talk", 200, 400)]


def test_an_open_call_reaches_until_now() -> None:
    going_on = call(leg("101", 0, 60, None), ended=None)
    assert drawn(going_on) == [[("ring", 0, 200), ("talk", 200, 800)]]
    assert end_of(going_on, NOW) == NOW


def test_a_second_in_an_hour_is_still_seen_and_stays_inside() -> None:
    found = drawn(call(leg("101", 3598, None, 3599), ended=3599))
    ((_, x, width),) = found[0]
    assert width > 0
    assert x + width <= WIDTH
