"""Open pages that are told what happens: each what concerns it and nothing else, by one thread for all."""

import asyncio
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from hub.crm import outbox
from hub.domain import clock
from hub.domain.access import Permission, Viewer
from hub.people import signin
from hub.people.credentials import Credential
from hub.people.models import UserRow
from hub.people.secrets import digest
from hub.people.signin import Attempt
from hub.people.viewers import viewer_of
from hub.reads import live
from hub.reads.live import Cursor
from hub.web.pages.live import BoardDesk
from hub.web.pages.mine import OwnDesk
from hub.web.streams import Desk, Fan, Round, event
from hub.web.streams.fan import REMEMBERED
from hub.web.streams.line import UNREAD, Line
from tests.pipeline.office import MONDAY, Office, hungup, rang, started
from tests.web.company import Company

PLACES = 20
PATIENCE = 20
"""Seconds."""


@pytest.fixture
def company(database_url: str, tmp_path: Path) -> Iterator[Company]:
    office = Office.opened(database_url, tmp_path)
    with time_machine.travel(MONDAY + timedelta(hours=2), tick=True):
        yield Company.opened(office)
    office.hub.engine.dispose()


@pytest.fixture
def fan(company: Company) -> Iterator[Fan]:
    fan = Fan(company.app, company.office.hub, PLACES)
    yield fan
    fan.stop()


class Page:
    """The browser's end of an open line."""

    def __init__(self, company: Company, fan: Fan, name: str, desk: Desk) -> None:
        with company.office.hub.unit_of_work() as session:
            attempt = Attempt(user_id=company.people[name], stored=None, account="", counted=())
            secret = signin.conclude(session, attempt, clock.now())
            viewer = viewer_of(session, session.get_one(UserRow, company.people[name]))
        ours, theirs = socket.socketpair()
        ours.settimeout(PATIENCE)
        self._socket, self.told = ours, ""
        assert fan.enter()
        fan.take(theirs.detach(), b"retry: 1000\n\n", Line(desk, Credential("session", digest(secret)), viewer))

    def until(self, words: str) -> str:
        """Everything that was told, up to these words and the end of their event."""
        deadline = time.monotonic() + PATIENCE
        while words not in self.told or not self.told.endswith("\n\n"):
            more = self._socket.recv(65536)
            self.told += more.decode()
            assert more, self.told
            assert time.monotonic() < deadline, f"{words!r} never came: {self.told}"
        return self.told

    def to_the_end(self) -> str:
        while more := self._socket.recv(65536):
            self.told += more.decode()
        self.close()
        return self.told

    def close(self) -> None:
        self._socket.close()


def board(company: Company) -> BoardDesk:
    with company.office.hub.reading() as session:
        return BoardDesk(live.here(session), bare=False)


def ring(company: Company, call: str, phone: str, number: str) -> None:
    company.office.hear(started(call, 7100, number), rang(call, 7101, phone))


def test_each_board_is_told_of_what_is_in_its_sight(company: Company, fan: Fan) -> None:
    pages = {name: Page(company, fan, name, board(company)) for name in ("Rita", "Mira", "Sofia", "Oleg")}
    ring(company, "for Mira", "101", "0671234590")
    ring(company, "for Oleg", "103", "0671234591")
    for name in ("Rita", "Mira", "Sofia"):
        assert "event: card" in pages[name].until("+380 67 123 4590")
    assert "4590" not in pages["Oleg"].until("+380 67 123 4591")
    pages["Rita"].until("+380 67 123 4591")
    company.office.hear(hungup("for Mira", 7110), hungup("for Oleg", 7110))
    ring(company, "again for Mira", "101", "0671234592")
    assert "4591" not in pages["Mira"].until("+380 67 123 4592")
    for page in pages.values():
        page.close()


def test_a_card_drawn_for_many_holds_no_token_of_anybody(company: Company, fan: Fan) -> None:
    with closing(Page(company, fan, "Rita", board(company))) as page:
        company.office.hear(started("missed", 7100, "0671234590"), hungup("missed", 7110))
        told = page.until('name="csrf_token"')
    assert 'name="csrf_token" value=""' in told
    assert told.count('name="csrf_token"') == told.count('name="csrf_token" value=""')


def test_one_s_own_calls_are_told_from_how_they_stand_to_their_end(company: Company, fan: Fan) -> None:
    ring(company, "now", "101", "0671234590")
    mira, oleg = (Page(company, fan, name, OwnDesk()) for name in ("Mira", "Oleg"))
    assert "Your phone rings" in mira.until("event: mine")
    company.office.hear(hungup("now", 7110))
    ring(company, "for Oleg", "103", "0671234591")
    mira.until("event: mine-gone")
    assert "4590" not in oleg.until("4591")
    for page in (mira, oleg):
        page.close()


def test_a_page_goes_on_where_its_line_broke(company: Company, fan: Fan) -> None:
    desk = board(company)
    with closing(Page(company, fan, "Rita", board(company))) as there:
        ring(company, "meanwhile", "101", "0671234590")
        there.until("4590")
        with closing(Page(company, fan, "Rita", desk)) as back:
            assert "event: reload" not in back.until("4590")


def test_whoever_missed_more_than_is_remembered_reads_the_board_anew(company: Company, fan: Fan) -> None:
    with company.office.hub.unit_of_work() as session:
        for number in range(REMEMBERED + 10):
            outbox.enqueue(session, type="card.changed", subject=f"contact:{number}", body={}, now=clock.now())
    with closing(Page(company, fan, "Rita", BoardDesk(Cursor(1), bare=False))) as page:
        page.until("event: reload")


def test_whoever_is_signed_out_is_told_nothing_more(company: Company, fan: Fan) -> None:
    mira, rita = (Page(company, fan, name, board(company)) for name in ("Mira", "Rita"))
    mira.until("retry")
    with company.office.hub.unit_of_work() as session:
        signin.sign_out_everywhere(session, company.people["Mira"])
    mira.to_the_end()
    ring(company, "later", "101", "0671234590")
    rita.until("4590")
    assert "4590" not in mira.told
    rita.close()


class Broken:
    permission = Permission.CALLS_READ
    cursor = None
    over = False

    def look(self, now: Round, asks: Viewer) -> Iterable[str]:
        raise RuntimeError("a desk that cannot be drawn")


def test_a_page_that_cannot_be_drawn_ends_and_disturbs_nobody(company: Company, fan: Fan) -> None:
    with closing(Page(company, fan, "Rita", board(company))) as rita:
        Page(company, fan, "Mira", Broken()).to_the_end()
        ring(company, "later", "101", "0671234590")
        rita.until("4590")


def test_places_are_bounded(fan: Fan) -> None:
    for _ in range(PLACES):
        assert fan.enter()
    assert not fan.has_room()
    assert not fan.enter()


def test_a_browser_that_reads_nothing_is_let_go() -> None:
    async def write() -> None:
        ours, theirs = socket.socketpair()
        line = Line(Broken(), Credential("session", ""), Viewer(user_id=1, roles=frozenset()))
        await asyncio.get_running_loop().connect_accepted_socket(lambda: line, theirs)
        with closing(ours):
            while not line.gone.is_set():
                line.say(bytes(UNREAD))
                await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(write(), 20))


def test_an_event_is_written_by_the_standard() -> None:
    assert event("card", "<p>\n</p>\n", 7) == "event: card\nid: 7\ndata: <p>\ndata: </p>\n\n"
    assert event("reload", "") == "event: reload\ndata: \n\n"
