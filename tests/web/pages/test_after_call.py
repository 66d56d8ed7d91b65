"""During a call and after it: the card shows it, notes are saved as typed, and one step says what came of it."""

from playwright.sync_api import Page, expect
from sqlalchemy import select

from hub.telephony.models import CallRow
from tests.waiting import until
from tests.web.pages.company import Company, called_by
from tests.web.pages.conftest import SignIn
from tests.web.pages.test_cards_by_hand import make

TALKS = "01-inbound-answered"


def noted(company: Company, contact_id: int) -> str | None:
    with company.hub.reading() as session:
        return session.scalar(select(CallRow.note).where(CallRow.contact_id == contact_id))


def test_a_call_is_noted_as_one_types_and_wrapped_up_in_one_step(come_as: SignIn, company: Company) -> None:
    contact = make(company.hub, "Noted Client", numbers=["+380671239901"])
    page = come_as("olena")
    page.goto(f"/clients/{contact}")
    company.pbx.play(TALKS, speed=1, cast=called_by("+380671239901"))
    hand = page.locator("#in-hand")
    note = hand.get_by_label("Note of this call")
    note.fill("wants forty")
    expect(hand.get_by_role("status")).to_have_text("Saved")
    page.context.set_offline(True)
    note.press_sequentially(" windows")
    expect(hand.get_by_role("status")).to_contain_text("Not saved yet")
    page.context.set_offline(False)
    expect(hand.get_by_role("status")).to_have_text("Saved")
    until(lambda: noted(company, contact) == "wants forty windows", what="the note in the call")
    expect(hand.get_by_role("heading", name="After the call")).to_be_visible(timeout=30_000)
    expect(note).to_have_value("wants forty windows")
    hand.get_by_label("Call later").check()
    hand.get_by_label("What is to be done").fill("Send the price list")
    hand.get_by_role("button", name="Done").click()
    expect(page.get_by_role("region", name="Tasks")).to_contain_text("Send the price list")
    expect(page.locator("#line")).to_contain_text("wants forty windows")
    expect(page.locator("#line")).to_contain_text("Call later")
    expect(page.get_by_role("heading", name="After the call")).to_have_count(0)


def test_what_somebody_else_wrote_is_shown_and_put_together(come_as: SignIn, company: Company) -> None:
    contact = make(company.hub, "Written Twice", numbers=["+380671239902"])
    company.pbx.play(TALKS, speed=20, cast=called_by("+380671239902"))

    def ended() -> str | None:
        over = select(CallRow.id).where(CallRow.contact_id == contact, CallRow.state == "ended")
        with company.hub.reading() as session:
            found = session.scalar(over)
        return str(found) if found else None

    until(ended, seconds=20, what="the end of the call")
    first, second = come_as("olena"), come_as("maria")
    for page in (first, second):
        page.goto(f"/calls/{ended()}")
    write(second, "Maria's words")
    expect(second.locator("[data-says]")).to_have_text("Saved")
    write(first, "Olena's words")
    expect(first.get_by_text("Somebody else wrote meanwhile")).to_be_visible()
    first.get_by_role("button", name="Put it below mine").click()
    expect(first.locator("[data-says]")).to_have_text("Saved")
    assert noted(company, contact) == "Olena's words\nMaria's words"


def write(page: Page, text: str) -> None:
    page.get_by_label("Note of this call").fill(text)
