"""A number is looked up by index alone, so a million cards cost no more than ten."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, event, insert, text
from sqlalchemy.orm import Session

from hub.domain.identity import PhoneNumber
from hub.leads import lookup
from hub.leads.lookup import MAX_CANDIDATES
from hub.leads.models import ContactMailRow, ContactNumberRow, ContactRow
from hub.leads.persons import Person
from tests.pipeline.leads.words import ANNA, MONDAY, Desk

WHO = Person(number=ANNA, addresses=("anna@example.com", "koval@example.com"))


def fill(desk: Desk, count: int, *, number: PhoneNumber | None = None) -> None:
    """Cards with a number and an address each: their own, or all the same number."""
    ids = range(1, count + 1)
    with desk.transaction() as session:
        session.execute(
            insert(ContactRow),
            [
                {"id": each, "name": str(each), "tags": [], "created_at": MONDAY + timedelta(seconds=each)}
                for each in ids
            ],
        )
        session.execute(insert(ContactNumberRow), [numbered(each, number) for each in ids])
        session.execute(
            insert(ContactMailRow), [{"contact_id": each, "address": f"client{each}@example.com"} for each in ids]
        )


def numbered(each: int, number: PhoneNumber | None) -> dict[str, Any]:
    e164 = number.e164 if number else f"+38050{each:07}"
    return {"contact_id": each, "e164": e164, "tail": (e164 or "")[-9:], "typed": e164}


def plan(engine: Engine) -> Iterator[str]:
    """How the database goes about the lookup, with the statistics of what it holds."""
    said: list[tuple[str, Any]] = []

    @event.listens_for(engine, "before_cursor_execute")
    def _hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        said.append((statement, parameters))

    with engine.connect() as connection:
        lookup.candidates(Session(connection), WHO)
        event.remove(engine, "before_cursor_execute", _hear)
        explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
        for statement, parameters in said:
            for row in connection.exec_driver_sql(explain + statement, parameters):
                yield str(row[-1])


def test_no_table_is_read_through(desk: Desk) -> None:
    fill(desk, 5000)
    with desk.engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    steps = "\n".join(plan(desk.engine))
    assert "ix_contact_numbers_e164" in steps
    assert "ix_contact_numbers_tail" in steps
    assert "ix_contact_mails_address" in steps
    assert "SCAN contact" not in steps
    assert "Seq Scan on contact" not in steps


def test_a_number_on_thousands_of_cards_gives_fifty_candidates(desk: Desk) -> None:
    fill(desk, 3000, number=ANNA)
    with desk.transaction() as session:
        found = lookup.candidates(session, Person(number=ANNA))
    assert [card.contact_id for card in found] == list(range(1, MAX_CANDIDATES + 1))
    assert all(card.certain for card in found)


def test_certain_cards_come_before_probable_ones(desk: Desk) -> None:
    fill(desk, 100, number=PhoneNumber.parse("+48671234567", "UA"))
    with desk.transaction() as session:
        session.execute(insert(ContactRow).values(id=101, name="Anna", tags=[], created_at=MONDAY))
        session.execute(insert(ContactNumberRow), [numbered(101, ANNA)])
        found = lookup.candidates(session, Person(number=ANNA))
    assert (found[0].contact_id, found[0].certain) == (101, True)
    assert len(found) == MAX_CANDIDATES
    assert not any(card.certain for card in found[1:])


def test_whoever_cannot_be_looked_for_costs_nothing(desk: Desk) -> None:
    with desk.transaction() as session:
        assert lookup.candidates(session, Person()) == []
        assert lookup.choice(session, None) is None
