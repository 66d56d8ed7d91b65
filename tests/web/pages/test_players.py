"""Recordings in a real browser: they play, anywhere in them, by mouse and keyboard, and what is said of them stands."""

import time
from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from hub.recordings.listening.models import GradingRow, ListeningRow, SpanRow
from hub.recordings.models import RecordingRow
from hub.telephony.models import CallRow
from tests.recorded import stored
from tests.waiting import until
from tests.web.pages.company import PASSWORD, RECORDED, Company
from tests.web.pages.conftest import SignIn
from tests.web.pages.test_every_page import Check

HOUR = 3600.0
NOW = "document.querySelector('[data-audio]').currentTime"
PLAYS = "() => { const a = document.querySelector('[data-audio]'); return !!a && !a.paused && a.currentTime > %s }"


@pytest.fixture(scope="module")
def handed_over(company: Company) -> UUID:
    """The call that two of ours talked in, with a hold and a transfer."""
    with company.hub.reading() as session:
        rows = session.scalars(select(CallRow).where(CallRow.answered_at.is_not(None), CallRow.hold_seconds > 0))
        return next(row.id for row in rows if len([leg for leg in row.legs if leg["answered_at"]]) > 1)


@pytest.fixture(scope="module")
def hour_long(company: Company) -> Iterator[UUID]:
    """A call with a recording of an hour beside its own."""
    with company.hub.reading() as session:
        last = select(CallRow.id).where(CallRow.answered_at.is_not(None)).order_by(CallRow.started_at).limit(1)
        call_id = session.scalars(last).one()
    recording = stored(company.hub, call_id, HOUR, 1)
    yield call_id
    with company.hub.unit_of_work() as session:
        session.delete(session.get_one(RecordingRow, recording))


def _recording_of(company: Company, call_id: UUID) -> UUID:
    with company.hub.reading() as session:
        return session.scalars(select(RecordingRow.id).where(RecordingRow.call_id == call_id)).one()


def _open(page: Page, call_id: UUID) -> None:
    page.goto(f"/calls/{call_id}")
    page.locator(".player-lane .to-come path").first.wait_for(state="attached")


def test_a_recording_plays_and_what_was_heard_stands_in_the_log(
    come_as: SignIn, company: Company, handed_over: UUID
) -> None:
    page = come_as("andrii")
    _open(page, handed_over)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function(PLAYS % "1.2")
    page.get_by_role("button", name="Pause").click()

    def told() -> bool:
        with company.hub.reading() as session:
            mine = select(func.max(SpanRow.until)).join(ListeningRow, ListeningRow.id == SpanRow.listening_id)
            recording = ListeningRow.recording_id == _recording_of(company, handed_over)
            heard = session.scalar(
                mine.where(recording, SpanRow.source == "played", ListeningRow.who == "Andrii Melnyk")
            )
            return heard is not None and heard > 1

    until(told, seconds=10, what="the player's word on what it played")
    with company.hub.reading() as session:
        mine = select(func.count()).where(
            ListeningRow.recording_id == _recording_of(company, handed_over), ListeningRow.who == "Andrii Melnyk"
        )
        assert session.scalar(mine) == 1
    _open(page, handed_over)
    left_at = page.locator("[data-player]").get_attribute("data-left-at")
    assert float(left_at or 0) > 1, "one goes on where one stopped"
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function(PLAYS % left_at)


def test_the_middle_of_an_hour_begins_within_a_second(come_as: SignIn, hour_long: UUID) -> None:
    page = come_as("maria")
    _open(page, hour_long)
    player = page.locator("[data-player]").last
    page.evaluate(
        """() => {
            const players = document.querySelectorAll('[data-audio]'), audio = players[players.length - 1];
            audio.addEventListener('timeupdate', () => {
                if (!window.heardAt && !audio.paused && audio.currentTime > 1790) window.heardAt = performance.now();
            });
        }"""
    )
    player.get_by_role("button", name="Play", exact=True).click()
    player.get_by_role("slider").scroll_into_view_if_needed()
    box = player.get_by_role("slider").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    begun = page.evaluate("performance.now()")
    page.mouse.up()
    page.wait_for_function("() => window.heardAt")
    waited = (page.evaluate("window.heardAt") - begun) / 1000
    assert waited < 1.0, f"{waited:.2f} s"
    expect(player.get_by_role("slider")).to_have_attribute("aria-valuetext", "30:00 of 1:00:00")


def test_every_key_of_a_player(come_as: SignIn, hour_long: UUID) -> None:
    page = come_as("maria")
    _open(page, hour_long)
    player = page.locator("[data-player]").last
    slider = player.get_by_role("slider")
    slider.focus()
    for key, at in (("ArrowRight", "0:05"), ("ArrowRight", "0:10"), ("Shift+ArrowLeft", "0:09"), ("PageUp", "1:09")):
        page.keyboard.press(key)
        expect(slider).to_have_attribute("aria-valuetext", f"{at} of 1:00:00")
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuenow", "0")
    player.get_by_role("button", name="Play", exact=True).click()  # keys are for the one that was heard last
    page.locator("#work").focus()
    page.keyboard.press(" ")
    expect(player.get_by_role("button", name="Play", exact=True)).to_be_visible()
    page.keyboard.press(".")
    page.keyboard.press(".")
    page.keyboard.press(",")
    assert 5 <= int(slider.get_attribute("aria-valuenow") or 0) < 8
    page.keyboard.press(">")
    page.keyboard.press(">")
    page.keyboard.press("<")
    expect(player.get_by_label("Speed")).to_have_value("1.25")
    page.keyboard.press("<")
    assert page.evaluate("[...document.querySelectorAll('[data-audio]')].at(-1).playbackRate") == 1


