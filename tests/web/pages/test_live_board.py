"""The live board follows what happens, without being loaded again."""

import re
from http.client import HTTPConnection

from playwright.sync_api import Locator, Page, expect

from hub.telephony.simulator import Cast
from tests.waiting import until
from tests.web.pages.company import CLIENT, CLIENT_NUMBER, OTHER_CLIENT, Company, called_by
from tests.web.pages.conftest import SignIn

RINGS, TALKS = 15_000, 25_000
"""How long a played call may take to ring, and to be over (milliseconds)."""


def listening(page: Page) -> Page:
    """The board, once its line to the server is open."""
    with page.expect_response(lambda answer: "/live/events" in answer.url):
        page.goto("/live")
    page.evaluate("window.sameLoad = true")
    return page


def test_a_call_of_a_client_rings_talks_and_ends_on_an_open_board(come_as: SignIn, company: Company) -> None:
    page = listening(come_as("olena"))
    card = page.locator("#column-now article", has_text=CLIENT)
    company.pbx.play("01-inbound-answered", speed=2, cast=called_by(CLIENT_NUMBER))
    expect(card).to_contain_text("Ringing", timeout=RINGS)
    expect(card.locator(".clock")).to_have_text(re.compile(r"\d:\d\d"))
    expect(card).to_contain_text("Talking", timeout=RINGS)
    expect(card).to_contain_text("Olena Kovalenko")
    expect(card).to_contain_text("Answered", timeout=TALKS)
    assert page.evaluate("window.sameLoad")


def test_a_computer_whose_clock_is_wrong_shows_how_long_it_rings(come_as: SignIn, company: Company) -> None:
    page = come_as("olena")
    page.clock.set_system_time("2031-05-01T00:00:00Z")
    listening(page)
    number = "+380 50 111 2266"
    company.pbx.play("02-inbound-missed-ring-timeout", cast=Cast(clients={"501112233": "501112266"}))
    card = page.locator("#column-now article", has_text=number)
    expect(card).to_contain_text("Ringing", timeout=RINGS)
    expect(card.locator(".clock")).to_have_text(re.compile(r"^0:0[2-9]$"), timeout=RINGS)


def test_a_missed_call_becomes_work_and_a_new_lead(come_as: SignIn, company: Company) -> None:
    page = listening(come_as("olena"))
    count = page.locator("#column-return .tally-count")
    before = int(count.inner_text())
    company.pbx.play("02b-inbound-missed-caller-gave-up", speed=4, cast=Cast(clients={"501112233": "501112277"}))
    task = page.locator("#column-return article", has_text="+380 50 111 2277")
    expect(task).to_contain_text("1 try", timeout=RINGS)
    expect(task.get_by_role("button", name="Call back +380 50 111 2277")).to_be_visible()
    expect(page.locator("#column-new article", has_text="+380 50 111 2277")).to_be_visible()
    expect(count).to_have_text(str(before + 1))
    expect(page.locator("#column-now article", has_text="+380 50 111 2277")).to_contain_text("Missed")


def test_a_board_whose_line_is_cut_says_so_and_asks_for_itself(
    come_as: SignIn, company: Company, complaints: list[str]
) -> None:
    page = come_as("olena")
    page.route("**/live/events*", lambda route: route.abort())
    page.goto("/live")
    expect(page.get_by_text("Connection lost")).to_be_visible()
    company.pbx.play("01-inbound-answered", cast=called_by(CLIENT_NUMBER))
    expect(page.locator("#column-now article", has_text=CLIENT)).to_be_visible(timeout=RINGS)
    page.unroute("**/live/events*")
    expect(page.get_by_text("Connection lost")).to_be_hidden(timeout=RINGS)
    assert all("net::ERR_FAILED" in complaint for complaint in complaints)
    complaints.clear()


def test_on_a_phone_the_columns_are_tabs(come_as: SignIn) -> None:
    page = come_as("olena")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/live")
    expect(page.locator("#column-now")).to_be_visible()
    expect(page.locator("#column-return")).to_be_hidden()
    page.get_by_role("tab", name=re.compile("Now")).focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#column-return")).to_be_visible()
    expect(page.locator("#column-now")).to_be_hidden()


