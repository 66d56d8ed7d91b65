"""A click on a number calls it, once; how it goes is told as it goes, and it is taken back while it can be."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import func, select, update

from hub.leads.models import ContactRow
from hub.telephony.models import DialRow
from tests.web.pages.company import OTHER_CLIENT, Company
from tests.web.pages.conftest import SignIn

CALL, CALL_AGAIN = "Call +380 67 123 4502", "Call again +380 67 123 4502"
PRESSED_AT_ONCE = """form => new Promise((done) => {
  const place = form.closest("[data-dial]");
  new MutationObserver((_, observer) => {
    const cancel = place.querySelector("form.dial");
    if (!cancel.action.endsWith("/cancel")) return;
    observer.disconnect();
    cancel.requestSubmit();
    done();
  }).observe(place, { childList: true, subtree: true });
  form.requestSubmit();
})"""
"""The call button, and whatever button takes its place in the very moment it does."""


def place(page: Page) -> Locator:
    """Of the card's first number: other tests may have given the card another one."""
    return page.locator(".card-numbers [data-dial]").first


def call_button(page: Page) -> Locator:
    """The number's button; what an earlier test asked for may still stand there."""
    return place(page).get_by_role("button", name=re.compile(r"^Call (again )?\+380 67 123 4502"))


def dials(company: Company) -> int:
    with company.hub.reading() as session:
        return session.scalar(select(func.count()).select_from(DialRow)) or 0


@contextmanager
def slowly(company: Company) -> Iterator[None]:
    """Calls as slow as they were, for whoever wants to do something meanwhile."""
    company.pbx.pace, pace = 1.0, company.pbx.pace
    try:
        yield
    finally:
        company.pbx.pace = pace


@contextmanager
def not_to_be_called(company: Company) -> Iterator[None]:
    _wish(company, do_not_call=True)
    try:
        yield
    finally:
        _wish(company, do_not_call=False)


def _wish(company: Company, *, do_not_call: bool) -> None:
    with company.hub.unit_of_work() as session:
        card = update(ContactRow).where(ContactRow.name == OTHER_CLIENT)
        session.execute(card.values(do_not_call=do_not_call))


def open_card(page: Page) -> None:
    page.goto("/clients?q=lysenko")
    page.get_by_role("link", name=OTHER_CLIENT).click()
    expect(page.get_by_role("heading", name=OTHER_CLIENT, level=1)).to_be_visible()
    expect(call_button(page)).to_be_visible(timeout=20_000)  # what an earlier test asked for is over


def test_a_double_click_starts_one_call_and_says_how_far_it_is(come_as: SignIn, company: Company) -> None:
    page, before = come_as("olena"), dials(company)
    open_card(page)
    call_button(page).dblclick()
    says = place(page).get_by_role("status")
    expect(says).to_have_text("Talking", timeout=20_000)
    expect(says).to_have_text(re.compile(r"Ended: talked \d:\d\d"), timeout=20_000)
    assert dials(company) == before + 1
    expect(place(page).get_by_role("button", name="Call again +380 67 123 4502")).to_be_enabled()
    page.reload()
    expect(says).to_have_text(re.compile(r"Ended: talked \d:\d\d"))
    expect(page.locator("#line").get_by_role("link", name="Outbound call: answered").first).to_be_visible()


def test_the_same_form_sent_twice_without_scripts_is_one_call(come_as: SignIn, company: Company) -> None:
    page, before = come_as("olena"), dials(company)
    open_card(page)
    form = place(page).locator("form.dial")
    fields = form.evaluate("form => Object.fromEntries(new FormData(form))")
    answers = [page.request.post("/dial", form=fields, max_redirects=0).status for _ in range(2)]
    assert answers == [303, 303]
    assert dials(company) == before + 1


def test_a_number_that_cannot_be_dialled_is_refused_in_words(come_as: SignIn, company: Company) -> None:
    page, before = come_as("olena"), dials(company)
    open_card(page)
    field = place(page).locator("form.dial input[name=number]")
    field.evaluate("field => { field.value = '+380\\r\\nAction: Hangup' }")
    call_button(page).click()
    expect(place(page).get_by_role("status")).to_contain_text("Not called")
    assert dials(company) == before


