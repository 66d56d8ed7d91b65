"""Whose language a page is in, and how one chooses it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from hub.domain.access import Role
from hub.people.models import JournalRow, UserRow
from tests.pipeline.office import Office
from tests.web.company import Browser, Company

GREETING = {"en": "Sign in", "uk": "Увійти", "ru": "Войти", "lv": "Ieiet"}
CALLS = {"en": "Calls", "uk": "Дзвінки", "ru": "Звонки", "lv": "Zvani"}


@pytest.fixture(scope="module")
def company(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("company")
    shutil.copyfile(sqlite_template, folder / "hub.db")
    office = Office.opened(f"sqlite:///{folder / 'hub.db'}", folder)
    yield Company.opened(office)
    office.hub.engine.dispose()


@pytest.fixture
def mira(company: Company) -> Browser:
    """Signed in anew, with English pages."""
    browser = company.browser("Mira")
    browser.send("POST", "/account", data={"language": "en"})
    return browser


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("uk-UA,uk;q=0.9,en;q=0.5", "uk"),
        ("ru", "ru"),
        ("lv-LV,en;q=0.5", "lv"),
        ("de-DE,fr;q=0.9", "en"),
        ("de,lv;q=0.3", "lv"),
        ("", "en"),
        ("*", "en"),
        ("x" * 3000 + ";q=\x7f", "en"),
    ],
)
def test_a_stranger_is_greeted_in_the_language_the_browser_asks_for(
    company: Company, asked: str, language: str
) -> None:
    client = company.app.test_client()
    page = client.get("/sign-in", headers={"Accept-Language": asked})
    assert f'<html lang="{language}"' in page.text
    assert f"<h1>{GREETING[language]}</h1>" in page.text
    lost = client.get("/no-such-page", headers={"Accept-Language": asked})
    assert lost.status_code == 404
    assert f'<html lang="{language}"' in lost.text


@pytest.mark.parametrize("language", CALLS)
def test_a_chosen_language_stays_whatever_the_browser_asks_for(company: Company, mira: Browser, language: str) -> None:
    answer = mira.send("POST", "/account", data={"language": language, "next": "/calls?outcome=missed"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/calls?outcome=missed")
    page = mira.send("GET", "/calls", headers={"Accept-Language": "de,ru;q=0.5"})
    assert f'<html lang="{language}"' in page.text
    assert f"<h1>{CALLS[language]}</h1>" in page.text
    with company.office.hub.reading() as session:
        row = session.scalars(select(JournalRow).order_by(JournalRow.id.desc())).first()
        assert row is not None
        assert (row.action, row.subject, row.detail) == (
            "user.edited",
            f"user:{company.people['Mira']}",
            {"fields": ["language"]},
        )


def test_the_zone_of_one_s_times_is_chosen_too(company: Company, mira: Browser) -> None:
    mira.send("POST", "/account", data={"timezone": "Europe/Riga"})
    assert "Europe/Riga" in mira.send("GET", "/calls").text
    with company.office.hub.reading() as session:
        assert session.get_one(UserRow, company.people["Mira"]).timezone == "Europe/Riga"


@pytest.mark.parametrize(
    "given",
    [{"language": "xx"}, {"language": "\x00"}, {"timezone": "Mars/Base"}, {"timezone": "<script>" * 500}],
)
def test_what_is_no_language_or_zone_is_refused_beside_its_field(mira: Browser, given: dict[str, str]) -> None:
    answer = mira.send("POST", "/account", data=given)
    assert answer.status_code == 422
    (name,) = given
    assert f'id="wrong-{name}"' in answer.text
    assert "<script><script>" not in answer.text


def test_nobody_is_sent_elsewhere_by_the_form(mira: Browser) -> None:
    for elsewhere in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        answer = mira.send("POST", "/account", data={"language": "uk", "next": elsewhere})
        assert answer.headers["Location"] == "/"
        assert f'href="{elsewhere}' not in mira.send("GET", f"/account?next={elsewhere}").text


def test_a_program_has_no_account_and_changes_nobody_s(company: Company) -> None:
    program = company.program(Role.ADMINISTRATOR, user_id=company.people["Adam"])
    assert program.send("POST", "/account", data={"language": "lv"}).status_code == 409
    with company.office.hub.reading() as session:
        assert session.get_one(UserRow, company.people["Adam"]).language == "en"


def test_what_the_inside_says_is_told_in_the_viewer_s_language(company: Company, mira: Browser) -> None:
    mira.send("POST", "/account", data={"language": "uk"})
    text = mira.send("GET", f"/calls/{company.things['Mira'].call}").text
    assert "на цій картці є номер +380 67 123 4500" in text
    assert "stands on this card" not in text
    api = mira.send("GET", f"/api/v1/calls/{company.things['Mira'].call}").json
    assert "stands on this card" in api["match"]["why"]


def test_a_page_of_trouble_asks_nothing_of_a_database_that_is_away(
    mira: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("away"))

    monkeypatch.setattr("hub.people.signin.viewer_of_session", away)
    answer = mira.send("GET", "/calls", headers={"Accept-Language": "lv"})
    assert answer.status_code == 503
    assert "Ne tagad" in answer.text
    assert answer.headers["Retry-After"]
