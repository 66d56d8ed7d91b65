"""The call log, and the page of one call."""

import re

from playwright.sync_api import Page, expect

from hub.telephony.simulator import Cast
from tests.waiting import until
from tests.web.pages.company import CLIENT, OTHER_CLIENT, Company
from tests.web.pages.conftest import SignIn


def rows(page: Page) -> int:
    return page.locator("table.calls .open").count()


def test_filters_are_chips_kept_in_the_address(come_as: SignIn) -> None:
    page = come_as("maria")
    page.get_by_label("Outcome").select_option("Busy")
    expect(page).to_have_url(re.compile("outcome=busy"))
    expect(page.locator("table.calls tbody tr")).to_have_count(1)
    expect(page.get_by_role("status").filter(has_text="1 call")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Outcome")).to_have_value("busy")
    page.get_by_role("list", name="Filters in use").get_by_role("link", name="Busy").click()
    expect(page).not_to_have_url(re.compile("outcome="))
    until(lambda: rows(page) == 50, what="the whole first page")


def test_a_number_is_found_in_any_spelling(come_as: SignIn) -> None:
    page = come_as("maria")
    page.get_by_label("Text, name or number").fill("(067) 123-45-01")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("list", name="Filters in use")).to_contain_text("number (067) 123-45-01")
    expect(page.locator("table.calls tbody tr").first).to_contain_text(CLIENT)


def test_an_empty_log_says_why_and_what_to_do(come_as: SignIn) -> None:
    page = come_as("maria")
    page.goto("/calls?text=nobody-of-that-name")
    expect(page.get_by_role("heading", name="No calls here")).to_be_visible()
    page.get_by_role("link", name="Show all calls").click()
    expect(page.locator("table.calls")).to_be_visible()


def test_a_filter_that_makes_no_sense_is_named_and_left_out(come_as: SignIn) -> None:
    page = come_as("maria")
    page.goto("/calls?outcome=purple&since=yesterday-ish")
    expect(page.get_by_role("alert").first).to_contain_text("purple")
    expect(page.locator("table.calls")).to_be_visible()


def test_the_log_goes_on_as_one_scrolls_and_shows_each_call_once(come_as: SignIn) -> None:
    page = come_as("maria")
    page.goto("/calls?period=week")
    page.get_by_role("link", name="Older").scroll_into_view_if_needed()
    until(lambda: rows(page) > 50, what="the next page below the first")
    links = page.locator("table.calls .open").evaluate_all("links => links.map(link => link.href)")
    assert len(links) == len(set(links))
    expect(page).not_to_have_url(re.compile("at="))


def test_older_calls_have_an_address_that_needs_no_script(come_as: SignIn) -> None:
    page = come_as("maria")
    page.goto("/calls?period=week")
    older = page.get_by_role("link", name="Older").get_attribute("href")
    first = page.locator("table.calls .open").evaluate_all("links => links.map(link => link.href)")
    assert older is not None
    page.goto(older)
    second = page.locator("table.calls .open").evaluate_all("links => links.map(link => link.href)")
    assert second
    assert not set(first[:50]) & set(second)
    page.get_by_role("link", name="Newest").click()
    expect(page).not_to_have_url(re.compile("at="))


def test_a_supervisor_keeps_a_view_chooses_columns_and_tags_what_was_chosen_by_keyboard(come_as: SignIn) -> None:
    page = come_as("maria")
    page.goto("/calls")
    page.get_by_role("list", name="Often asked for").get_by_role("link", name="Missed").click()
    expect(page).to_have_url(re.compile("outcome=missed"))
    page.get_by_text("Views", exact=True).click()
    page.get_by_label("Keep these filters as").fill("Ours to return")
    page.get_by_role("button", name="Keep the view").click()
    page.goto("/calls")
    page.get_by_role("list", name="Often asked for").get_by_role("link", name="Ours to return").click()
    expect(page.get_by_role("list", name="Filters in use")).to_contain_text("Missed")
    page.get_by_text("Columns", exact=True).click()
    page.get_by_role("checkbox", name="Tags").check()
    page.get_by_role("button", name="Show these").click()
    expect(page.get_by_role("columnheader", name="Tags")).to_be_visible()
    page.locator("table.calls .open").first.focus()
    page.keyboard.press("x")
    page.get_by_label("Tag for the chosen calls").fill("look again")
    page.get_by_role("button", name="Tag them").click()
    expect(page.get_by_role("status").filter(has_text="1 call has the tag “look again” now")).to_be_visible()
    expect(page.locator("table.calls tbody tr").first).to_contain_text("look again")


def test_whoever_may_export_gets_the_filtered_log_as_csv(come_as: SignIn) -> None:
    page = come_as("maria")
    page.goto("/calls?outcome=busy")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert lines[0].startswith("started_at,direction,outcome")
    assert [line.split(",")[2] for line in lines[1:]] == ["busy"]
    expect(come_as("olena").get_by_role("link", name="Download CSV")).to_have_count(0)


def test_rows_are_walked_and_opened_by_keyboard(come_as: SignIn) -> None:
    page = come_as("maria")
    page.locator("table.calls .open").first.focus()
    page.keyboard.press("ArrowDown")
    wanted = page.locator("table.calls .open").nth(1)
    expect(wanted).to_be_focused()
    address = wanted.get_attribute("href")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{address}$"))
    expect(page.get_by_role("heading", name="Facts")).to_be_visible()


def test_a_call_shows_who_rang_and_talked_on_one_line_of_time(come_as: SignIn) -> None:
    page = come_as("maria")
    page.goto("/calls")
    page.locator("tr", has_text="+1").locator(".open").click()
    lanes = page.locator(".lane svg[role=img]")
    expect(lanes).to_have_count(2)
    expect(page.get_by_role("img", name=re.compile("Olena Kovalenko, rang .*, talked"))).to_be_visible()
    expect(page.get_by_text(re.compile("stands on this card"))).to_be_visible()


def test_a_person_says_whose_call_it_was_and_history_follows(come_as: SignIn, company: Company) -> None:
    company.pbx.play("02b-inbound-missed-caller-gave-up", speed=20, cast=Cast(clients={"501112233": "501112299"}))
    page = come_as("olena")
    link = page.locator("tr", has_text="+380 50 111 2299").locator(".open")

    def appeared() -> bool:
        page.goto("/calls?text=501112299")
        return link.count() > 0

    until(appeared, seconds=20, what="the stranger's call in the log")
    link.first.click()
    page.get_by_text("This is somebody else").click()
    page.get_by_label("Find the right card").fill(OTHER_CLIENT)
    page.get_by_role("button", name=f"This is {OTHER_CLIENT}").click()
    expect(page.get_by_role("heading", name=OTHER_CLIENT, level=1)).to_be_visible()
    page.get_by_role("link", name=OTHER_CLIENT).click()
    expect(page.get_by_role("button", name="Call +380 50 111 2299")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Inbound call: missed")).first).to_be_visible()
