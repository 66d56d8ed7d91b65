"""Changing one's own password: proven by the old one, counted like a sign-in, and every other browser is out."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.domain.access import Role
from hub.people import passwords, signin, users
from hub.people.models import JournalRow, SessionRow
from tests.pipeline.office import Office
from tests.web.company import Browser, Company

OLD, NEW = "correct horse battery", "seven white clouds"
HASHED = passwords.hashed(OLD)
PAGE = "/account/password"


@pytest.fixture
def company(database_url: str, tmp_path: Path) -> Iterator[Company]:
    office = Office.opened(database_url, tmp_path)
    company = Company.opened(office)
    with office.hub.unit_of_work() as session:
        users.user(session, company.people["Mira"]).password = HASHED
    yield company
    office.hub.engine.dispose()


@pytest.fixture
def mira(company: Company) -> Browser:
    return company.browser("Mira")


def change(browser: Browser, current: str = OLD, new: str = NEW, again: str | None = None) -> int:
    form = {"current": current, "password": new, "again": new if again is None else again, "next": "/calls"}
    return int(browser.send("POST", PAGE, data=form).status_code)


def fits(company: Company, password: str) -> bool:
    with company.office.hub.reading() as session:
        return passwords.fits(users.user(session, company.people["Mira"]).password, password)


def test_the_new_one_holds_and_every_other_browser_is_out(company: Company, mira: Browser) -> None:
    other, colleague = company.browser("Mira"), company.browser("Max")
    assert other.send("GET", PAGE).status_code == colleague.send("GET", PAGE).status_code == 200
    assert change(mira) == 303
    assert "Your password is changed" in mira.send("GET", PAGE).text
    assert fits(company, NEW)
    assert not fits(company, OLD)
    assert other.send("GET", PAGE).status_code == 303
    assert colleague.send("GET", PAGE).status_code == 200
    assert len([row for row in company.office.rows(SessionRow) if row.user_id == company.people["Mira"]]) == 1
    (entry,) = [row for row in company.office.rows(JournalRow) if row.action == "user.password"]
    assert (entry.user_id, entry.subject) == (company.people["Mira"], f"user:{company.people['Mira']}")
    assert entry.detail == {}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"current": "something else"}, "This is not the password you have now"),
        ({"new": "short"}, "A password has 10 to 200 characters"),
        ({"new": "x" * 201}, "A password has 10 to 200 characters"),
        ({"new": OLD}, "This is the password you have already"),
        ({"again": "seven black clouds"}, "The two are not the same"),
        ({"current": ""}, "This is not the password you have now"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_changed_or_shown(
    company: Company, mira: Browser, typed: dict[str, str], said: str
) -> None:
    form = {"current": OLD, "new": NEW, "again": typed.get("new", NEW)} | typed
    answer = mira.send("POST", PAGE, data={"current": form["current"], "password": form["new"], "again": form["again"]})
    assert answer.status_code == 422
    assert said.lower() in answer.text.lower()
    for secret in {*form.values()} - {""}:
        assert secret not in answer.text
    assert fits(company, OLD)
    assert mira.send("GET", PAGE).status_code == 200


def test_whoever_guesses_is_made_to_wait_like_at_the_door(company: Company, mira: Browser) -> None:
    for _ in range(signin.TRIES):
        assert change(mira, current="something else") == 422
    answer = mira.send("POST", PAGE, data={"current": OLD, "password": NEW, "again": NEW})
    assert answer.status_code == 429
    assert "Too many tries" in answer.text
    assert fits(company, OLD)


def test_a_right_one_forgets_the_wrong_ones_before_it(mira: Browser) -> None:
    for _ in range(signin.TRIES - 1):
        change(mira, current="something else")
    assert change(mira) == 303
    mira.forget_page()
    assert change(mira, current="something else") == 422


def test_a_program_has_no_password(company: Company) -> None:
    program = company.program(Role.ADMINISTRATOR)
    form = {"current": OLD, "password": NEW, "again": NEW}
    assert program.send("POST", PAGE, data=form).status_code == 409
    assert fits(company, OLD)
