"""Every error a person can meet: plain words, a way back, and an id that also stands in the log line."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from flask import abort
from sqlalchemy.exc import OperationalError
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from hub.domain.errors import Conflict, Invalid
from hub.people.signin import TooManyTries
from hub.web.auth import public
from tests.pipeline.office import Office
from tests.web.company import Browser, Company

ERRORS: Mapping[int, tuple[str, Callable[[], None]]] = {
    403: ("Not allowed", lambda: abort(403)),
    404: ("Not found", lambda: abort(404)),
    405: ("Not in this way", lambda: abort(405)),
    409: ("there is one of that name already", lambda: _raise(Conflict("there is one of that name already"))),
    413: ("Too much at once", lambda: abort(413)),
    415: ("Not in this form", lambda: abort(415)),
    422: ("That did not work", lambda: abort(422)),
    429: ("Too many tries", lambda: _raise(TooManyTries(timedelta(seconds=30)))),
    500: ("Something broke", lambda: _raise(ZeroDivisionError("a secret of the inside"))),
    503: ("Not now", lambda: _raise(OperationalError("SELECT secret", {}, Exception("gone")))),
}


def _raise(error: Exception) -> None:
    raise error


def _view(fail: Callable[[], None]) -> Callable[[], str]:
    def view() -> str:
        fail()
        return "nothing failed"

    return view


@pytest.fixture
def company(sqlite_url: str, tmp_path: Path) -> Iterator[Company]:
    office = Office.opened(sqlite_url, tmp_path)
    company = Company.opened(office)
    for status, (_, fail) in ERRORS.items():
        company.app.add_url_rule(f"/fails/{status}", f"fails{status}", public(_view(fail)))
    yield company
    office.hub.engine.dispose()


@pytest.mark.parametrize("status", ERRORS)
def test_it_is_told_in_plain_words_with_the_id_of_its_log_line(company: Company, status: int) -> None:
    mira = company.browser("Mira")
    with capture_logs(processors=[merge_contextvars]) as lines:
        answer = mira.send("GET", f"/fails/{status}", headers={"Referer": "http://localhost/calls?text=x"})
    assert answer.status_code == status
    assert ERRORS[status][0] in answer.text
    assert 'href="/calls?text=x">Go back' in answer.text
    assert "inside" not in answer.text
    assert "SELECT" not in answer.text
    request_id = answer.headers["X-Request-Id"]
    assert request_id in answer.text
    assert [line["status"] for line in lines if line.get("request_id") == request_id and "status" in line] == [status]


def test_the_way_back_never_leads_elsewhere(company: Company) -> None:
    mira = company.browser("Mira")
    for came in ("https://evil.example/x", "//evil.example", "http://localhost/settings", "nonsense", ""):
        answer = mira.send("GET", "/settings", headers={"Referer": came})
        assert answer.status_code == 403
        assert "Go back" not in answer.text
        assert "Go to the start" in answer.text


def test_a_part_of_a_page_gets_the_words_alone(company: Company) -> None:
    answer = company.browser("Mira").send("GET", "/fails/500", headers={"HX-Request": "true"})
    assert "<html" not in answer.text
    assert answer.headers["X-Request-Id"] in answer.text


def test_a_field_that_does_not_fit_is_named(company: Company) -> None:
    company.app.add_url_rule("/unfit", "unfit", public(_view(lambda: _raise(Invalid("no such owner", "owner_id")))))
    answer = Browser(company.app.test_client()).send("GET", "/unfit")
    assert answer.status_code == 409
    assert "no such owner" in answer.text
