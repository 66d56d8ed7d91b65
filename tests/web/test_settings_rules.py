"""The rule table in the settings: each cell in words, changed in place; what would come of a call is only foreseen."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hub.leads import rules
from hub.leads.models import LeadRow, TaskRow
from hub.leads.rules import DEFAULTS, Place, Rule
from hub.people.models import JournalRow
from hub.reads.rules import KINDS
from hub.telephony import lines
from tests.pipeline.office import Office, missed, talk
from tests.web.company import Browser, Company

LINE = "+380445551200"
ALL = "/settings/rules/inbound_missed/new"
OURS = f"{ALL}?line=%2B380445551200"
GIVEN = {"create_contact": "yes", "open_task": "yes", "deadline_minutes": "30", "owner-0": "line_owner", "owner-1": ""}
IN_PLACE = {"HX-Request": "true"}
NASTY = ("\x00", "a\r\nb", "<script>alert(1)</script>", "x" * 5000, "-1", "0", "10081", "9" * 30, "1.5", "")


@pytest.fixture
def company(database_url: str, tmp_path: Path) -> Iterator[Company]:
    office = Office.opened(database_url, tmp_path)
    company = Company.opened(office)
    with office.hub.unit_of_work() as session:
        row = lines.ensure(session, LINE, "UA", office.ids["acme"])
        lines.edit(session, row.id, {"owner_id": company.people["Rita"]})
    yield company
    office.hub.engine.dispose()


@pytest.fixture
def adam(company: Company) -> Browser:
    return company.browser("Adam")


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page))


def written(company: Company, place: Place) -> Rule | None:
    with company.office.hub.reading() as session:
        return rules.table(session).get(place)


def journal(company: Company) -> list[tuple[str, str, Any]]:
    with company.office.hub.reading() as session:
        chosen = select(JournalRow.action, JournalRow.subject, JournalRow.detail).order_by(JournalRow.id)
        return [tuple(row) for row in session.execute(chosen) if row[0].startswith("rule")]


def test_the_grid_says_what_each_kind_leads_to(adam: Browser) -> None:
    page = words(adam.send("GET", "/settings/rules").text)
    assert page.count("of somebody new") == page.count("of a known client") == len(KINDS)
    assert "Has to be called back within 15 minutes of business time" in page
    assert "For whoever talked, else the card&#39;s owner, else the line&#39;s owner" in page
    assert "As for all lines" in page


def test_a_line_gets_a_rule_of_its_own_and_gives_it_back(company: Company, adam: Browser) -> None:
    answer = adam.send("POST", OURS, data=GIVEN, headers=IN_PLACE)
    assert answer.status_code == 200
    assert "within 30 minutes" in answer.text
    assert "<html" not in answer.text
    own = Rule(
        create_contact=True, open_task=True, owners=("line_owner", "answered_by", "default"), deadline_minutes=30
    )
    assert written(company, Place("inbound_missed", False, LINE)) == own
    with company.office.hub.reading() as session:
        assert rules.rule_for(session, "inbound_missed", False, LINE) == own
    action, subject, detail = journal(company)[-1]
    assert (action, subject) == ("rule.changed", f"rule:inbound_missed:new:{LINE}")
    assert (detail["was"], detail["became"]["deadline_minutes"]) == (None, 30)
    answer = adam.send("POST", f"{ALL}/as-usual?line=%2B380445551200", headers=IN_PLACE)
    assert "As for all lines" in answer.text
    assert written(company, Place("inbound_missed", False, LINE)) is None


def test_the_rule_for_all_lines_becomes_again_what_it_was(company: Company, adam: Browser) -> None:
    place = Place("inbound_missed", False)
    assert adam.send("POST", ALL, data=GIVEN).location == "/settings/rules"
    assert "The rule is saved" in adam.send("GET", "/settings/rules").text
    assert written(company, place) != DEFAULTS["inbound_missed", False]
    adam.send("POST", f"{ALL}/as-usual")
    assert written(company, place) == DEFAULTS["inbound_missed", False]


def test_what_cannot_be_stands_at_its_field_in_place(company: Company, adam: Browser) -> None:
    for value in NASTY:
        answer = adam.send("POST", ALL, data=GIVEN | {"deadline_minutes": value}, headers=IN_PLACE)
        assert answer.status_code in (413, 422), value
        assert "<script>alert" not in answer.text
        answer = adam.send("POST", ALL, data=GIVEN | {"owner-0": value or "nobody of these", "seen": value})
        assert answer.status_code in (409, 413, 422), value
    answer = adam.send("POST", ALL, data={"open_lead": "yes", "deadline_minutes": "15"}, headers=IN_PLACE)
    assert "a lead stands on a card: make one too" in answer.text
    assert not journal(company)
    for nowhere in (
        "nothing/new",
        "inbound_missed/nobody",
        "form/new?line=%2B380445551200",
        "inbound_missed/new?line=1",
    ):
        assert adam.send("GET", f"/settings/rules/{nowhere}").status_code == 404


def test_the_second_of_two_is_told(company: Company, adam: Browser) -> None:
    seen = re.search(r'name="seen" value="(\w+)"', adam.send("GET", ALL).text)
    assert seen
    opened = GIVEN | {"seen": seen.group(1)}
    assert adam.send("POST", ALL, data=opened).status_code == 303
    answer = adam.send("POST", ALL, data=opened | {"deadline_minutes": "45"})
    assert answer.status_code == 409
    assert "Adam changed this" in answer.text
    rule = written(company, Place("inbound_missed", False))
    assert rule
    assert rule.deadline_minutes == 30


def told(adam: Browser, caller: str, place: str = "rules") -> str:
    page = adam.send("GET", f"/settings/{place}?from={caller}&to=%2B380445551200").text
    return words(page[page.index('id="told"') :])


def test_what_would_come_of_a_call_is_told_and_nothing_is_written(company: Company, adam: Browser) -> None:
    before = company.office.everything()
    for place in ("rules", "lines"):
        new = told(adam, "0501112233", place)
        assert "When somebody answers A card is made for the number A lead is opened for whoever answers" in new
        assert "A lead is opened for Rita It has to be called back by" in new
        known = told(adam, "067 123 45 00", place)
        assert "It joins the open lead of Mira" in known
        hidden = told(adam, "anonymous", place)
        assert "No card is made: it stands in the log alone" in hidden
        assert "Nobody has to call back" in hidden
    assert company.office.everything() == before


def test_what_is_foreseen_is_what_happens(company: Company, adam: Browser) -> None:
    adam.send("POST", OURS, data=GIVEN)
    foreseen = told(adam, "0501112233")
    assert "When nobody answers A card is made for the number No lead is opened It has to be called back by" in foreseen
    company.office.hear(*missed("to come", 500, number="0501112233"))
    with company.office.hub.reading() as session:
        task = session.scalars(select(TaskRow).where(TaskRow.key == "tel:+380501112233")).one()
        assert task.owner_id == company.people["Rita"]
        assert not session.scalars(select(LeadRow).where(LeadRow.contact_id == task.contact_id)).all()
    again = told(adam, "0501112233")
    assert "one more try of the missed call that waits already, of Rita" in again
    assert "The missed call that waits is done: somebody talked" in again
    company.office.hear(*talk("returned", 900, number="0501112233"))
    assert "The missed call that waits" not in told(adam, "0501112233")