def test_after_a_break_a_browser_goes_on_where_it_was(come_as: SignIn, company: Company) -> None:
    page = listening(come_as("olena"))
    cookies = "; ".join(f"{each['name']}={each['value']}" for each in page.context.cookies())
    company.pbx.play("02b-inbound-missed-caller-gave-up", speed=20, cast=Cast(clients={"501112233": "501112266"}))
    expect(page.locator("#column-return article", has_text="+380 50 111 2266")).to_be_visible(timeout=RINGS)
    stream = HTTPConnection("127.0.0.1", company.port, timeout=10)
    stream.request("GET", "/live/events", headers={"Cookie": cookies, "Last-Event-ID": "1"})
    answer = stream.getresponse()
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    told = b""
    while b"+380 50 111 2266" not in told and b"event: reload" not in told:
        told += answer.readline()
    answer.close()


def test_more_desks_than_places_are_told_to_come_later_and_a_closed_one_gives_its_place_back(
    come_as: SignIn, company: Company
) -> None:
    page = come_as("andrii")
    cookies = "; ".join(f"{each['name']}={each['value']}" for each in page.context.cookies())
    page.close()  # it listens too, and would complain of the place that is taken from it

    def ask() -> HTTPConnection:
        line = HTTPConnection("127.0.0.1", company.port, timeout=10)
        line.request("GET", "/live/events", headers={"Cookie": cookies})
        return line

    lines = [ask() for _ in range(company.settings.streams + 1)]
    answers = [line.getresponse() for line in lines]
    assert 503 in {answer.status for answer in answers}
    for answer, line in zip(answers, lines, strict=True):
        answer.close()
        line.close()
    until(lambda: _status(ask()) == 200, what="a free place")


def _status(line: HTTPConnection) -> int:
    with line.getresponse() as answer:
        status = answer.status
    line.close()
    return status


def missed_by(page: Page, company: Company, digits: str) -> Locator:
    """The work that a missed call of this number became."""
    company.pbx.play("02b-inbound-missed-caller-gave-up", speed=20, cast=Cast(clients={"501112233": digits}))
    task = page.locator("#column-return article", has_text=f"+380 50 111 {digits[-4:-2]}{digits[-2:]}")
    expect(task).to_be_visible(timeout=RINGS)
    return task


def test_a_missed_call_is_taken_and_closed_with_a_reason(come_as: SignIn, company: Company) -> None:
    page = listening(come_as("olena"))
    task = missed_by(page, company, "501114401")
    task.get_by_role("button", name="Take").click()
    expect(task).to_contain_text("Olena Kovalenko")
    expect(task.get_by_role("button", name="Take")).to_have_count(0)
    task.get_by_role("link", name="Close").click()
    task.get_by_role("button", name="Close", exact=True).click()
    expect(task.get_by_role("alert")).to_contain_text("may not be empty")
    task.get_by_label("or in your own words").fill("Asked about <b>tomorrow</b>")
    task.get_by_role("button", name="Close", exact=True).click()
    expect(task).to_contain_text("Asked about <b>tomorrow</b> · Olena Kovalenko")
    assert page.evaluate("window.sameLoad")


def test_a_missed_call_is_handed_over_and_whoever_is_late_is_told(come_as: SignIn, company: Company) -> None:
    page = listening(come_as("olena"))
    task = missed_by(page, company, "501114402")
    task.get_by_role("button", name="Take").click()
    expect(task).to_contain_text("Olena Kovalenko")
    late = come_as("maria")
    for address in ("events*", "columns"):  # a page that hears of nothing
        late.route(f"**/live/{address}", lambda route: route.fulfill(status=204))
    late.goto("/live")
    task.get_by_role("link", name="Hand over").click()
    task.get_by_label("To whom?").select_option("Andrii Melnyk")
    task.get_by_role("button", name="Hand over").click()
    expect(task).to_contain_text("Andrii Melnyk")
    theirs = late.locator("#column-return article", has_text="+380 50 111 4402")
    theirs.get_by_role("button", name="Take").click()
    expect(theirs.get_by_role("alert")).to_contain_text("somebody else has got this task meanwhile")


def test_a_form_that_is_open_stays_open_when_its_card_changes(come_as: SignIn, company: Company) -> None:
    page = listening(come_as("olena"))
    task = missed_by(page, company, "501114403")
    task.get_by_role("link", name="Close").click()
    words = task.get_by_label("or in your own words")
    words.press_sequentially("Half a rea")
    missed_by(page, company, "501114403")
    expect(task).to_contain_text("2 tries", timeout=RINGS)
    expect(words).to_be_focused()
    words.press_sequentially("son")
    expect(words).to_have_value("Half a reason")
    words.press("Escape")
    expect(words).to_have_count(0)


