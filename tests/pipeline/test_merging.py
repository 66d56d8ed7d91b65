"""Two cards that are one person become one; parted again, everything is as it was."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update

from hub import repair
from hub.domain.access import Role, Viewer
from hub.domain.errors import Conflict, Forbidden, Invalid, NotFound
from hub.leads import cards, corrections, lead_work, notes, tasks
from hub.leads.cards import CardFields
from hub.leads.models import (
    ChoiceRow,
    ContactedRow,
    ContactMailRow,
    ContactNumberRow,
    ContactRow,
    LeadRow,
    MergeRow,
    NoteRow,
    TaskRow,
)
from hub.leads.notes import NewNote
from hub.storage.database import Base
from hub.telephony.models import CallRow
from hub.web import acts, acts_merging
from hub.web.acts import Desk
from tests.pipeline.office import MONDAY, Office, missed, started, talk

BOSS = Viewer(user_id=None, roles=frozenset({Role.ADMINISTRATOR}), token=True)
NUMBERS = ("0501112201", "0501112202", "0501112203", "0501112204")
MEANS_NOTHING = {"version", "stand_in"}
"""An undone merge was still a change by a person."""
TABLES: tuple[type[Base], ...] = (
    *(ContactRow, ContactNumberRow, ContactMailRow, ChoiceRow, ContactedRow, LeadRow, TaskRow, NoteRow, CallRow),
)


@dataclass
class Firm:
    office: Office

    @property
    def desk(self) -> Desk:
        return Desk(self.office.hub, BOSS)

    def card_of(self, number: str) -> int:
        """The card this number's last call is on."""
        with self.office.hub.reading() as session:
            mine = select(CallRow.contact_id).where(CallRow.external_number == f"+38{number}")
            found = session.scalars(mine.order_by(CallRow.started_at.desc())).first()
        assert found is not None
        return found

    def client(self, name: str, *numbers: str, **more: Any) -> int:
        with self.office.hub.unit_of_work() as session:
            fields: Any = {"name": name, "numbers": numbers, **more}
            row = cards.create(session, fields, "UA", MONDAY)
            session.flush()
            return row.id

    def settle(self) -> None:
        repair.rematch(self.office.hub)

    def replay(self) -> None:
        self.settle()
        repair.replay(self.office.hub, self.office.ids["acme"])
        self.settle()

    def all(self) -> dict[str, list[Any]]:
        """Every row, but for what means nothing."""
        rows = {}
        for table in TABLES:
            names = [column.name for column in table.__table__.columns if column.name not in MEANS_NOTHING]
            told = [tuple(getattr(row, name) for name in names) for row in self.office.rows(table)]
            rows[table.__tablename__] = sorted(told, key=repr)
        return rows

    def rows(self, table: type[Any], **wanted: Any) -> list[Any]:
        return [row for row in self.office.rows(table) if all(getattr(row, k) == v for k, v in wanted.items())]


@pytest.fixture
def firm(database_url: str, tmp_path: Path) -> Iterator[Firm]:
    office = Office.opened(database_url, tmp_path)
    with time_machine.travel(MONDAY + timedelta(hours=5), tick=True):
        yield Firm(office)
    office.hub.engine.dispose()


def test_a_new_caller_who_is_a_client_becomes_that_client(firm: Firm) -> None:
    kept = firm.client("Anna", "0671234567", company="Windows")
    firm.office.hear(*missed("c1", number=NUMBERS[0]), *talk("c2", 100, number="0671234567"))
    gone = firm.card_of(NUMBERS[0])
    made = acts_merging.merge(firm.desk, kept, gone)
    assert made["contact"]["id"] == kept
    assert {each["e164"] for each in made["contact"]["numbers"]} == {"+380671234567", f"+38{NUMBERS[0]}"}
    assert [row.id for row in firm.rows(ContactRow)] == [kept]
    assert {row.contact_id for table in (CallRow, LeadRow, TaskRow, ContactedRow) for row in firm.rows(table)} == {kept}
    told = [row for row in firm.office.told() if row.body.get("contact")]
    assert [row.body["contact"]["id"] for row in told][-1] == kept


