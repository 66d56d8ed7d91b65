"""What holds for each page: nothing wider than the screen, nothing axe finds, nothing the console complains of."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page

from tests.web.pages.company import CLIENT
from tests.web.pages.conftest import SignIn

AXE = (Path(__file__).parents[3] / "frontend/node_modules/axe-core/axe.min.js").read_text()
COLOURS = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
EVERYTHING_ELSE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"color-contrast": {"enabled": False}},
    "resultTypes": ["violations"],
}
PAGES = (
    ("olena", "/live"),
    ("olena", "/live/wall"),
    ("maria", "/calls?outcome=missed&period=month&line=%2B380445551200"),
    ("maria", "/calls?text=nobody-of-that-name"),
    ("olena", "/my-day"),
    ("olena", "/clients"),
    ("olena", "/clients/new?number=0931110001"),
    ("olena", "/account"),
    ("olena", "/account/password"),
    ("admin", "/settings"),
    ("admin", "/settings/connections/pbx"),
    ("admin", "/settings/connections/pbx/settings"),
    ("admin", "/settings/connections/new/twilio"),
    ("admin", "/settings/users"),
    ("admin", "/settings/users/1"),
    ("admin", "/settings/teams"),
    ("admin", "/settings/teams/1"),
    ("admin", "/settings/lines?from=%2B380671234501&to=%2B380445551200"),
    ("admin", "/settings/lines/new"),
    ("admin", "/settings/lines/1"),
    ("admin", "/settings/rules?from=%2B380671234501&to=%2B380445551200"),
    ("admin", "/settings/rules/inbound_missed/new"),
    ("admin", "/settings/tokens"),
    ("admin", "/settings/journal"),
    ("admin", "/settings/guide"),
    ("admin", "/settings/company"),
    ("admin", "/settings/doctor/findings"),
    ("olena", "/no-such-page"),
)
NARROWEST, USUAL, WIDEST = 360, 1280, 2560
THEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
Check = Callable[[Page, str], None]


def named(address: str) -> str:
    """An address as a name of files, without what was asked for in it."""
    return re.sub(r"[^a-z0-9]+", "-", address.partition("?")[0]).strip("-")


@pytest.mark.parametrize(("who", "address"), PAGES)
def test_a_page_is_reachable_for_everybody_and_fits_every_screen(
    come_as: SignIn, check: Check, who: str, address: str
) -> None:
    page = come_as(who)
    page.goto(address)
    check(page, named(address) + ("-empty" if "nobody" in address else ""))


def test_so_are_a_call_and_a_card(come_as: SignIn, check: Check) -> None:
    page = come_as("olena")
    page.goto(f"/calls?text={CLIENT}")
    page.locator("table.calls .open").first.click()
    page.get_by_text("This is somebody else").click()
    page.get_by_label("Find the right card").wait_for()
    check(page, "call")
    page.get_by_role("link", name=CLIENT).first.click()
    page.get_by_role("heading", name=CLIENT, level=1).wait_for()
    check(page, "client")


def test_so_is_the_door(come_as: SignIn, check: Check) -> None:
    page = come_as("olena")
    page.context.clear_cookies()
    page.goto("/sign-in")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    check(page, "sign-in")


def test_so_is_the_menu_of_one_s_account(come_as: SignIn, check: Check) -> None:
    page = come_as("olena")
    page.goto("/calls")
    page.locator("details.me summary").click()
    check(page, "menu")


def look_at(page: Page, picture: Path) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.evaluate(AXE)
    for scheme in THEMES:
        page.emulate_media(color_scheme=scheme)
        assert violations(page, COLOURS) == []
    stretch(page, USUAL)
    assert violations(page, EVERYTHING_ELSE) == []
    for width in (WIDEST, 768, NARROWEST):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    stretch(page, NARROWEST)
    assert violations(page, EVERYTHING_ELSE) == []
    take(page, picture)
    page.set_viewport_size({"width": USUAL, "height": 800})


def take(page: Page, picture: Path) -> None:
    """A picture for each width and theme, of as much as one sees without scrolling."""
    for width in (NARROWEST, USUAL, WIDEST):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in THEMES:
            page.emulate_media(color_scheme=scheme)
            # The cursor stays as it is: hiding it would take a style written into the page, which the policy forbids.
            file = picture.with_name(f"{picture.name}-{width}-{scheme}.png")
            page.screenshot(path=file, animations="disabled", caret="initial")


def stretch(page: Page, width: int) -> None:
    """Have the whole page in sight: a person scrolls free what a bar at the edge lies over, axe does not."""
    page.set_viewport_size({"width": width, "height": 800})
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": max(800, height + 100)})


def violations(page: Page, rules: dict[str, Any]) -> list[str]:
    """What axe finds wrong, each with the element it found it on."""
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, rules)", rules)
    return [
        f"{violation['id']}: {node['html']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
