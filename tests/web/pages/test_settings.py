"""Settings: what an administrator sees and mends."""

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
    expect(panel).to_contain_text("kept sealed")
    expect(page.get_by_role("region", name="Command")).to_contain_text("hub connection add asterisk")


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
    page.goto("/settings")
    expect(page.locator(".facts dd").filter(has_text="compared 2")).to_have_text(told)


def test_a_parked_delivery_is_shown_with_its_reason_and_tried_again(come_as: SignIn, company: Company) -> None:
    with company.hub.reading() as session:
        pbx = company.hub.connections.named(session, "pbx").id
    strange = Delivery(connection_id=pbx, body=b"not what a PBX says", received_at=clock.now())
    pipeline.accept(company.hub, strange, key="strange")
    pipeline.drain(company.hub, pbx)
    page = come_as("admin")
    page.goto("/settings")
    row = page.locator("tr", has_text="parked")
    expect(row).to_contain_text("not JSON")
    row.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Deliveries that wait for a person")).to_be_visible()


def test_users_and_lines_are_listed(come_as: SignIn) -> None:
    page = come_as("admin")
    page.goto("/settings/users")
    expect(page.locator("tr", has_text="Olena Kovalenko")).to_contain_text("101")
    page.get_by_role("link", name="Lines").click()
    expect(page.locator("tr", has_text="Main line")).to_contain_text("+380 44 555 1200")