def test_a_new_lead_is_introduced_and_merged_with_a_client_and_parted_again(come_as: SignIn, company: Company) -> None:
    page = listening(come_as("olena"))
    task = page.locator(f"#{missed_by(page, company, '501114405').get_attribute('id')}")
    lead = page.locator("#column-new article", has_text="+380 50 111 4405")
    expect(lead).to_contain_text("nobody has talked with them yet")
    lead.get_by_role("link", name="Edit").click()
    lead.get_by_label("Name").fill("Bohdan from <i>work</i>")
    lead.get_by_label("Company").fill("Windows Ltd")
    lead.get_by_label("Owner").select_option("Andrii Melnyk")
    lead.get_by_role("button", name="Save").click()
    named = page.locator("#column-new article", has_text="Bohdan from <i>work</i>")
    expect(named).to_contain_text("Windows Ltd")
    expect(named).to_contain_text("Andrii Melnyk")
    named.get_by_role("link", name="This is…").click()
    expect(named.get_by_label("Which client is it?")).to_be_focused()
    page.keyboard.type("lysenko")
    named.get_by_role("button", name=f"This is {OTHER_CLIENT}").click()
    notice = page.locator("#dock article", has_text="is now one with")
    expect(notice).to_contain_text(OTHER_CLIENT)
    expect(task).to_contain_text(OTHER_CLIENT)
    expect(named).to_have_count(0)
    notice.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Bohdan from <i>work</i>", level=1)).to_be_visible()


def test_whoever_saves_an_older_card_is_told_and_loses_nothing(come_as: SignIn, company: Company) -> None:
    page = listening(come_as("olena"))
    missed_by(page, company, "501114406")
    lead = page.locator("#column-new article", has_text="+380 50 111 4406")
    lead.get_by_role("link", name="Edit").click()
    lead.get_by_label("Name").fill("Typed by me")
    lead.locator("[name=version]").evaluate("field => field.value = '99'")
    lead.get_by_role("button", name="Save").click()
    expect(lead.get_by_role("alert")).to_contain_text("A colleague has changed this card meanwhile")
    expect(lead.get_by_label("Name")).to_have_value("Typed by me")
    lead.get_by_role("button", name="Save").click()
    expect(page.locator("#column-new article", has_text="Typed by me")).to_be_visible()


def test_the_board_is_worked_by_keyboard_alone(come_as: SignIn, company: Company) -> None:
    page = listening(come_as("olena"))
    task = missed_by(page, company, "501114407")
    page.locator("#column-return article").first.focus()
    while not task.evaluate("card => card === document.activeElement"):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("t")
    expect(task).to_contain_text("Olena Kovalenko")
    expect(task).to_be_focused()
    page.keyboard.press("c")
    expect(task.get_by_label("or in your own words")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    task.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#column-new article:focus")).to_have_count(1)
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#column-return article:focus")).to_have_count(1)
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keys on this page")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Keys on this page")).to_be_hidden()
    task.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/clients/\d+$"))


def test_the_strip_says_who_talks_and_who_is_free(come_as: SignIn, company: Company) -> None:
    until(company.quiet, seconds=60, what="the end of the calls")
    page = listening(come_as("olena"))
    olena = page.get_by_role("list", name="Colleagues").locator("li", has_text="Olena Kovalenko")
    expect(olena).to_contain_text("free")
    company.pbx.play("01-inbound-answered", speed=2, cast=called_by(CLIENT_NUMBER))
    expect(olena).to_contain_text("rings", timeout=RINGS)
    expect(olena).to_contain_text("talks", timeout=RINGS)
    expect(olena.locator(".clock")).to_have_text(re.compile(r"\d:\d\d"))
    expect(olena).to_contain_text("free", timeout=TALKS)


def test_the_wall_shows_the_same_and_has_nothing_to_press(come_as: SignIn, company: Company) -> None:
    page = come_as("olena")
    with page.expect_response(lambda answer: "/live/events" in answer.url):
        page.goto("/live/wall")
    missed_by(page, company, "501114408")
    expect(page.locator("#column-new article", has_text="+380 50 111 4408")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
