"""A client card made and changed by hand, by two people at once too; leads moved, promises made and kept."""

import re
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy import select

from hub.domain import clock
from hub.leads import cards
from hub.leads.models import ContactRow
from hub.people.models import UserRow
from hub.unit_of_work import Hub
from tests.web.pages.company import Company
from tests.web.pages.conftest import SignIn


def make(hub: Hub, name: str, **fields: Any) -> int:
    """A client made beforehand, Olena's."""
    with hub.unit_of_work() as session:
        olena = session.scalars(select(UserRow.id).where(UserRow.email == "olena@example.com")).one()
        given: Any = {"name": name, "owner_id": olena, **fields}
        return cards.create(session, given, "UA", clock.now()).id


def card(company: Company, contact_id: int) -> ContactRow:
    with company.hub.reading() as session:
        row = session.scalars(select(ContactRow).where(ContactRow.id == contact_id)).one()
        session.expunge(row)
        return row


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()


def test_a_card_is_changed_in_a_form_and_a_number_of_a_stranger_becomes_a_client(come_as: SignIn) -> None:
    page = come_as("olena")
    page.goto("/clients?q=093+111+00+01")
    page.get_by_role("link", name="New client").last.click()
    expect(page.get_by_label("Number 1")).to_have_value("093 111 00 01")
    page.get_by_label("Name", exact=True).fill("Iryna Bondar")
    page.get_by_label("Number 2").fill("044 111 00 02")
    page.get_by_label("Number 3").fill("044 111 00 03")
    expect(page.get_by_label("Number 4")).to_be_visible()
    page.get_by_label("Tags").fill("wholesale, Kyiv")
    page.get_by_role("button", name="Make the card").click()
    expect(page.get_by_role("heading", name="Iryna Bondar", level=1)).to_be_visible()
    expect(page.get_by_role("button", name="Call +380 93 111 0001")).to_be_visible()
    expect(page.get_by_text("Owner: Olena Kovalenko")).to_be_visible()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Number 2").fill("")
    page.get_by_label("Remark").fill("Asks for <b>drawings</b>")
    page.get_by_label("Do not call").check()
    save(page)
    expect(page.get_by_role("status").filter(has_text="Iryna Bondar is saved")).to_be_visible()
    expect(page.get_by_text("Asks for <b>drawings</b>")).to_be_visible()
    expect(page.get_by_text("+380 44 111 0002")).to_have_count(0)
    page.goto("/clients/new?number=093+111+00+01&name=Twin")
    page.get_by_role("button", name="Make the card").click()
    expect(page.get_by_role("alert")).to_contain_text("Iryna Bondar")
    page.get_by_label("Another person with the same number").check()
    page.get_by_role("button", name="Make the card").click()
    expect(page.get_by_role("heading", name="Twin", level=1)).to_be_visible()


def test_who_edits_a_card_somebody_changed_meanwhile_is_told_and_loses_nothing(
    come_as: SignIn, company: Company
) -> None:
    contact = make(company.hub, "Two Hands", company="First & Co", note="old")
    olena, maria = come_as("olena"), come_as("maria")
    for page in (olena, maria):
        page.goto("/clients?q=Two+Hands")
    with company.hub.unit_of_work() as session:
        session.get_one(ContactRow, contact).owner_id = 1
    for page in (olena, maria):
        page.goto(f"/clients/{contact}/edit")
    maria.get_by_label("Company").fill("Second & Co")
    maria.get_by_label("Remark").fill("Maria was here")
    save(maria)
    expect(maria.get_by_role("status").filter(has_text="Two Hands is saved")).to_be_visible()
    olena.get_by_label("Remark").fill("Olena's remark")
    save(olena)
    told = olena.get_by_role("alert")
    expect(told).to_contain_text("Maria Shevchuk changed this card while you were writing")
    expect(told).to_contain_text("Company: now “Second & Co” – taken over below")
    expect(told).to_contain_text("Remark: now “Maria was here” – yours stays below")
    expect(olena.get_by_label("Company")).to_have_value("Second & Co")
    expect(olena.get_by_label("Remark")).to_have_value("Olena's remark")
    assert card(company, contact).note == "Maria was here"
    save(olena)
    expect(olena.get_by_role("status").filter(has_text="Two Hands is saved")).to_be_visible()
    after = card(company, contact)
    assert (after.company, after.note, after.version) == ("Second & Co", "Olena's remark", 3)


def test_a_lead_goes_step_by_step_is_rejected_with_a_reason_and_taken_up_again(
    come_as: SignIn, company: Company
) -> None:
    contact = make(company.hub, "Step By Step")
    page = come_as("olena")
    page.goto(f"/clients/{contact}")
    panel = page.get_by_role("region", name="Lead")
    panel.get_by_role("button", name="Open a lead").click()
    expect(panel).to_contain_text("opened by a person")
    panel.get_by_role("button", name="In work").click()
    expect(panel.locator("[aria-current=step]")).to_have_text("In work")
    with page.context.new_page() as other:
        other.goto(f"/clients/{contact}")
        other.get_by_role("region", name="Lead").get_by_role("button", name="Qualified").click()
        expect(other.locator("[aria-current=step]")).to_have_text("Qualified")
    panel.get_by_role("button", name="Converted").click()
    expect(panel.get_by_role("alert")).to_contain_text("it is qualified now. Nothing was changed")
    panel.get_by_text("Reject", exact=True).click()
    panel.get_by_label("Why").fill("too dear")
    panel.get_by_role("button", name="Reject the lead").click()
    expect(panel).to_contain_text(re.compile("Rejected .*: too dear"))
    panel.get_by_role("button", name="Take it up again").click()
    panel.get_by_text("Give", exact=True).click()
    panel.get_by_label("To whom").select_option("Maria Shevchuk")
    panel.get_by_role("button", name="Give the lead").click()
    expect(panel).to_contain_text("Maria Shevchuk")
    panel.get_by_role("button", name="Take", exact=True).click()
    expect(panel).to_contain_text("Olena Kovalenko")


def test_a_promise_is_made_for_a_moment_handed_over_and_closed_with_a_reason(come_as: SignIn, company: Company) -> None:
    contact = make(company.hub, "Promised Land")
    page = come_as("olena")
    page.goto(f"/clients/{contact}")
    panel = page.get_by_role("region", name="Tasks")
    panel.get_by_text("Promise something").click()
    panel.get_by_label("What is to be done").fill("Send the drawings")
    panel.get_by_label("or at this moment").fill("2020-01-01T10:00")
    panel.get_by_role("button", name="Promise it").click()
    expect(panel.get_by_role("alert")).to_contain_text("still to come")
    expect(panel.get_by_label("What is to be done")).to_have_value("Send the drawings")
    panel.get_by_label("or at this moment").fill("")
    panel.get_by_role("button", name="Promise it").click()
    todo = panel.locator(".todo")
    expect(todo).to_contain_text("Send the drawings")
    todo.get_by_text("Hand over", exact=True).click()
    todo.get_by_label("To whom").select_option("Andrii Melnyk")
    todo.get_by_role("button", name="Hand it over").click()
    expect(todo.get_by_text("· Andrii Melnyk")).to_be_visible()
    todo.get_by_text("Close", exact=True).click()
    todo.get_by_label("Why").fill("sent")
    todo.get_by_role("button", name="Close the task").click()
    expect(panel).to_contain_text("Nothing promised, nothing missed")
    expect(page.locator("#line")).to_contain_text("sent")
