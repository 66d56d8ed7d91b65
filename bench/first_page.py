"""The first page in a browser that has never been here: nothing in its cache, a company's calls on the server."""

from collections.abc import Iterator
from contextlib import AbstractContextManager

from playwright.sync_api import Browser, StorageState, sync_playwright

from bench import cel_import, pbx
from bench.places import ADMINISTRATOR, PASSWORD, Installation, embedded, many
from bench.report import Reading, at_most, milliseconds, plain, quantile
from tests.browser import OPTIONS
from tests.servers import program

VISITS = 10
ROWS = 20_000
PAGES = {"the log": "/calls", "the live board": "/live"}
P95_MS = 1000.0
PAINTED = """() => new Promise((tell) => {
  const seen = (list) => list.getEntriesByName("first-contentful-paint").forEach((entry) => tell(entry.startTime));
  new PerformanceObserver(seen).observe({ type: "paint", buffered: true });
})"""


def run() -> Iterator[Reading]:
    yield from _measure("embedded", embedded())
    yield from _measure("PostgreSQL and Redis", many())


def _measure(way: str, made: AbstractContextManager[Installation]) -> Iterator[Reading]:
    with made as place, sync_playwright() as playwright:
        table = place.data_dir / "cel.csv"
        cel_import.write(table, ROWS)
        pbx.connect(place)
        place.run("feed", "--history", pbx.NAME, str(table))
        place.serve()
        browser = playwright.chromium.launch(executable_path=program("chromium"), headless=True, args=OPTIONS)
        cookies = _signed_in(browser, place)
        for what, address in PAGES.items():
            times = [_visit(browser, place, cookies, address) for _ in range(VISITS + 1)][1:]
            yield plain(f"{way}: {what}, first paint", milliseconds(times))
            yield at_most(f"{way}: {what}, p95", quantile(times, 0.95) * 1000, P95_MS, "ms")
        browser.close()


def _signed_in(browser: Browser, place: Installation) -> StorageState:
    context = browser.new_context(base_url=place.url)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(ADMINISTRATOR)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: "/sign-in" not in address)
    state = context.storage_state()
    context.close()
    return state


def _visit(browser: Browser, place: Installation, cookies: StorageState, address: str) -> float:
    """Seconds from asking for the page to the first of it on the screen, in a context with an empty cache."""
    context = browser.new_context(base_url=place.url, storage_state=cookies)
    page = context.new_page()
    page.goto(address)
    painted = float(page.evaluate(PAINTED))
    context.close()
    return painted / 1000
