"""The company is served once for each test process; each test comes as somebody who works there."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.browser import PATIENCE_MILLISECONDS
from tests.waiting import until
from tests.web.pages.company import PASSWORD, Company

SignIn = Callable[[str], Page]
GIVEN_UP = ("htmx:afterRequest,", "htmx:sendAbort,")
"""What htmx says of a request it gave up because the next letter or the next page made it needless; one that could not
be sent is "htmx:sendError"."""


@pytest.fixture(scope="session")
def company() -> Iterator[Company]:
    """Hub, served; its listener already holds the line to the PBX."""
    company = Company()
    with company.pbx:
        try:
            company.found()
            company.start()
            until(lambda: company.pbx.listeners, seconds=30, what="the listener at the PBX")
            yield company
        finally:
            company.kill9()
            company.hub.engine.dispose()


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What went wrong inside the pages of a test; must stay empty."""
    heard: list[str] = []
    yield heard
    assert heard == []


@pytest.fixture
def come_as(browser: Browser, company: Company, complaints: list[str]) -> Iterator[SignIn]:
    """Sign in as ``olena``, ``andrii``, ``maria`` or ``admin``; gives the page one lands on."""
    contexts = []

    def come_as(who: str) -> Page:
        context = browser.new_context(
            base_url=company.url, locale="en-GB", timezone_id="Europe/Kyiv", viewport={"width": 1280, "height": 800}
        )
        contexts.append(context)
        return enter(context, who, complaints)

    yield come_as
    for context in contexts:
        context.close()


def enter(context: BrowserContext, who: str, complaints: list[str]) -> Page:
    """A page of `context` at which `who` has just signed in; what goes wrong inside it is written down."""
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    page = context.new_page()
    listen(page, complaints)
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(f"{who}@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: "/sign-in" not in address)
    return page


def listen(page: Page, complaints: list[str]) -> None:
    """Write down script errors, broken security policy and everything else the console calls an error."""

    def hear(message: ConsoleMessage) -> None:
        refused_on_purpose = "status of 40" in message.text or "status of 42" in message.text
        if message.type == "error" and not refused_on_purpose and not message.text.startswith(GIVEN_UP):
            complaints.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))


@pytest.fixture(scope="session")
def check(pytestconfig: pytest.Config) -> Callable[[Page, str], None]:
    """Looks at the page somebody stands at, and leaves pictures of it under a name."""
    # Here, for it needs what its module asks of a page, and that module asks for people from here.
    from tests.web.pages.test_every_page import look_at  # noqa: PLC0415

    folder = pytestconfig.rootpath / str(pytestconfig.getoption("--screenshots"))
    folder.mkdir(parents=True, exist_ok=True)

    def check(page: Page, name: str) -> None:
        look_at(page, folder / name)

    return check
