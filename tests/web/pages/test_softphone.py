"""The phone in the browser, with a PBX that speaks SIP over WebSocket and two people who talk with each other."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.browser import OPTIONS
from tests.servers import program
from tests.standins.sip import SipServer
from tests.waiting import until
from tests.web.pages.company import CLIENT, Company
from tests.web.pages.conftest import enter

PHONES = {"101": "secret of olena", "102": "secret of andrii"}
MEDIA = [
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
]
SignIn = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser with a microphone that beeps."""
    with sync_playwright() as playwright:
        path = program("chromium")
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=[*OPTIONS, *MEDIA])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def sip() -> Iterator[SipServer]:
    with SipServer(PHONES) as server:
        yield server


@pytest.fixture(scope="module")
def company(sip: SipServer) -> Iterator[Company]:
    """A company whose managers' phones may be in the browser."""
    company = Company()
    with company.pbx:
        try:
            company.found()
            with company.hub.unit_of_work() as session:
                secrets = ",".join(f"{extension}={secret}" for extension, secret in PHONES.items())
                changes = {"phone_address": sip.address, "phone_secrets": secrets}
                company.hub.connections.change(session, "pbx", changes)
            company.start()
            yield company
        finally:
            company.kill9()
            company.hub.engine.dispose()


@pytest.fixture
def complaints(sip: SipServer) -> Iterator[list[str]]:
    heard: list[str] = []
    yield heard
    assert heard + sip.complaints == []


@pytest.fixture
def come_as(browser: Browser, company: Company, sip: SipServer, complaints: list[str]) -> Iterator[SignIn]:
    contexts = []

    def come_as(who: str, *, microphone: bool = True) -> Page:
        context = browser.new_context(base_url=company.url, locale="en-GB", timezone_id="Europe/Kyiv")
        contexts.append(context)
        context.grant_permissions(["microphone" if microphone else "geolocation"])  # what is not named is refused
        return enter(context, who, complaints)

    yield come_as
    for context in contexts:
        context.close()
    until(lambda: not any(map(sip.is_there, PHONES)), seconds=20, what="the phones to go")


def dock(page: Page) -> Locator:
    return page.get_by_role("region", name="Phone in the browser")


def ready(page: Page) -> Page:
    expect(dock(page).get_by_text("Phone: ready")).to_be_visible(timeout=20_000)
    return page


def hears(page: Page) -> bool:
    """Sound of the other side is being played."""
    return bool(
        page.evaluate("() => { const a = document.querySelector('audio'); return a.currentTime > 0 && !a.paused }")
    )


def dial(page: Page, number: str) -> None:
    dock(page).get_by_role("button", name="Keys").click()
    dock(page).get_by_label("Number", exact=True).fill(number)
    dock(page).get_by_role("button", name="Call", exact=True).click()


def talking(caller: Page, callee: Page) -> None:
    dial(caller, "102")
    dock(callee).get_by_role("button", name="Answer").click()
    for page in (caller, callee):
        expect(dock(page).get_by_text("talking", exact=True)).to_be_visible()


def test_two_people_talk_and_change_pages_meanwhile(come_as: SignIn) -> None:
    olena, andrii = ready(come_as("olena")), ready(come_as("andrii"))
    talking(olena, andrii)
    until(lambda: hears(olena) and hears(andrii), seconds=20, what="sound both ways")
    for place in ("Clients", "Calls", "Live"):
        andrii.get_by_role("navigation", name="Places").get_by_role("link", name=place).click()
        expect(andrii.get_by_role("heading", name=place, level=1)).to_be_visible()
        expect(dock(andrii).get_by_text("talking", exact=True)).to_be_visible()
    andrii.go_back()
    expect(andrii.get_by_role("heading", name="Calls", level=1)).to_be_visible()
    assert hears(andrii)
    dock(andrii).get_by_role("button", name="Hang up").click()
    for page in (olena, andrii):
        expect(dock(page).get_by_role("button", name="Hang up")).to_be_hidden()


