"""Many contacts of one person at the same moment, on real PostgreSQL: one card, one lead, every touch."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from hub.domain.activity import Contacted
from hub.domain.identity import PhoneNumber
from hub.leads import consequences, lead_work
from hub.leads.models import ContactNumberRow, ContactRow, LeadRow, TaskRow, TouchRow
from hub.storage.database import open_engine
from tests.pipeline.leads.words import Desk, answered, form, mail, minutes, missed

ROUNDS = 20
AT_ONCE = 50


@pytest.fixture
def crowd(postgresql_url: str) -> Iterator[Desk]:
    """Room for fifty transactions at once, none of which waits for a connection or a late neighbour."""
    engine = open_engine(postgresql_url, pool_size=AT_ONCE, statement_seconds=60)
    yield Desk(engine)
    engine.dispose()


def at_once(engine: Engine, contacts: list[Contacted]) -> None:
    """Each in a transaction of its own, all begun before any may go on; a deadlock would raise."""
    begun = Barrier(len(contacts))

    def settle(contacted: Contacted) -> None:
        with Session(engine) as session, session.begin():
            session.execute(text("SET LOCAL lock_timeout = '60s'"))  # fifty stand in line for one person
            begun.wait(timeout=30)
            consequences.settle(session, contacted, contacted.at)

    with ThreadPoolExecutor(len(contacts)) as pool:
        list(pool.map(settle, contacts))


def person(index: int) -> tuple[PhoneNumber, str]:
    return PhoneNumber.parse(f"+3806712300{index:02}", "UA"), f"client{index}@example.com"


def one_of_three_channels(index: int, at: float = 0) -> list[Contacted]:
    """Calls tell the number; forms, and letters with a signature, the number and the address."""
    number, address = person(index)
    told: list[Callable[[str], Contacted]] = [
        lambda subject: answered(subject, at, number=number),
        lambda subject: missed(subject, at, number=number),
        lambda subject: form(subject, at, number=number, addresses=(address,), name="Anna"),
        lambda subject: mail(subject, at, number=number, addresses=(address, f"office{index}@example.com")),
    ]
    return [told[turn % len(told)](f"{index}-{turn}") for turn in range(AT_ONCE)]


def test_fifty_first_contacts_of_three_channels_are_one_card_and_one_lead(crowd: Desk) -> None:
    for index in range(ROUNDS):
        at_once(crowd.engine, one_of_three_channels(index))
    origins = [card.origin for card in crowd.rows(ContactRow)]
    assert origins == [f"tel:+3806712300{index:02}" for index in range(ROUNDS)]
    leads = crowd.rows(LeadRow)
    assert [(lead.contact_id, lead.current) for lead in leads] == [(card.id, True) for card in crowd.rows(ContactRow)]
    touches = crowd.rows(TouchRow)
    assert [len([touch for touch in touches if touch.lead_id == lead.id]) for lead in leads] == [AT_ONCE] * ROUNDS
    assert [touch.opened for touch in touches].count(True) == ROUNDS
    assert len(crowd.rows(ContactNumberRow)) == ROUNDS


def test_fifty_contacts_after_the_window_open_one_lead_more(crowd: Desk) -> None:
    number, _ = person(1)
    crowd.tell(answered("old", number=number))
    later = timedelta(days=31) / timedelta(minutes=1)
    crowd.tell(form("first", later, number=number))
    at_once(crowd.engine, [form(f"f{turn}", later + turn, number=number) for turn in range(AT_ONCE)])
    assert [lead.current for lead in crowd.rows(LeadRow)] == [False, True]
    assert len(crowd.rows(TouchRow)) == AT_ONCE + 2


def test_fifty_missed_calls_are_one_task_with_fifty_tries(crowd: Desk) -> None:
    number, _ = person(1)
    at_once(crowd.engine, [missed(f"c{turn}", turn, number=number) for turn in range(AT_ONCE)])
    task = crowd.one(TaskRow)
    assert (task.state, task.tries) == ("open", AT_ONCE)


def test_a_card_found_by_number_and_by_address_at_once_has_one_lead(crowd: Desk) -> None:
    """The keys differ, so only the card itself stands between two leads."""
    for index in range(5):
        number, address = person(index)
        opened = crowd.tell(form(f"f{index}", number=number, addresses=(address,)))
        with crowd.transaction() as session:
            lead_work.move(session, opened.lead_id or 0, "rejected", "asked for the time", minutes(0.5))
        by_number = [form(f"n{index}-{turn}", 1, number=number) for turn in range(25)]
        by_address = [form(f"a{index}-{turn}", 1, addresses=(address,)) for turn in range(25)]
        at_once(crowd.engine, [*by_number, *by_address])
    assert [lead.current for lead in crowd.rows(LeadRow)].count(True) == 5
    assert len(crowd.rows(LeadRow)) == 10