def test_a_call_goes_on_over_a_reload_and_is_hung_up_by_keyboard(come_as: SignIn, company: Company) -> None:
    page, before = come_as("olena"), dials(company)
    open_card(page)
    call_button(page).focus()
    with slowly(company):
        page.keyboard.press("Enter")
        card = place(page)
        calling_you = card.get_by_role("listitem").filter(has_text="Calling you")
        expect(calling_you).to_have_attribute("aria-current", "step", timeout=20_000)
        expect(page.get_by_role("button", name="Cancel the call +380 67 123 4502")).to_be_focused()
        page.reload()
        expect(card.get_by_role("status")).to_have_text("Talking", timeout=20_000)
        hang_up = page.get_by_role("button", name="Hang up +380 67 123 4502")
        expect(hang_up).to_be_enabled()
        hang_up.focus()
        page.keyboard.press("Enter")
        expect(card.get_by_role("status")).to_have_text(re.compile(r"Ended: talked \d:\d\d"), timeout=20_000)
    expect(page.get_by_role("button", name=CALL_AGAIN)).to_be_focused()
    expect(card.get_by_role("link", name="Open the call")).to_be_visible()
    assert dials(company) == before + 1


def test_the_second_half_of_a_double_click_takes_nothing_back(come_as: SignIn) -> None:
    page = come_as("olena")
    open_card(page)
    place(page).locator("form.dial").evaluate(PRESSED_AT_ONCE)
    says = place(page).get_by_role("status")
    expect(says).to_have_text(re.compile("Ended: talked"), timeout=20_000)


def test_a_phone_that_is_away_is_told_before_the_click_and_after_it(come_as: SignIn, company: Company) -> None:
    page = come_as("olena")
    company.pbx.switched_off.add("101")
    try:
        open_card(page)
        away = "Your phone 101 is not reachable: switched off"
        expect(page.locator(".card-numbers").get_by_text(away).first).to_be_visible()
        call_button(page).click()
        refused = "Not called: your phone 101 is not reachable"
        expect(place(page).get_by_role("status")).to_contain_text(refused)
        expect(page.get_by_role("button", name=CALL_AGAIN)).to_be_enabled()
    finally:
        company.pbx.switched_off.discard("101")


def test_who_asked_not_to_be_called_is_not_and_the_card_says_why(come_as: SignIn, company: Company) -> None:
    page, before = come_as("olena"), dials(company)
    with not_to_be_called(company):
        open_card(page)
        expect(page.get_by_role("button", name=CALL)).to_be_disabled()
        reason = "Cannot be called: this client asked not to be called"
        expect(page.locator(".card-numbers").get_by_text(reason).first).to_be_visible()
    assert dials(company) == before


def test_when_hub_is_not_reached_the_button_says_so_and_stays_the_same_click(come_as: SignIn, company: Company) -> None:
    page, before = come_as("olena"), dials(company)
    open_card(page)
    key = place(page).locator("form.dial input[name=key]").input_value()
    page.route("**/dial", lambda route: route.fulfill(status=409))
    call_button(page).click()
    says = place(page).get_by_role("status")
    expect(says).to_contain_text("Hub was not reached")
    assert place(page).locator("form.dial input[name=key]").input_value() == key
    page.unroute("**/dial")
    call_button(page).click()
    expect(says).to_have_text(re.compile("Ended: talked"), timeout=20_000)
    assert dials(company) == before + 1


def test_without_a_place_on_the_line_the_state_is_asked_for(come_as: SignIn) -> None:
    page = come_as("olena")
    page.route("**/dial/*/events*", lambda route: route.fulfill(status=409))
    open_card(page)
    call_button(page).click()
    says = place(page).get_by_role("status")
    expect(says).to_have_text(re.compile("Ended: talked"), timeout=30_000)


def test_whoever_has_no_phone_is_told_so(come_as: SignIn) -> None:
    page = come_as("maria")
    page.goto("/calls")
    page.locator("tr", has_text="+380 67 123 4501").first.locator(".open").click()
    page.get_by_role("button", name="Call +380 67 123 4501").click()
    expect(page.get_by_role("status").filter(has_text="you have no phone yet")).to_be_visible()
