"""Every word of every page goes through gettext: with a language that marks what it says, nothing else is left."""

import html
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.support import NullTranslations

from tests.pipeline.office import Office
from tests.web.company import Browser, Company
from tests.web.test_access_matrix import MATRIX, _send

READ = [name for name in MATRIX if name.startswith("GET pages.") and "events" not in name and "csv" not in name]
PEOPLE = ("Mira", "Rita", "Sofia", "Adam")
MARKED = re.compile("⟦[^⟦⟧]*⟧")
HEARD = re.compile(r'(?:aria-label|title|placeholder|alt|data-[\w-]*(?:word|said|lost|copied)[\w-]*)="([^"]*)"')
SENTENCE = re.compile(r"\b[a-z]{3,} [a-z]{2,}\b")
"""Two small words in a row: names, brands, dates and zones have none."""
OURS = {"call of", "the offer"}
"""What the company of these tests calls its calls and tasks."""


class Marking(NullTranslations):
    """Puts what was said through gettext into brackets."""

    def ugettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ungettext(self, singular: str, plural: str, num: int) -> str:
        return f"⟦{plural}⟧"

    def upgettext(self, context: str, message: str) -> str:
        return f"⟦{message}⟧"


@pytest.fixture(scope="module")
def company(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("company")
    shutil.copyfile(sqlite_template, folder / "hub.db")
    office = Office.opened(f"sqlite:///{folder / 'hub.db'}", folder)
    yield Company.opened(office)
    office.hub.engine.dispose()


@pytest.fixture(scope="module")
def browsers(company: Company) -> dict[str, Browser]:
    return {name: company.browser(name) for name in PEOPLE}


@pytest.fixture(autouse=True)
def marking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flask_babel.Domain.get_translations", lambda _: Marking())


@pytest.mark.parametrize("name", READ)
def test_no_word_of_a_page_is_said_past_gettext(company: Company, browsers: dict[str, Browser], name: str) -> None:
    for browser in browsers.values():
        response = _send(company, browser, name, company.things["Mira"])
        if response.status_code == 200 and response.mimetype == "text/html":
            assert set(SENTENCE.findall(said_past_gettext(response.text))) <= OURS


def test_a_word_said_past_gettext_would_be_noticed() -> None:
    page = '<p title="⟦Call back⟧">⟦%(num)s calls⟧ that were missed</p><input placeholder="type it here">'
    assert SENTENCE.findall(said_past_gettext(page)) == ["that were", "type it"]


def said_past_gettext(page: str) -> str:
    """What is shown or read out of a page and has no brackets around it."""
    shown = re.sub(r"<[^>]+>", " | ", page)
    text = html.unescape(" | ".join((shown, *HEARD.findall(page))))
    while MARKED.search(text):
        text = MARKED.sub(" | ", text)
    return " ".join(text.split())