def test_a_comment_is_pinned_to_its_second(come_as: SignIn, check: Check, handed_over: UUID) -> None:
    page = come_as("maria")
    _open(page, handed_over)
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("c")
    page.get_by_label("Comment at 0:05").fill("Say to whom you hand over")
    page.get_by_label("Tag", exact=True).fill("transfer")
    page.keyboard.press("Enter")
    pin = page.get_by_role("button", name="At 0:05: transfer: Say to whom you hand over")
    expect(pin).to_be_visible()
    expect(page.get_by_role("button", name="Comment", exact=True)).to_be_focused()
    pin.click()
    page.wait_for_function(PLAYS % "5")
    page.reload()
    expect(page.locator(".remark-said")).to_have_text("transfer Say to whom you hand over")
    check(page, "player-commented")
    page.get_by_role("button", name="Take the comment away").click()
    expect(page.locator(".player-pin")).to_have_count(0)


def test_a_talk_is_graded_and_the_manager_reads_it(
    come_as: SignIn, check: Check, company: Company, handed_over: UUID
) -> None:
    admin = come_as("admin")
    admin.goto("/settings/score-card")
    check(admin, "score-card")
    admin.get_by_label("Another question").first.fill("Greeted by name")
    admin.get_by_role("button", name="Save").click()
    expect(admin.get_by_text("The score card is saved")).to_be_visible()
    maria = come_as("maria")
    _open(maria, handed_over)
    maria.get_by_label("Whose talk").select_option(label="Andrii Melnyk")
    maria.locator(".points label", has_text="75").click()
    maria.get_by_label("Note for training").fill("Calm, and to the point")
    check(maria, "player-graded")
    maria.get_by_role("button", name="Save my grading").click()
    expect(maria.get_by_text("Graded: 75 of 100.")).to_be_visible()
    andrii = come_as("andrii")
    _open(andrii, handed_over)
    andrii.get_by_text("on the talk of Andrii Melnyk").click()
    expect(andrii.get_by_text("Calm, and to the point")).to_be_visible()
    expect(andrii.get_by_role("button", name="Save my grading")).to_have_count(0)
    olena = come_as("olena")
    _open(olena, handed_over)
    expect(olena.get_by_text("Calm, and to the point")).to_have_count(0)
    with company.hub.unit_of_work() as session:
        session.execute(GradingRow.__table__.delete())  # type: ignore[attr-defined]  # a table has it


def test_the_log_plays_in_its_rows_one_after_the_other(come_as: SignIn, check: Check) -> None:
    page = come_as("maria")
    page.goto("/calls")
    buttons = page.locator("[data-opens-player]")
    expect(buttons).to_have_count(RECORDED)
    began = time.monotonic()
    buttons.first.click()
    page.wait_for_function(PLAYS % "0.05")
    sounded = time.monotonic() - began
    assert sounded < 3, f"{sounded:.1f} s"
    check(page, "log-playing")
    for key, place in (("j", 1), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        expect(buttons.nth(place)).to_have_attribute("aria-expanded", "true")
        expect(page.locator(".player-row")).to_have_count(1)
        page.wait_for_function(PLAYS % "0.05")
    page.keyboard.press("Escape")
    expect(page.locator(".player-row")).to_have_count(0)
    expect(buttons.nth(1)).to_be_focused()


def test_the_card_plays_in_its_line_of_time(come_as: SignIn, check: Check) -> None:
    page = come_as("olena")
    page.goto("/clients?q=Bohdan")
    page.locator("a.open").first.click()
    page.locator("[data-opens-player]").first.click()
    page.wait_for_function(PLAYS % "0.05")
    check(page, "card-playing")


def test_a_link_is_made_and_copied(come_as: SignIn, check: Check, handed_over: UUID) -> None:
    page = come_as("maria")
    _open(page, handed_over)
    page.get_by_role("button", name="Make a link to the recording").click()
    page.get_by_role("button", name="Make the link").click()
    link = page.get_by_label("Link", exact=True).input_value()
    assert page.request.get(link, headers={"Range": "bytes=0-9"}).status == 206
    check(page, "player-link")


def test_without_scripts_it_is_the_browser_s_own_player(browser: Browser, company: Company, handed_over: UUID) -> None:
    context = browser.new_context(base_url=company.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill("maria@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"/calls/{handed_over}")
    expect(page.locator("audio[controls]")).to_be_visible()
    expect(page.get_by_role("slider")).to_have_count(0)
    context.close()