def test_mute_hold_keys_and_handing_over(come_as: SignIn, sip: SipServer) -> None:
    olena, andrii = ready(come_as("olena")), ready(come_as("andrii"))
    talking(olena, andrii)
    mute = dock(olena).get_by_role("button", name="Mute")
    mute.click()
    expect(mute).to_have_attribute("aria-pressed", "true")
    hold = dock(olena).get_by_role("button", name="Hold")
    hold.click()
    sip.until_heard("INVITE", "a=sendonly")
    expect(hold).to_have_attribute("aria-pressed", "true")
    hold.click()
    dock(olena).get_by_role("button", name="5", exact=True).click()
    dock(olena).get_by_label("Number", exact=True).fill("103")
    dock(olena).get_by_role("button", name="Hand over").click()
    assert "sip:103@" in sip.until_heard("REFER").get("refer-to")
    expect(dock(andrii).get_by_role("button", name="Hang up")).to_be_hidden()


def test_a_call_is_declined_and_one_is_taken_back(come_as: SignIn, sip: SipServer) -> None:
    olena, andrii = ready(come_as("olena")), ready(come_as("andrii"))
    dial(olena, "102")
    expect(dock(andrii).get_by_text("is calling")).to_be_visible()
    andrii.keyboard.press("Alt+h")
    expect(dock(olena).get_by_role("button", name="Hang up")).to_be_hidden()
    dial(olena, "102")
    expect(dock(andrii).get_by_text("is calling")).to_be_visible()
    dock(olena).get_by_role("button", name="Hang up").click()
    sip.until_heard("CANCEL")
    expect(dock(andrii).get_by_role("button", name="Answer")).to_be_hidden()


def test_without_leave_to_use_the_microphone_it_says_so_and_stays_usable(come_as: SignIn, sip: SipServer) -> None:
    page = come_as("olena", microphone=False)
    expect(dock(page).get_by_text("may not use the microphone")).to_be_visible()
    expect(dock(page).get_by_text("Your desk phone still rings")).to_be_visible()
    assert not sip.is_there("101")


def test_a_second_tab_leaves_the_phone_to_the_first_and_takes_it_over(come_as: SignIn) -> None:
    first = ready(come_as("olena"))
    second = first.context.new_page()
    second.goto("/calls")
    expect(dock(second).get_by_text("in another tab")).to_be_visible()
    first.close()
    ready(second)


def test_a_line_that_breaks_is_said_and_mended_by_itself(come_as: SignIn, sip: SipServer) -> None:
    page = ready(come_as("olena"))
    sip.cut("101")
    expect(dock(page).get_by_text("tries again by itself")).to_be_visible()
    ready(page)


def test_who_has_no_phone_in_the_browser_sees_none(come_as: SignIn) -> None:
    expect(dock(come_as("maria"))).to_have_count(0)


def test_the_call_of_one_s_own_click_needs_no_answering(come_as: SignIn) -> None:
    """A click rings one's own phone first and shows the number that was clicked: who clicked wants to talk."""
    olena, andrii = ready(come_as("olena")), ready(come_as("andrii"))
    olena.evaluate("new BroadcastChannel('hub-clicks').postMessage('102')")
    dial(andrii, "101")
    for page in (olena, andrii):
        expect(dock(page).get_by_text("talking", exact=True)).to_be_visible()
    dock(olena).get_by_role("button", name="Hang up").click()
    expect(dock(andrii).get_by_role("button", name="Hang up")).to_be_hidden()
    dial(andrii, "101")
    expect(dock(olena).get_by_role("button", name="Answer")).to_be_visible()
    dock(olena).get_by_role("button", name="Hang up").click()


def test_a_click_for_a_phone_in_the_browser_that_is_not_connected_is_refused(come_as: SignIn) -> None:
    page = come_as("olena", microphone=False)
    expect(dock(page).get_by_text("may not use the microphone")).to_be_visible()
    page.locator("details.me summary").click()
    with page.expect_response(lambda answer: answer.url.endswith("/preferences")):
        page.locator("#click-phone").select_option("The phone in the browser")
    assert page.locator("#softphone-clicks").input_value() == "browser", "said in one place, seen in both"
    page.goto(f"/clients?q={CLIENT}")
    page.get_by_role("link", name=CLIENT).first.click()
    page.get_by_role("heading", name=CLIENT, level=1).wait_for()
    page.get_by_role("button", name="Call +380 67 123 4501").click()
    expect(page.get_by_text("your phone in the browser is not connected")).to_be_visible()
    with page.expect_response(lambda answer: answer.url.endswith("/preferences")):
        page.locator("details.me summary").click()
        page.locator("#click-phone").select_option("My first phone")
