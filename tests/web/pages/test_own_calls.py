"""One's own phone rings: a notice on whatever page one is, and the card that opens by itself when one has chosen so."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from hub.people import preferences
from hub.people.models import UserRow
from hub.telephony.simulator import Cast
from tests.waiting import until
from tests.web.pages.company import OTHER_CLIENT, OTHER_NUMBER, Company, called_by
from tests.web.pages.conftest import SignIn

RINGS = 15_000
"""How long a played call may take to ring or be answered (milliseconds)."""
CARD = re.compile(r"/clients/\d+$")


@pytest.fixture
def olena(come_as: SignIn, company: Company) -> Iterator[Page]:
    """At a page that is not the board; her preferences are as they were, afterwards."""
    page = come_as("olena")
    page.goto("/calls")
    yield page
    choose(company, "never")
    until(company.quiet, seconds=60, what="the end of the calls")


def choose(company: Company, moment: str) -> None:
    with company.hub.unit_of_work() as session:
        user = session.scalars(select(UserRow).where(UserRow.email == "olena@example.com")).one()
        preferences.choose(session, user.id, {"card_opens": moment})


def listening(page: Page, address: str) -> None:
    with page.expect_response(lambda answer: "/live/mine/events" in answer.url):
        page.goto(address)


def test_the_card_opens_when_one_answers(olena: Page, company: Company) -> None:
    olena.locator("details.me summary").click()
    with olena.expect_response(lambda answer: answer.url.endswith("/preferences")):
        olena.get_by_label("The card of a caller opens").select_option("When I answer")
    listening(olena, "/calls")
    company.pbx.play("01-inbound-answered", speed=4, cast=called_by(OTHER_NUMBER))
    notice = olena.locator("#dock article", has_text=OTHER_CLIENT)
    expect(notice).to_contain_text("Your phone rings", timeout=RINGS)
    expect(notice).to_contain_text("Savchenko Windows")
    expect(notice.get_by_role("link", name="Open the card")).to_be_visible()
    expect(olena).to_have_url(CARD, timeout=RINGS)
    expect(olena.get_by_role("heading", name=OTHER_CLIENT, level=1)).to_be_visible()
    expect(notice).to_contain_text("You talk with", timeout=RINGS)
    line = olena.get_by_role("region", name="Line of time")
    line.get_by_label("New note").fill("Wants windows for the whole house")
    line.get_by_role("button", name="Save the note").click()
    expect(olena.locator(".entry", has_text="Wants windows for the whole house")).to_be_visible()
    olena.goto("/calls")
    expect(olena.locator("#dock article", has_text=OTHER_CLIENT)).to_be_hidden(timeout=RINGS)
    expect(olena).to_have_url(re.compile("/calls$"))


def test_a_new_caller_s_card_opens_with_the_lead_the_rules_opened(olena: Page, company: Company) -> None:
    choose(company, "ring")
    listening(olena, "/clients")
    company.pbx.play("01-inbound-answered", speed=4, cast=Cast(clients={"671234567": "501113301"}))
    notice = olena.locator("#dock article", has_text="+380 50 111 3301")
    expect(notice).to_contain_text("New caller", timeout=RINGS)
    expect(notice).to_contain_text("Ukraine, mobile")
    expect(notice).to_contain_text("first call")
    expect(olena).to_have_url(CARD, timeout=RINGS)
    expect(olena.get_by_role("heading", name="+380 50 111 3301", level=1)).to_be_visible()
    expect(olena.locator("section", has=olena.get_by_role("heading", name="Lead"))).to_contain_text("Opened")


def test_whoever_types_keeps_the_page_and_is_offered_the_card(olena: Page, company: Company) -> None:
    choose(company, "ring")
    listening(olena, "/clients")
    olena.get_by_label("Name, company, number or address").fill("lys")
    company.pbx.play("01-inbound-answered", speed=4, cast=called_by(OTHER_NUMBER))
    notice = olena.locator("#dock article", has_text=OTHER_CLIENT)
    expect(notice).to_contain_text("You talk with", timeout=RINGS)
    expect(olena).to_have_url(re.compile("/clients"))
    expect(olena.get_by_label("Name, company, number or address")).to_be_focused()
    notice.get_by_role("link", name="Open the card").click()
    expect(olena).to_have_url(CARD)


def test_a_notice_that_is_hidden_stays_away(olena: Page, company: Company) -> None:
    listening(olena, "/calls")
    company.pbx.play("01-inbound-answered", speed=4, cast=called_by(OTHER_NUMBER))
    notice = olena.locator("#dock article", has_text=OTHER_CLIENT)
    notice.get_by_role("button", name="Hide").click(timeout=RINGS)
    expect(notice).to_be_hidden()
    expect(olena).to_have_url(re.compile("/calls$"))


def test_a_page_that_gets_no_line_asks_for_itself(olena: Page, company: Company, complaints: list[str]) -> None:
    olena.route("**/live/mine/events", lambda route: route.fulfill(status=503))
    olena.goto("/calls")
    company.pbx.play("01-inbound-answered", speed=2, cast=called_by(OTHER_NUMBER))
    expect(olena.locator("#dock article", has_text=OTHER_CLIENT)).to_be_visible(timeout=RINGS)
    assert all("503" in complaint for complaint in complaints)
    complaints.clear()
