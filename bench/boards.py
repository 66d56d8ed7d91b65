"""Live boards: from an event at the hook to the card in a second browser, and with a thousand of them open.

A push of the generic connector is posted; a board is a server-sent stream, the browser Chromium. All clocks are one.
"""

import re
import selectors
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import sync_playwright
from sqlalchemy import select

from bench.places import ADMINISTRATOR, PASSWORD, Installation, embedded, many
from bench.report import Reading, at_most, milliseconds, plain, quantile
from hub.crm.models import OutboxRow
from hub.storage.database import open_engine, reading
from hub.telephony.models import CallRow
from tests.browser import OPTIONS
from tests.servers import program

EVENTS_A_SECOND = 50
SECONDS = 20
CARD_P95_MS = 250.0
BOARDS = 1000
CALLS_A_SECOND = 5
PUSH_P95_MS = 500.0
BOOK = 2.0
"""Seconds after the last event in which it must have arrived."""
SEEN = """() => {
  window.seen = {};
  new MutationObserver(() => {
    for (const card of document.querySelectorAll("#column-now article")) window.seen[card.id] ??= Date.now();
  }).observe(document.getElementById("column-now"), { childList: true, subtree: true });
}"""


def run() -> Iterator[Reading]:
    for way, installed in (("PostgreSQL, Redis, four kinds of processes", many), ("embedded", embedded)):
        with installed() as place:
            if way != "embedded":
                for process in ("worker", "scheduler"):
                    place.start(process)
            place.serve()
            address = place.run("connection", "add", "generic", "desk", "--set", "region=UA").strip().splitlines()[-1]
            yield from _second_browser(way, place, urlsplit(address).path)
            yield from _thousand(way, place, urlsplit(address).path)


# ---- the card in a second browser ----


def _second_browser(way: str, place: Installation, hook: str) -> Iterator[Reading]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), headless=True, args=OPTIONS)
        page = browser.new_context(base_url=place.url).new_page()
        page.goto("/sign-in")
        page.get_by_label("E-mail").fill(ADMINISTRATOR)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda address: "/sign-in" not in address)
        with page.expect_response(lambda answer: "/live/events" in answer.url):
            page.goto("/live")
        page.evaluate(SEEN)
        posted = _post(place, hook, "card", EVENTS_A_SECOND / 3)
        time.sleep(BOOK)
        seen: Mapping[str, int] = page.evaluate("window.seen")
        browser.close()
    ids = _call_ids(place)
    shown = {call: seen[f"call-{ids[call]}"] / 1000 for call in posted if f"call-{ids.get(call)}" in seen}
    lags = [shown[call] - moment for call, moment in posted.items() if call in shown]
    yield plain(f"{way}: hook to a card in Chromium", milliseconds(lags) if lags else "nothing came")
    yield Reading(what="cards shown", figure=f"{len(lags)} of {len(posted)}", met=len(lags) == len(posted))
    yield at_most("hook to card, p95", quantile(lags, 0.95) * 1000 if lags else float("inf"), CARD_P95_MS, "ms")


def _call_ids(place: Installation) -> Mapping[str, str]:
    engine = open_engine(place.database_url)
    with reading(engine) as session:
        rows = session.execute(select(CallRow.provider_call_id, CallRow.id)).all()
    engine.dispose()
    return {name: str(one) for name, one in rows}


def _post(place: Installation, hook: str, prefix: str, calls_a_second: float) -> Mapping[str, float]:
    """Calls that ring, are answered and end, evenly for `SECONDS`; when each was posted first (epoch)."""
    posted: dict[str, float] = {}
    count, begun = round(calls_a_second * SECONDS), time.time()
    steps = sorted(
        (number / calls_a_second + after, number, event)
        for number in range(count)
        for after, event in ((0.0, "newCall"), (1.0, "answer"), (2.0, "hangup"))
    )
    with closing(HTTPConnection("127.0.0.1", place.port, timeout=10)) as line:
        for due, number, event in steps:
            time.sleep(max(0.0, begun + due - time.time()))
            call = f"{prefix}-{number}"
            posted.setdefault(call, time.time())
            said = {"event": event, "callId": call, "direction": "in", "user": "101", "to": "380445551200"}
            line.request("POST", hook, urlencode(said | {"from": f"38067{number:07}"}), FORM)
            line.getresponse().read()
    return posted


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


# ---- a thousand boards ----


def _thousand(way: str, place: Installation, hook: str) -> Iterator[Reading]:
    token = place.run("token", "create", "--role", "reception", "--name", "bench").strip()
    before = _newest(place)
    with _open(place.port, token) as boards:
        posted = _post(place, hook, "many", CALLS_A_SECOND)
        time.sleep(BOOK)
    told = _outbox(place, before)
    lags = [arrived - at for at, version in told for board in boards if (arrived := board.when(version)) is not None]
    whole = sum(board.when(told[-1][1]) is not None for board in boards)
    yield plain(f"{way}: {BOARDS} boards, {len(posted)} calls, {len(told)} changes", milliseconds(lags))
    yield Reading(what="boards that were told everything", figure=f"{whole} of {BOARDS}", met=whole == BOARDS)
    yield at_most("change to board, p95", quantile(lags, 0.95) * 1000, PUSH_P95_MS, "ms")


@dataclass(slots=True)
class Board:
    """When (epoch) it had been told everything up to which id."""

    told: list[tuple[float, int]] = field(default_factory=list)

    def when(self, version: int) -> float | None:
        return next((moment for moment, reached in self.told if reached >= version), None)


@contextmanager
def _open(port: int, token: str) -> Iterator[Sequence[Board]]:
    boards = [Board() for _ in range(BOARDS)]
    selector, over = selectors.DefaultSelector(), threading.Event()
    ask = f"GET /live/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    for board in boards:
        line = socket.create_connection(("127.0.0.1", port), timeout=30)
        line.sendall(ask)
        if b" 200 " not in (head := line.recv(4096)):
            raise RuntimeError(f"no live board: {head!r}")
        line.setblocking(False)
        selector.register(line, selectors.EVENT_READ, board)
    reader = threading.Thread(target=_read, args=(selector, over))
    reader.start()

    try:
        yield boards
    finally:
        over.set()
        reader.join()
        for key in list(selector.get_map().values()):
            selector.unregister(key.fileobj)
            key.fileobj.close()  # type: ignore[union-attr]  # they are sockets


NEWEST = re.compile(rb"^id: (\d+)$", re.MULTILINE)


def _read(selector: selectors.BaseSelector, over: threading.Event) -> None:
    while not over.is_set():
        for key, _ in selector.select(0.5):
            data = key.fileobj.recv(1 << 20)  # type: ignore[union-attr]  # they are sockets
            if found := NEWEST.findall(data):
                key.data.told.append((time.time(), int(found[-1])))


def _newest(place: Installation) -> int:
    rows = _outbox(place, 0)
    return rows[-1][1] if rows else 0


def _outbox(place: Installation, after: int) -> Sequence[tuple[float, int]]:
    """When each change of a call was written down, and its id."""
    engine = open_engine(place.database_url)
    calls = select(OutboxRow.created_at, OutboxRow.id).where(OutboxRow.id > after, OutboxRow.type.startswith("call."))
    with reading(engine) as session:
        rows = session.execute(calls.order_by(OutboxRow.id)).all()
    engine.dispose()
    return [(at.timestamp(), version) for at, version in rows]
