"""The pages in other languages, in a browser: a language is chosen in the menu, and its longer words fit."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page

from tests.web.pages.company import CLIENT
from tests.web.pages.conftest import SignIn
from tests.web.pages.test_every_page import NARROWEST, PAGES

LANGUAGES = ["uk", "ru", "lv"]
WIDTHS = (1280, 768, NARROWEST)
AGE = '<time data-ago="2026-01-01T10:00:00.000Z"></time>'


@contextmanager
def speaking(page: Page, language: str) -> Iterator[None]:
    """The company is shared: whoever comes next finds English again."""
    choose(page, language)
    try:
        yield
    finally:
        choose(page, "en")


def choose(page: Page, language: str) -> None:
    page.goto("/account")
    page.locator("details.me summary").click()
    page.locator(f".me-languages button[value={language}]").click()
    page.locator(f"html[lang={language}]").wait_for()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("who", ["olena", "maria", "admin"])
def test_longer_words_fit_every_screen(come_as: SignIn, who: str, language: str) -> None:
    page = come_as(who)
    with speaking(page, language):
        for address in [address for name, address in PAGES if name == who]:
            page.goto(address)
            check_width(page)
        if who == "olena":
            page.goto(f"/calls?text={CLIENT}")
            page.locator("table.calls .open").first.click()
            check_width(page)
            page.get_by_role("link", name=CLIENT).first.click()
            page.get_by_role("heading", name=CLIENT, level=1).wait_for()
            check_width(page)


def check_width(page: Page) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    page.set_viewport_size({"width": 1280, "height": 800})


@pytest.mark.parametrize(("language", "ago"), [("uk", "тому"), ("ru", "назад"), ("lv", "pirms")])
def test_an_age_is_told_anew_in_the_words_it_began_with(come_as: SignIn, language: str, ago: str) -> None:
    page = come_as("maria")
    with speaking(page, language):
        page.clock.install()
        page.goto("/live")
        page.evaluate(f"document.querySelector('main').innerHTML = `{AGE}`")
        page.clock.run_for(16_000)
        assert ago in page.locator("[data-ago]").first.inner_text()
