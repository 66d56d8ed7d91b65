"""Pictures of Hub at work, for the README: the invented company is started, looked at in both themes, and stopped.

`scripts/screenshots.py` writes docs/screenshots/. `--at URL --widths 360,1280,1920 --into FOLDER` looks at a demo that
runs already, on every desk and width: what a designer wants to see. Tests keep pictures of every page besides
(`pytest --screenshots`).
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, sync_playwright

from hub.demo import PASSWORD

ROOT = Path(__file__).parents[1]
README = ROOT / "docs/screenshots"
PATIENCE_SECONDS = 120.0
SETTLES_MILLISECONDS = 400
"""What a page asks for once it stands (the doctor's findings, one's own phone) is there by then, or is no picture."""
BEST = {
    "live": ("iryna", "/live"),
    "card": ("iryna", "/clients/1"),
    "calls": ("maria", "/calls"),
    "call": ("maria", "/calls?outcome=answered"),
    "day": ("andrii", "/my-day"),
    "rules": ("admin", "/settings/rules"),
}
"""What the README shows."""
MORE = {
    "wall": ("iryna", "/live/wall"),
    "clients": ("iryna", "/clients"),
    "client-new": ("iryna", "/clients/new?number=0931110001"),
    "client-edit": ("iryna", "/clients/1/edit"),
    "account": ("iryna", "/account"),
    "password": ("iryna", "/account/password"),
    "settings": ("admin", "/settings"),
    "connection": ("admin", "/settings/connections/pbx"),
    "connection-form": ("admin", "/settings/connections/pbx/settings"),
    "users": ("admin", "/settings/users"),
    "user": ("admin", "/settings/users/1"),
    "team": ("admin", "/settings/teams/1"),
    "lines": ("admin", "/settings/lines"),
    "line": ("admin", "/settings/lines/1"),
    "rule": ("admin", "/settings/rules/inbound_missed/new"),
    "tokens": ("admin", "/settings/tokens"),
    "journal": ("admin", "/settings/journal"),
    "guide": ("admin", "/settings/guide"),
    "doctor": ("admin", "/settings/doctor/findings"),
    "missing": ("iryna", "/no-such-page"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--at", help="a demo that runs already; without it one is started")
    parser.add_argument("--into", type=Path, default=README)
    parser.add_argument("--widths", default="", help="every desk at these widths, instead of the best of them at 1440")
    parser.add_argument("--language", default="en", choices=("en", "uk", "ru", "lv"))
    parser.add_argument("--only", default="", help="names of pictures, separated by commas")
    asked = parser.parse_args()
    widths = [int(width) for width in asked.widths.split(",") if width] or [1440]
    wanted = BEST | MORE if asked.widths else BEST
    names = [name for name in asked.only.split(",") if name] or list(wanted)
    asked.into.mkdir(parents=True, exist_ok=True)
    with _demo(asked.at) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        pictures = {name: wanted[name] for name in names}
        for who in sorted({who for who, _ in pictures.values()}):
            page = _signed_in(browser, address, who, asked.language)
            for name, (whose, path) in pictures.items():
                if whose == who:
                    _take(page, path, asked.into / name, widths, plain=not asked.widths)
            page.context.close()
        browser.close()


@contextmanager
def _demo(at: str | None) -> Iterator[str]:
    """The address of a demo in which calls come and go."""
    if at is not None:
        yield at
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        command = [str(Path(sys.prefix) / "bin/hub"), "demo", "--port", str(port), "--speed", "10"]
        demo = subprocess.Popen(  # noqa: S603 - our own command
            command, env={**os.environ, "HUB_DATA_DIR": folder}, stdout=subprocess.DEVNULL
        )
        try:
            _until_ready(address)
            yield address
        finally:
            demo.terminate()
            demo.wait()


def _until_ready(address: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with urlopen(f"{address}/readyz", timeout=5):  # noqa: S310 - our own address
                return
        except (URLError, ConnectionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _signed_in(browser: Browser, address: str, who: str, language: str) -> Page:
    context = browser.new_context(base_url=address, locale="en-GB", timezone_id="Europe/Kyiv", reduced_motion="reduce")
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("#email", f"{who}@example.com")
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    if language != "en":
        page.click("details.me summary")
        page.click(f"details.me button[value={language}]")
        page.wait_for_selector(f"html[lang={language}]")
    return page


def _take(page: Page, path: str, file: Path, widths: list[int], *, plain: bool) -> None:
    """One picture for each theme and width; `plain`: as a person sees it without scrolling."""
    page.goto(path)
    if file.name == "call":
        page.locator("table.calls .open").first.click()
        page.wait_for_selector("h1")
    if plain and file.name == "live":
        page.wait_for_selector("[data-cards=now] article", timeout=PATIENCE_SECONDS * 1000)
    page.wait_for_timeout(SETTLES_MILLISECONDS)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            name = f"{file.name}-{scheme}.png" if plain else f"{file.name}-{width}-{scheme}.png"
            page.screenshot(path=file.parent / name, full_page=not plain, animations="disabled", caret="initial")


if __name__ == "__main__":
    main()