def test_neither_replay_nor_relinks_bring_the_card_back(firm: Firm) -> None:
    kept = firm.client("Anna", "0671234567")
    firm.office.hear(*missed("c1", number=NUMBERS[0]), *talk("c2", 100, number="0671234567"))
    firm.office.hear(*talk("c3", 200, number=NUMBERS[0]))
    acts_merging.merge(firm.desk, kept, firm.card_of(NUMBERS[0]))
    firm.settle()
    before = firm.all()
    firm.replay()
    assert firm.all() == before
    firm.office.hear(*missed("c4", 900, number=NUMBERS[0]))
    assert firm.card_of(NUMBERS[0]) == kept
    assert len(firm.rows(ContactRow)) == 1


def test_undone_everything_is_as_it_was_and_stays_so(firm: Firm) -> None:
    _, gone, merge_id, before = _merged_story(firm)
    parted = acts_merging.undo_merge(firm.desk, merge_id)
    assert parted["contact"]["id"] == gone
    assert firm.all() == before
    firm.replay()
    assert firm.all() == before
    with pytest.raises(Conflict, match="already"):
        acts_merging.undo_merge(firm.desk, merge_id)


def _merged_story(firm: Firm) -> tuple[int, int, int, dict[str, list[Any]]]:
    """Two cards with everything a card can have, merged; how all was before."""
    kept = firm.client("Anna", "0671234567", NUMBERS[3], mails=["anna@example.org"], tags=["vip"], note="Likes blue")
    gone = firm.client("A. Shevchenko", NUMBERS[0], NUMBERS[3], mails=["anna@example.org", "a@example.org"])
    with firm.office.hub.unit_of_work() as session:
        cards.edit(session, gone, CardFields(company="Windows", tags=["wholesale"], note="Likes red"), "UA", MONDAY)
        notes.add(session, NewNote(contact_id=gone, user_id=None, text="Wants a discount", key="n1"), MONDAY)
        tasks.promise(session, title="Offer", due_at=MONDAY, contact_id=gone, owner_id=None, now=MONDAY)
        lead_work.open_by_hand(session, gone, None, MONDAY)
        lead_work.open_by_hand(session, kept, None, MONDAY)
        corrections.choose(session, f"+38{NUMBERS[3]}", gone, None, MONDAY)
    firm.office.hear(*missed("c1", number=NUMBERS[0]), *talk("c2", 100, number="0671234567"))
    firm.office.hear(*talk("c3", 200, number=NUMBERS[3]))
    firm.settle()
    before = firm.all()
    return kept, gone, acts_merging.merge(firm.desk, kept, gone)["id"], before


def test_what_is_on_both_is_there_once_and_what_the_one_lacks_comes_from_the_other(firm: Firm) -> None:
    kept, *_ = _merged_story(firm)
    (card,) = firm.rows(ContactRow)
    assert (card.id, card.name, card.company, card.tags) == (kept, "Anna", "Windows", ["vip", "wholesale"])
    assert card.note == "Likes blue\nLikes red"
    assert len({row.e164 for row in firm.rows(ContactNumberRow)}) == len(firm.rows(ContactNumberRow)) == 3
    assert sorted(row.address for row in firm.rows(ContactMailRow)) == ["a@example.org", "anna@example.org"]
    assert {row.contact_id for table in (ChoiceRow, NoteRow, TaskRow) for row in firm.rows(table)} == {kept}
    assert sorted(row.current for row in firm.rows(LeadRow)) == [False, True]


def test_a_lead_nobody_has_worked_on_joins_the_other(firm: Firm) -> None:
    firm.office.hear(*missed("c1", number=NUMBERS[0]), *missed("c2", 100, number=NUMBERS[1]))
    kept, gone = firm.card_of(NUMBERS[0]), firm.card_of(NUMBERS[1])
    worked = firm.rows(LeadRow, contact_id=gone)[0].id
    with firm.office.hub.unit_of_work() as session:
        lead_work.move(session, worked, "in_work", None, MONDAY)
    before = firm.all()
    made = acts_merging.merge(firm.desk, kept, gone)
    (lead,) = firm.rows(LeadRow)
    assert (lead.id, lead.contact_id, lead.current, lead.created_at) == (worked, kept, True, MONDAY)
    assert {row.lead_id for row in firm.rows(CallRow)} == {worked}
    settled = firm.all()
    firm.replay()
    assert [row.id for row in firm.rows(LeadRow)] == [worked]
    assert firm.all()["leads"] == settled["leads"]
    acts_merging.undo_merge(firm.desk, made["id"])
    firm.settle()
    assert firm.all() == before


