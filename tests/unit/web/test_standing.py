"""How a phone system is told of, in a sentence."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask_babel import Babel

from hub.reads.standing import Phones
from hub.web.pages.standing import Sentence, sentence

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
JUST_NOW = NOW - timedelta(seconds=4)


@pytest.fixture(autouse=True)
def request_in_kyiv() -> Iterator[None]:
    app = Flask(__name__)
    Babel(app, timezone_selector=lambda: "Europe/Kyiv")
    with app.test_request_context(), time_machine.travel(NOW, tick=False):
        yield


def told(state: str, last_at: datetime | None = JUST_NOW, *, held: bool = True) -> Sentence:
    return sentence(Phones(name="pbx", state=state, state_at=NOW, held=held, last_at=last_at))


def test_one_that_delivers_by_itself_is_well_while_it_does() -> None:
    assert told("new", held=False) == Sentence("last event 4 sec. ago", "good")
    assert told("new", NOW - timedelta(days=2), held=False) == Sentence("last event 20 Nov, 12:00", "warn")
    assert told("new", None, held=False) == Sentence("nothing received yet", "warn")


def test_a_line_is_what_its_listener_says() -> None:
    assert told("connected") == Sentence("connected, last event 4 sec. ago", "good")
    assert told("connected", None) == Sentence("connected, nothing received yet", "warn")
    assert told("connecting") == Sentence("connecting, last event 4 sec. ago", "warn")
    assert told("down") == Sentence("no connection since 12:00, last event 4 sec. ago", "bad")


def test_a_line_whose_listener_died_is_not_called_connected() -> None:
    assert told("connected", held=False) == Sentence("nobody listens, last event 4 sec. ago", "bad")
