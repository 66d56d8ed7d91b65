"""A click on a number calls it, once."""

from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from hub.telephony.models import DialRow
from tests.web.pages.company import OTHER_CLIENT, Company
from tests.web.pages.conftest import SignIn


def dials(company: Company) -> int:
    with company.hub.reading() as session:
        return session.scalar(select(func.count()).select_from(DialRow)) or 0


def open_card(page: Page) -> None:
    page.goto("/clients?q=lysenko")
    page.get_by_role("link", name=OTHER_CLIENT).click()
    expect(page.get_by_role("heading", name=OTHER_CLIENT, level=1)).to_be_visible()


def test_a_double_click_starts_one_call_and_says_how_far_it_is(come_as: SignIn, company: Company) -> None:
    page, before = come_as("olena"), dials(company)
    open_card(page)
    page.get_by_role("button", name="Call +380 67 123 4502").dblclick()
    says = page.locator(".card-numbers").get_by_role("status")
    expect(says).to_have_text("Talking", timeout=20_000)
    expect(says).to_have_text("The call is over", timeout=20_000)
    assert dials(company) == before + 1
    expect(page.get_by_role("button", name="Call +380 67 123 4502")).to_be_enabled()
    page.reload()
    expect(page.locator("#line").get_by_role("link", name="Outbound call: answered").first).to_be_visible()


def test_the_same_form_sent_twice_without_scripts_is_one_call(come_as: SignIn, company: Company) -> None:
    page, before = come_as("olena"), dials(company)
    open_card(page)
    form = page.locator("form.dial").first
    fields = form.evaluate("form => Object.fromEntries(new FormData(form))")
    answers = [page.request.post("/dial", form=fields, max_redirects=0).status for _ in range(2)]
    assert answers == [303, 303]
    assert dials(company) == before + 1


def test_a_number_that_cannot_be_dialled_is_refused_in_words(come_as: SignIn, company: Company) -> None:
    page, before = come_as("olena"), dials(company)
    open_card(page)
    field = page.locator("form.dial input[name=number]").first
    field.evaluate("field => { field.value = '+380\\r\\nAction: Hangup' }")
    page.get_by_role("button", name="Call +380 67 123 4502").click()
    expect(page.locator(".card-numbers").get_by_role("status")).to_contain_text("Not called")
    assert dials(company) == before


def test_whoever_has_no_phone_is_told_so(come_as: SignIn) -> None:
    page = come_as("maria")
    page.goto("/calls")
    page.locator("tr", has_text="+380 67 123 4501").first.locator(".open").click()
    page.get_by_role("button", name="Call +380 67 123 4501").click()
    expect(page.get_by_role("status").filter(has_text="you have no phone yet")).to_be_visible()
