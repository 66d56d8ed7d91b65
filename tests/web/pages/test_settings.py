"""Settings: what an administrator sees and mends."""

from playwright.sync_api import expect

from hub import pipeline
from hub.domain import clock
from hub.domain.delivery import Delivery
from tests.web.pages.company import Company
from tests.web.pages.conftest import SignIn


def test_a_connection_tells_its_state_in_a_sentence(come_as: SignIn) -> None:
    page = come_as("admin")
    page.get_by_role("link", name="Settings").click()
    panel = page.locator(".panel", has=page.get_by_role("heading", name="pbx"))
    expect(panel).to_contain_text("connected, last event")
    expect(panel).to_contain_text("kept sealed")
    expect(page.get_by_role("region", name="Command")).to_contain_text("hub connection add asterisk")


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
