"""What people do to a call while its connection is worked on: one waits for the other, and never both."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from hub import pipeline
from hub.domain.access import Role, Viewer
from hub.telephony import remarks
from hub.telephony.models import CallRow
from hub.web import acts, acts_calls
from hub.web.acts import Desk
from tests.pipeline.office import Office, rang, started
from tests.waiting import until

CRM = Viewer(user_id=None, roles=frozenset({Role.ADMINISTRATOR}), token=True)
PATIENCE_SECONDS = 20.0
Deed = Callable[[Desk, UUID], object]
DEEDS: dict[str, Deed] = {
    "a note": lambda desk, call: acts.note_call(desk, call, {"note": "said yes", "tags": ["vip"]}),
    "a note as typed": lambda desk, call: acts_calls.save_note(desk, call, "said yes", remarks.version(None)),
    "a tag": lambda desk, call: acts_calls.tag(desk, [call], "vip"),
}


@pytest.fixture
def office(postgresql_url: str, tmp_path: Path) -> Iterator[Office]:
    """On PostgreSQL alone: SQLite lets one write at a time, so nobody can hold what another needs."""
    opened = Office.opened(postgresql_url, tmp_path)
    yield opened
    opened.hub.engine.dispose()


@pytest.mark.parametrize("deed", DEEDS)
def test_a_person_waits_for_the_drain_and_holds_nothing_it_needs(office: Office, deed: str) -> None:
    """The drain holds the connection and then the call. Whoever held the call and waited for the connection would stop
    both, until the database ended one of them."""
    office.hear(started("c1"), rang("c1"))
    call, failed = UUID(office.call()["id"]), list[Exception]()

    def act() -> None:
        try:
            DEEDS[deed](Desk(office.hub, CRM), call)
        except Exception as error:  # noqa: BLE001 - told to the test
            failed.append(error)

    person = threading.Thread(target=act)
    with office.hub.unit_of_work() as session:
        pipeline.open_scene(office.hub, session, office.ids["acme"])
        person.start()
        _until_somebody_waits(session)
        row = session.get_one(CallRow, call)
        version, row.version = row.version, row.version + 1
        row.external_name = "Anna"
        session.flush()
    person.join(PATIENCE_SECONDS)
    assert failed == []
    with office.hub.reading() as session:
        row = session.get_one(CallRow, call)
        assert row.external_name == "Anna"
        assert row.note == "said yes" or row.tags == ["vip"]
        assert row.version == version + 2, "what the drain changed meanwhile is not overwritten"


def _until_somebody_waits(session: Session) -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    until(lambda: session.scalar(waiting), seconds=PATIENCE_SECONDS, what="somebody who waits")
