"""Settings: what an administrator sees and mends."""

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete

from hub import pipeline
from hub.domain import clock
from hub.domain.delivery import Delivery
from hub.telephony.models import ComparisonRow
from tests.web.pages.company import Company
from tests.web.pages.conftest import SignIn


def test_a_connection_tells_its_state_in_a_sentence(come_as: SignIn) -> None:
    page = come_as("admin")
    page.get_by_role("link", name="Settings").click()
    panel = page.locator(".panel", has=page.get_by_role("heading", name="pbx"))
    expect(panel).to_contain_text("connected, last event")
    panel.get_by_role("link", name="pbx").click()
    expect(page.get_by_role("heading", name="pbx", level=1)).to_be_visible()
    expect(page.locator(".facts")).to_contain_text("kept sealed")


def test_a_connection_is_tried_and_answers_where_the_button_stands(come_as: SignIn) -> None:
    page = come_as("admin")
    page.goto("/settings/connections/pbx")
    page.get_by_role("button", name="Test").click()
    expect(page.locator("#tried")).to_contain_text("answers and takes the manager user hub")
    expect(page).to_have_url(re.compile("/settings/connections/pbx$"))


def test_a_phone_system_is_connected_told_its_address_and_taken_out_of_use(come_as: SignIn, company: Company) -> None:
    page = come_as("admin")
    page.goto("/settings")
    page.get_by_role("link", name="Any phone system (push)").click()
    page.get_by_label("Name").fill("two words")
    page.get_by_label("Lines").fill("+380445551299")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("alert")).to_contain_text("Name: got “two words”, expected letters, digits")
    expect(page.get_by_label("Lines")).to_have_value("+380445551299")
    page.get_by_label("Name").fill("shop")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("status").filter(has_text="shop is connected")).to_be_visible()
    address = page.get_by_label("push address", exact=True)
    expect(address).to_have_value(f"{company.url}/hooks/shop/••••••••")
    page.get_by_role("button", name="Show the secrets").click()
    expect(address).to_have_value(re.compile(r"/hooks/shop/[\w-]{16,}$"))
    page.get_by_role("button", name="Copy push address").click()
    page.reload()
    expect(address).to_have_value(f"{company.url}/hooks/shop/••••••••")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("status").filter(has_text="shop is removed")).to_be_visible()
    page.get_by_role("button", name="Use shop again").click()
    expect(page.get_by_role("heading", name="shop", level=1)).to_be_visible()
    page.get_by_role("button", name="Remove").click()


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"listed": 12, "received": 12}, "compared 2 hr. ago: it names 12 calls, none is missing here"),
        ({"listed": 1, "missing": 1}, "compared 2 hr. ago: it names 1 call, 1 was missing here and was fetched"),
        ({"listed": 9, "waiting": 3}, "compared 2 hr. ago: it names 9 calls, 3 are not worked off yet"),
        ({"problem": "no such file"}, "compared 2 hr. ago: it could not be read: no such file"),
    ],
)
def test_the_latest_comparison_is_a_sentence(come_as: SignIn, company: Company, row: dict[str, Any], told: str) -> None:
    moment = clock.now() - timedelta(hours=2)
    with company.hub.unit_of_work() as session:
        pbx = company.hub.connections.named(session, "pbx").id
        session.execute(delete(ComparisonRow))
        session.add(ComparisonRow(connection_id=pbx, since=moment, until=moment, compared_at=moment, **row))
    page = come_as("admin")
    page.goto("/settings/connections/pbx")
    expect(page.locator(".facts dd").filter(has_text="compared 2")).to_have_text(told)


def test_a_parked_delivery_is_shown_with_its_reason_and_tried_again(come_as: SignIn, company: Company) -> None:
    with company.hub.reading() as session:
        pbx = company.hub.connections.named(session, "pbx").id
    strange = Delivery(connection_id=pbx, body=b"not what a PBX says", received_at=clock.now())
    pipeline.accept(company.hub, strange, key="strange")
    pipeline.drain(company.hub, pbx)
    page = come_as("admin")
    page.goto("/settings")
    page.get_by_role("link", name="1 delivery waits for a person").click()
    row = page.locator("tr", has_text="parked")
    expect(row).to_contain_text("not JSON")
    row.get_by_text("What it said").click()
    expect(row).to_contain_text("not what a PBX says")
    row.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("status").filter(has_text="It is worked off again")).to_be_visible()


def test_users_and_lines_are_listed(come_as: SignIn) -> None:
    page = come_as("admin")
    page.goto("/settings/users")
    expect(page.locator("tr", has_text="Olena Kovalenko")).to_contain_text("101")
    page.get_by_role("link", name="Lines").click()
    expect(page.locator("tr", has_text="Main line")).to_contain_text("+380 44 555 1200")


def test_a_rule_is_changed_where_it_stands(come_as: SignIn) -> None:
    page = come_as("admin")
    page.goto("/settings/rules")
    cell = page.locator("tr", has_text="Incoming call, missed").first.locator("td.cell").nth(1)
    expect(cell).to_contain_text("As for all lines")
    cell.get_by_role("link", name="Change").click()
    cell.get_by_label("Within so many minutes").fill("0")
    cell.get_by_label("Within so many minutes").evaluate("field => field.min = ''")
    cell.get_by_role("button", name="Save").click()
    expect(cell.get_by_role("alert")).to_contain_text("a whole number from 1 to 10080")
    cell.get_by_label("Within so many minutes").fill("120")
    cell.get_by_label("Open a lead").uncheck()
    cell.get_by_role("button", name="Save").click()
    expect(cell).to_contain_text("Has to be called back within 2 hours of business time")
    expect(cell).not_to_contain_text("Opens a lead")
    cell.get_by_role("link", name="Change").click()
    cell.get_by_role("button", name="As for all lines").click()
    expect(cell).to_contain_text("As for all lines")
    expect(page).to_have_url(re.compile("/settings/rules$"))


def test_a_token_is_shown_once_and_taken_back(come_as: SignIn) -> None:
    page = come_as("admin")
    page.goto("/settings/tokens")
    page.get_by_label("What it is for").fill("CRM of the test")
    page.get_by_role("checkbox", name="Manager").check()
    page.get_by_role("button", name="Make").click()
    expect(page.get_by_label("Token", exact=True)).to_have_value(re.compile("^hub_"))
    page.get_by_role("button", name="Take CRM of the test back").click()
    expect(page.get_by_role("status").filter(has_text="opens nothing any more")).to_be_visible()


def test_the_doctor_looks_by_itself_and_again_when_asked(come_as: SignIn) -> None:
    page = come_as("admin")
    page.goto("/settings/doctor")
    findings = page.locator("#findings")
    expect(findings).to_contain_text("the database answers and has the newest schema", timeout=20_000)
    page.get_by_role("link", name="Check again").click()
    expect(findings).to_contain_text("a worker is at work", timeout=20_000)
    expect(page).to_have_url(re.compile("/settings/doctor$"))
