"""How far a click on a number is, when nothing more is heard of it."""

from datetime import UTC, datetime, timedelta
from typing import Any, get_args, get_type_hints

import pytest
import time_machine

from hub.domain import clock
from hub.web.api.dials import DialShape
from hub.web.pages import dial_words

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def asked(seconds_ago: float, state: str = "calling_you", call_id: str | None = None) -> dict[str, Any]:
    return {"state": state, "call_id": call_id, "created_at": clock.iso(NOW - timedelta(seconds=seconds_ago))}


@pytest.mark.parametrize(
    ("view", "forgotten"),
    [
        (asked(5), False),
        (asked(100), True),
        (asked(100, state="asked"), True),
        (asked(1000, state="talking", call_id="01a2010d"), False),
        (asked(1000, state="cancelled"), False),
        ({"state": "refused", "detail": "you have no phone yet"}, False),
    ],
)
def test_nobody_waits_for_ever_for_a_call_that_never_began(view: dict[str, Any], forgotten: bool) -> None:
    with time_machine.travel(NOW, tick=False):
        assert (dial_words.state_of(view).name == "silent") is forgotten


def test_every_state_a_click_can_have_has_its_words() -> None:
    known = set(get_args(get_type_hints(DialShape)["state"]))
    assert dial_words.STATES.keys() == known | {"silent"}
