"""Lines in the settings: each says in words what becomes of its calls, is changed in a form, and is tried out."""

from playwright.sync_api import Page, expect
from sqlalchemy import select

from hub.people.models import JournalRow
from hub.telephony.models import LineRow
from tests.web.pages.company import CLIENT, Company
from tests.web.pages.conftest import SignIn

SALES, SALES_NUMBER = "Sales", "+380445551201"


def line(company: Company) -> LineRow:
    with company.hub.reading() as session:
        row = session.scalars(select(LineRow).where(LineRow.number == SALES_NUMBER)).one()
        session.expunge(row)
        return row


def open_form(page: Page) -> None:
    page.goto("/settings/lines")
    page.get_by_role("link", name=f"Edit {SALES}").click()
    expect(page.get_by_role("heading", name=SALES, level=1)).to_be_visible()


def test_an_administrator_says_whom_a_line_rings_and_reads_it_in_a_sentence(come_as: SignIn, company: Company) -> None:
    page = come_as("admin")
    open_form(page)
    page.get_by_label("Olena Kovalenko").check()
    page.get_by_label("Andrii Melnyk").check()
    page.get_by_label("Maria Shevchuk").check()
    page.get_by_label("Seconds to ring").fill("20")
    page.get_by_label("Record incoming calls").select_option("announced")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="Sales is saved")).to_be_visible()
    row = page.locator("tr", has_text=SALES)
    expect(row).to_contain_text("Rings the client's own manager first, then everybody with a phone")
    expect(row).to_contain_text("each time for 20 seconds, then takes a message")
    expect(row).to_contain_text("Maria Shevchuk has no phone here")
    expect(row).to_contain_text("Incoming calls, the caller is told first")
    open_form(page)
    page.get_by_label("Olena Kovalenko").uncheck()
    page.get_by_label("Maria Shevchuk").uncheck()
    page.get_by_label("The client's own manager first").uncheck()
    page.get_by_label("Then take a message").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("Rings Andrii Melnyk for 20 seconds")
    expect(row).not_to_contain_text("takes a message")
    saved = line(company)
    assert (saved.owner_first, saved.voicemail, saved.ring_seconds) == (False, False, 20)
    with company.hub.reading() as session:
        mine = select(JournalRow.action).where(JournalRow.subject == f"line:{saved.id}")
        assert session.scalars(mine).all() == ["line.edited"] * 2


def test_what_a_line_cannot_be_is_refused_by_field_and_nothing_is_lost(come_as: SignIn, company: Company) -> None:
    page, before = come_as("admin"), line(company).ring_seconds
    open_form(page)
    page.get_by_label("Name").fill("Sales and service")
    page.get_by_label("Seconds to ring").evaluate("field => { field.max = ''; field.value = '900' }")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text(
        "Seconds to ring: got “900”, expected a whole number from 5 to 120"
    )
    expect(page.get_by_label("Name")).to_have_value("Sales and service")
    assert (line(company).name, line(company).ring_seconds) == (SALES, before)


def test_what_would_happen_if_is_told_in_steps_and_nothing_rings(come_as: SignIn) -> None:
    page = come_as("admin")
    page.goto("/settings/lines")
    page.get_by_label("… this number").fill("067 123 45 01")
    page.get_by_label("… called this line now?").select_option(label="Main line · +380 44 555 1200")
    page.get_by_role("button", name="Tell me").click()
    told = page.locator("#told")
    expect(told).to_contain_text(f"{CLIENT}, +380 67 123 4501")
    expect(told.get_by_role("listitem").first).to_contain_text("(101)")
    expect(told).to_contain_text("as line Main line says")
    page.reload()
    expect(told).to_contain_text(CLIENT)


def test_a_caller_who_is_nobody_is_told_so(come_as: SignIn) -> None:
    page = come_as("admin")
    page.goto("/settings/lines")
    page.get_by_label("… this number").fill("anonymous")
    page.get_by_role("button", name="Tell me").click()
    expect(page.locator("#told")).to_contain_text("Unknown caller: anonymous is no number one could know")


def test_lines_are_the_administrators_business(come_as: SignIn) -> None:
    page = come_as("maria")
    answer = page.goto("/settings/lines/1")
    assert answer is not None
    assert answer.status == 403
