"""What a page makes a browser fetch before it is alive: a budget for its scripts, as they travel."""

import gzip

import pytest
from playwright.sync_api import Page, Response

from tests.web.pages.conftest import SignIn

SCRIPTS_KILOBYTES, STYLES_KILOBYTES = 200, 50
"""Compressed. The phone in the browser is not among them: only those who have one fetch it."""


@pytest.mark.parametrize(("who", "address"), [("olena", "/live"), ("maria", "/calls"), ("admin", "/settings/rules")])
def test_the_scripts_and_styles_of_a_page_are_light(come_as: SignIn, who: str, address: str) -> None:
    page = come_as(who)
    for kind, budget in (("script", SCRIPTS_KILOBYTES), ("stylesheet", STYLES_KILOBYTES)):
        sizes = _sizes(page, address, kind)
        assert sizes, f"a page without any {kind} is not what was to be measured"
        assert sum(sizes.values()) <= budget * 1024, sizes


def _sizes(page: Page, address: str, kind: str) -> dict[str, int]:
    """Compressed bytes of everything of this kind that the page fetches, by address."""
    heard: list[Response] = []

    def hear(response: Response) -> None:
        heard.append(response)

    page.on("response", hear)
    page.goto(address)
    page.wait_for_load_state("load")
    page.remove_listener("response", hear)
    wanted = {each.url for each in heard if each.request.resource_type == kind}
    return {url: len(gzip.compress(page.request.get(url).body())) for url in wanted}  # whole, cached or not
