"""Coming in and going out."""

import re

from playwright.sync_api import Page, expect

from tests.web.pages.company import PASSWORD, Company
from tests.web.pages.conftest import SignIn


def test_a_wrong_password_is_answered_in_words(page: Page, company: Company) -> None:
    page.goto(f"{company.url}/sign-in")
    page.get_by_label("E-mail").fill("olena@example.com")
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not fit together")
    expect(page.get_by_label("E-mail")).to_have_value("olena@example.com")
    expect(page.get_by_label("Password")).to_have_value("")


def test_whoever_is_sent_to_the_door_arrives_where_they_were_going(page: Page, company: Company) -> None:
    page.goto(f"{company.url}/calls?outcome=missed")
    page.get_by_label("E-mail").fill("olena@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{company.url}/calls?outcome=missed")


def test_nobody_is_sent_to_another_site_after_signing_in(page: Page, company: Company) -> None:
    page.goto(f"{company.url}/sign-in?next=//example.org/")
    page.get_by_label("E-mail").fill("olena@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{company.url}/live")


def test_each_role_begins_at_its_own_work(come_as: SignIn) -> None:
    expect(come_as("olena").get_by_role("heading", name="Live")).to_be_visible()
    expect(come_as("maria").get_by_role("heading", name="Calls", exact=True)).to_be_visible()


def test_a_person_sees_only_the_places_the_role_can_use(come_as: SignIn) -> None:
    places = come_as("olena").get_by_role("navigation", name="Places")
    expect(places.get_by_role("link", name="Clients")).to_be_visible()
    expect(places.get_by_role("link", name="Settings")).to_have_count(0)
    expect(
        come_as("admin").get_by_role("navigation", name="Places").get_by_role("link", name="Settings")
    ).to_be_visible()


def test_after_signing_out_the_pages_are_closed(come_as: SignIn) -> None:
    page = come_as("olena")
    page.locator("summary", has_text="Olena").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/sign-in"))
    page.goto("/calls")
    expect(page).to_have_url(re.compile("/sign-in"))


def test_what_is_not_there_and_what_is_not_allowed_is_said_inside_the_frame(come_as: SignIn) -> None:
    page = come_as("olena")
    page.goto("/no-such-page")
    expect(page.get_by_role("heading", name="Not found")).to_be_visible()
    expect(page.get_by_role("navigation", name="Places")).to_be_visible()
    page.goto("/settings")
    expect(page.get_by_role("heading", name="Not allowed")).to_be_visible()


def test_the_frame_remembers_its_theme_and_its_folded_rail(come_as: SignIn) -> None:
    page = come_as("olena")
    page.locator("summary", has_text="Olena").click()
    page.get_by_role("button", name="Dark").click()
    page.get_by_role("button", name="Fold the rail").click()
    page.goto("/calls")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("html")).to_have_attribute("data-rail", "folded")