def test_what_came_after_the_merge_follows_its_number_and_what_people_changed_stays(firm: Firm) -> None:
    kept = firm.client("Anna", "0671234567")
    firm.office.hear(*talk("c1", number=NUMBERS[0]))
    gone = firm.card_of(NUMBERS[0])
    merge_id = acts_merging.merge(firm.desk, kept, gone)["id"]
    firm.office.hear(*talk("c2", 100, number=NUMBERS[0]), *talk("c3", 200, number="0671234567"))
    acts.edit_card(firm.desk, kept, {"note": "Written after"})
    back = acts_merging.undo_merge(firm.desk, merge_id)["contact"]["id"]
    firm.settle()
    by_number = {(row.external_number, row.contact_id) for row in firm.rows(CallRow)}
    assert by_number == {(f"+38{NUMBERS[0]}", back), ("+380671234567", kept)}
    (card,) = firm.rows(ContactRow, id=kept)
    assert card.note == "Written after"


def test_a_number_taken_off_meanwhile_does_not_come_back(firm: Firm) -> None:
    kept, gone = firm.client("Anna", "0671234567"), firm.client("A. S.", NUMBERS[0], NUMBERS[1])
    merge_id = acts_merging.merge(firm.desk, kept, gone)["id"]
    acts.edit_card(firm.desk, kept, {"numbers": ["0671234567", NUMBERS[0]]})
    back = acts_merging.undo_merge(firm.desk, merge_id)["contact"]
    assert [each["e164"] for each in back["numbers"]] == [f"+38{NUMBERS[0]}"]


def test_a_merge_is_refused_where_it_means_nothing_or_is_not_one_s_own(firm: Firm) -> None:
    anna, boris = firm.client("Anna", "0671234567"), firm.client("Boris", NUMBERS[0])
    with pytest.raises(Invalid):
        acts_merging.merge(firm.desk, anna, anna)
    with pytest.raises(NotFound):
        acts_merging.merge(firm.desk, anna, 999_999)
    administrator = Viewer(user_id=None, roles=frozenset({Role.ADMINISTRATOR}))
    with pytest.raises(Forbidden):
        acts_merging.merge(Desk(firm.office.hub, administrator), anna, boris)
    with pytest.raises(NotFound):
        acts_merging.undo_merge(firm.desk, 999_999)
    assert len(firm.rows(ContactRow)) == 2


def test_after_thirty_days_it_stays(firm: Firm) -> None:
    merge_id = acts_merging.merge(firm.desk, firm.client("Anna"), firm.client("Boris"))["id"]
    with firm.office.hub.unit_of_work() as session:
        long_ago = MONDAY - timedelta(days=31)
        session.execute(update(MergeRow).values(at=long_ago))
    with pytest.raises(Conflict, match="30 days"):
        acts_merging.undo_merge(firm.desk, merge_id)


@pytest.mark.parametrize("seed", range(6))
def test_merges_undone_in_the_opposite_order_leave_no_trace(firm: Firm, seed: int) -> None:
    """Whatever was merged into whatever, with replays in between."""
    chance = random.Random(seed)
    for number, digits in enumerate(NUMBERS):
        firm.office.hear(*chance.choice((talk, missed))(f"a{number}", 100 * number, number=digits))
        firm.office.hear(*chance.choice((talk, missed))(f"b{number}", 1000 + 100 * number, number=digits))
    firm.office.hear(started("open", 3000, NUMBERS[0]))
    firm.settle()
    before, merges = firm.all(), []
    left = [row.id for row in firm.rows(ContactRow)]
    while len(left) > 1:
        kept, gone = chance.sample(left, 2)
        left.remove(gone)
        merges.append(acts_merging.merge(firm.desk, kept, gone)["id"])
        if chance.random() < 0.5:
            firm.replay()
    assert {row.contact_id for row in firm.rows(CallRow)} == set(left)
    assert len(firm.rows(LeadRow, current=True)) == 1
    for merge_id in reversed(merges):
        acts_merging.undo_merge(firm.desk, merge_id)
    firm.settle()
    assert firm.all() == before
