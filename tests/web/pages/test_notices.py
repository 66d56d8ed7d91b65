"""Notifications of the browser: only for whoever pressed for them, only while no page of Hub is in sight, once a call.

A headless browser shows its pages always, so a page is told here that it is hidden; notifications are the browser's
own, and a page only keeps hold of those it shows.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from hub.telephony.simulator import Cast
from tests.waiting import until
from tests.web.pages.company import OTHER_CLIENT, OTHER_NUMBER, Company, called_by
from tests.web.pages.conftest import SignIn

RINGS = 15_000
KEEPS_HOLD = """
window.shown = [];
window.Notification = class extends Notification {
  constructor(title, options) { super(title, options); window.shown.push(this); }
};
"""
HIDE = """hidden => {
  const say = (name, value) => Object.defineProperty(document, name, { configurable: true, get: () => value });
  say("hidden", hidden);
  say("visibilityState", hidden ? "hidden" : "visible");
  document.dispatchEvent(new Event("visibilitychange"));
}"""
SHOWN = "shown.map(each => [each.title, each.body])"


@pytest.fixture
def olena(come_as: SignIn, company: Company) -> Iterator[Page]:
    """At a page that is not the board, in a browser that lets Hub notify."""
    page = come_as("olena")
    page.context.grant_permissions(["notifications"])
    page.context.add_init_script(KEEPS_HOLD)
    page.goto("/calls")
    yield page
    until(company.quiet, seconds=60, what="the end of the calls")


def press(page: Page) -> None:
    page.locator("details.me summary").click()
    page.get_by_role("button", name="Notify me while Hub is out of sight").click()


def hide(page: Page, *, hidden: bool = True) -> None:
    page.evaluate(HIDE, hidden)


def hidden_and_listening(page: Page) -> None:
    with page.expect_response(lambda answer: "/events" in answer.url):
        hide(page)


def test_a_ringing_call_is_told_out_of_sight_and_a_press_on_it_opens_the_card(olena: Page, company: Company) -> None:
    press(olena)
    expect(olena.get_by_role("button", name="Notify me", pressed=True)).to_be_visible()
    hidden_and_listening(olena)
    company.pbx.play("01-inbound-answered", speed=4, cast=called_by(OTHER_NUMBER))
    until(lambda: olena.evaluate(SHOWN), seconds=15, what="a notification")
    ((title, body),) = olena.evaluate(SHOWN)
    assert title == f"Your phone rings: {OTHER_CLIENT}"
    assert "Savchenko Windows" in body
    olena.evaluate("shown[0].dispatchEvent(new Event('click'))")
    expect(olena.get_by_role("heading", name=OTHER_CLIENT, level=1)).to_be_visible()
    until(company.quiet, seconds=60, what="the end of the call")
    assert len(olena.evaluate(SHOWN)) == 1, "once, though the call rang, was answered and ended"


def test_of_two_pages_out_of_sight_one_tells_and_none_while_another_is_in_sight(olena: Page, company: Company) -> None:
    press(olena)
    other = olena.context.new_page()
    other.goto("/clients")
    hidden_and_listening(olena)
    company.pbx.play("01-inbound-answered", speed=4, cast=called_by(OTHER_NUMBER))
    expect(other.locator("#dock article", has_text=OTHER_CLIENT)).to_be_visible(timeout=RINGS)
    until(company.quiet, seconds=60, what="the end of the call")
    assert olena.evaluate(SHOWN) + other.evaluate(SHOWN) == []
    hide(other)
    company.pbx.play("01-inbound-answered", speed=4, cast=called_by(OTHER_NUMBER))
    until(lambda: olena.evaluate(SHOWN) + other.evaluate(SHOWN), seconds=15, what="a notification")
    until(company.quiet, seconds=60, what="the end of the call")
    assert len(olena.evaluate(SHOWN) + other.evaluate(SHOWN)) == 1


def test_a_missed_call_is_told_to_reception_whose_board_is_out_of_sight(olena: Page, company: Company) -> None:
    olena.goto("/live")
    press(olena)
    hide(olena)
    company.pbx.play("02-inbound-missed-ring-timeout", speed=8, cast=Cast(clients={"501112233": "501113377"}))
    missed = "Missed call: +380 50 111 3377"
    until(lambda: missed in [title for title, _ in olena.evaluate(SHOWN)], seconds=30, what="the missed call")


def test_nothing_is_told_unasked_and_a_refusal_is_said_in_words(come_as: SignIn) -> None:
    page = come_as("olena")
    page.context.grant_permissions(["geolocation"])  # what is not named is refused
    page.goto("/calls")
    assert page.evaluate("Notification.permission") == "denied"
    press(page)
    expect(page.get_by_text("The browser refused.")).to_be_visible()
    expect(page.get_by_role("button", name="Notify me", pressed=False)).to_be_visible()


def test_whoever_presses_again_is_left_alone(olena: Page, company: Company) -> None:
    press(olena)
    olena.get_by_role("button", name="Notify me").click()
    olena.reload()
    olena.locator("details.me summary").click()
    expect(olena.get_by_role("button", name="Notify me", pressed=False)).to_be_visible()
    hide(olena)
    assert company.quiet()
    assert olena.evaluate(SHOWN) == []
