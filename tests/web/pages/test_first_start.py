"""From nothing to the first call: `hub init`, `hub serve`, and a browser."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect

from hub.telephony.simulator import Cast, Simulator
from tests.servers import Server
from tests.waiting import until
from tests.web.pages.company import PASSWORD

ADMIN = "boss@example.com"
LINE = "+380445551200"
SOON = 40
"""Seconds until a listener that was just set up has found its phone system, or a call has come through."""


class NewHub(Server):
    """A Hub nobody has used yet, as an administrator starts it."""

    name = "hub"

    @property
    def hub(self) -> Sequence[str]:
        """The command, in an environment of its own."""
        given = {
            "HUB_DATA_DIR": str(self.folder / "data"),
            "HUB_REGION": "UA",
            "HUB_TIMEZONE": "Europe/Kyiv",
            "HUB_PUBLIC_URL": self.url,
            "PATH": os.environ["PATH"],
        }
        words = [f"{name}={value}" for name, value in given.items()]
        return ["env", "-i", *words, str(Path(sys.prefix) / "bin" / "hub")]

    def command(self) -> Sequence[str]:
        return [*self.hub, "serve", "--port", str(self.port)]

    def answers(self) -> bool:
        try:
            with urlopen(f"{self.url}/readyz", timeout=5) as answer:  # noqa: S310 - our own address
                return bool(answer.status == 200)
        except (URLError, ConnectionError):
            return False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def new_hub() -> Iterator[NewHub]:
    hub = NewHub()
    init = [*hub.hub, "init", "--admin-email", ADMIN, "--admin-password", PASSWORD]
    subprocess.run(init, check=True, capture_output=True, timeout=60)
    try:
        hub.start()
        yield hub
    finally:
        hub.kill9()


@pytest.fixture
def pbx() -> Iterator[Simulator]:
    with Simulator() as simulator:
        simulator.pace = 4.0
        yield simulator


def is_done(page: Page, *titles: str) -> None:
    page.get_by_role("link", name="Set-up").click()
    for title in titles:
        expect(page.locator(".guide li.done", has=page.get_by_role("heading", name=title))).to_be_visible()


def sign_in(page: Page, hub: NewHub) -> None:
    page.goto(hub.url)
    page.get_by_label("E-mail").fill(ADMIN)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Set Hub up")).to_be_visible()


def connect(page: Page, pbx: Simulator) -> None:
    page.get_by_role("link", name="Connect: Phone system").click()
    page.get_by_role("link", name="Asterisk / FreePBX").click()
    page.get_by_label("Host").fill(pbx.host)
    page.get_by_label("Port").fill(str(pbx.port))
    page.get_by_label("Username").fill(pbx.username)
    page.get_by_label("Secret", exact=True).fill(pbx.secret)
    page.get_by_label("Lines").fill(LINE)
    page.get_by_text("More settings").click()
    page.get_by_label("Extensions").fill(r"^1\d\d$")
    page.get_by_label("Trunks").fill("PJSIP/pstn-trunk")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("status").filter(has_text="pbx is connected")).to_be_visible()
    page.get_by_role("button", name="Test").click()
    expect(page.locator("#tried")).to_contain_text("answers and takes the manager user")
    page.get_by_role("link", name="Connections").click()


def add_olena(page: Page) -> str:
    """Her invitation."""
    page.get_by_role("link", name="Add them: People and extensions").click()
    page.get_by_role("link", name="Add a user").click()
    page.get_by_label("Name").fill("Olena Kovalenko")
    page.get_by_label("E-mail").fill("olena@example.com")
    page.get_by_label("On pbx").fill("101")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Make an invitation").click()
    invitation = page.get_by_label("Invitation for Olena Kovalenko", exact=True).input_value()
    page.reload()
    expect(page.get_by_label("Invitation for Olena Kovalenko", exact=True)).to_have_count(0)
    page.get_by_role("main").get_by_role("link", name="Users").click()
    return invitation


def see_first_call(page: Page, pbx: Simulator) -> None:
    until(lambda: pbx.listeners, seconds=SOON, what="the listener at the PBX")
    pbx.play("01-inbound-answered", speed=20, cast=Cast(clients={"671234567": "671234599"}))
    page.get_by_role("link", name="See the calls: The first call").click()
    expect(page.get_by_role("heading", name="Calls", exact=True)).to_be_visible()
    call = page.locator("table.calls tr", has_text="+380 67 123 4599").filter(has_text="Olena Kovalenko")

    def there() -> bool:
        page.reload()
        return call.count() > 0

    until(there, seconds=SOON, what="the first call in the log")


def test_an_administrator_sets_hub_up_and_sees_the_first_call(page: Page, new_hub: NewHub, pbx: Simulator) -> None:
    sign_in(page, new_hub)
    page.get_by_role("link", name="Look: Company").click()
    expect(page.locator(".facts")).to_contain_text("Europe/Kyiv")
    page.get_by_role("button", name="It is right").click()
    connect(page, pbx)
    is_done(page, "Company", "Phone system", "Lines")
    invitation = add_olena(page)
    is_done(page, "People and extensions")
    page.get_by_role("button", name="It is right: Rules").click()
    is_done(page, "Rules")
    see_first_call(page, pbx)
    page.goto(f"{new_hub.url}/settings/guide")
    expect(page.get_by_role("heading", name="Hub is set up")).to_be_visible()

    page.context.clear_cookies()
    page.goto(invitation)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Come in").click()
    expect(page.get_by_role("heading", name="Live")).to_be_visible()
