"""Clients: the list, the search on top, and the card."""

import re

from playwright.sync_api import expect

from tests.waiting import until
from tests.web.pages.company import CLIENT, CLIENT_NUMBER, OTHER_CLIENT
from tests.web.pages.conftest import SignIn


def test_typing_into_the_list_finds_a_client_by_company_and_by_number(come_as: SignIn) -> None:
    page = come_as("olena")
    page.goto("/clients")
    field = page.get_by_label("Name, company, number or address")
    field.fill("lysenko")
    expect(page.locator("#clients tbody tr")).to_have_count(1)
    expect(page.locator("#clients")).to_contain_text(OTHER_CLIENT)
    field.fill("067 123 45 01")
    expect(page.locator("#clients")).to_contain_text(CLIENT)
    field.fill("nobody of that name")
    expect(page.get_by_role("heading", name="Nobody here")).to_be_visible()


def test_the_search_on_top_answers_while_typing_and_is_walked_by_arrows(come_as: SignIn) -> None:
    page = come_as("olena")
    page.keyboard.press("/")
    expect(page.get_by_label("Find a client")).to_be_focused()
    page.keyboard.type("savch")
    expect(page.locator(".found-item", has_text=CLIENT)).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/clients/\d+$"))


def test_commands_of_the_search_are_walked_by_arrows_too(come_as: SignIn) -> None:
    page = come_as("olena")
    page.keyboard.press("/")
    page.keyboard.type("go to my")
    expect(page.locator(".found-item", has_text="Go to My day")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My day", level=1)).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("call savch")
    expect(page.get_by_role("button", name=re.compile(f"Call {CLIENT}"))).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.type("new client Petro Zahidnyi")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Petro Zahidnyi")


def test_a_card_tells_its_calls_on_one_line_of_time_and_narrows_them(come_as: SignIn) -> None:
    page = come_as("olena")
    page.goto(f"/clients?q={CLIENT_NUMBER.removeprefix('+')}")
    page.get_by_role("link", name=CLIENT).click()
    expect(page.get_by_role("heading", name=CLIENT, level=1)).to_be_visible()
    line = page.locator("#line")
    expect(line.get_by_role("link", name=re.compile("call: answered")).first).to_be_visible()
    line.get_by_role("link", name="Notes").click()
    expect(page).to_have_url(re.compile("kind=notes"))
    expect(line.get_by_role("link", name=re.compile("call: answered"))).to_have_count(0)


def test_the_line_of_time_goes_on_as_one_scrolls_with_each_day_named_once(come_as: SignIn) -> None:
    page = come_as("olena")
    page.goto(f"/clients?q={CLIENT_NUMBER.removeprefix('+')}")
    page.get_by_role("link", name=CLIENT).click()
    earlier = page.locator("#line").get_by_role("link", name="Earlier")
    address = earlier.get_attribute("href")
    earlier.scroll_into_view_if_needed()
    entries = page.locator("#line .entry")
    until(lambda: entries.count() > 30, what="what was earlier below the rest")
    days = page.locator("#line .day").all_text_contents()
    assert len(days) == len(set(days))
    assert address is not None
    page.goto(address)
    expect(page.locator("#line").get_by_role("link", name="Newest")).to_be_visible()


def test_a_note_is_kept_with_its_author_and_its_line_ends(come_as: SignIn) -> None:
    page = come_as("olena")
    page.goto("/clients?q=lysenko")
    page.get_by_role("link", name=OTHER_CLIENT).click()
    page.get_by_label("New note").fill("Wants <b>40 windows</b>\ncall after the 15th")
    page.get_by_role("button", name="Save the note").click()
    entry = page.locator(".entry", has_text="Wants <b>40 windows</b>")
    expect(entry).to_contain_text("Olena Kovalenko")
    expect(page.get_by_label("New note")).to_have_value("")


def test_whoever_may_not_write_gets_no_form_for_notes(come_as: SignIn) -> None:
    page = come_as("admin")
    page.goto("/clients?q=lysenko")
    page.get_by_role("link", name=OTHER_CLIENT).click()
    expect(page.get_by_role("heading", name=OTHER_CLIENT, level=1)).to_be_visible()
    expect(page.get_by_label("New note")).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("^Call "))).to_have_count(0)
