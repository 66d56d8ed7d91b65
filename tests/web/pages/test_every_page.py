"""What holds for each page: nothing wider than the screen, nothing axe finds, nothing the console complains of."""

from pathlib import Path
from typing import Any

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
NARROWEST, WIDEST = 360, 2560


@pytest.mark.parametrize(("who", "address"), PAGES)
def test_a_page_is_reachable_for_everybody_and_fits_every_screen(come_as: SignIn, who: str, address: str) -> None:
    page = come_as(who)
    page.goto(address)
    check(page)


def test_so_are_a_call_and_a_card(come_as: SignIn) -> None:
    page = come_as("olena")
    page.goto(f"/calls?text={CLIENT}")
    page.locator("table.calls .open").first.click()
    page.get_by_text("This is somebody else").click()
    page.get_by_label("Find the right card").wait_for()
    check(page)
    page.get_by_role("link", name=CLIENT).first.click()
    page.get_by_role("heading", name=CLIENT, level=1).wait_for()
    check(page)


def test_so_is_the_door(come_as: SignIn) -> None:
    page = come_as("olena")
    page.context.clear_cookies()
    page.goto("/sign-in")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    check(page)


def check(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.evaluate(AXE)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page, COLOURS) == []
    stretch(page, 1280)
    assert violations(page, EVERYTHING_ELSE) == []
    for width in (WIDEST, 768, NARROWEST):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    stretch(page, NARROWEST)
    assert violations(page, EVERYTHING_ELSE) == []
    page.set_viewport_size({"width": 1280, "height": 800})


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
