"""The call log finds what each filter means, page by page, and counts it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete

from hub.domain.access import Role, Viewer
from hub.domain.calls import CallState, Direction, Outcome
from hub.domain.errors import Invalid
from hub.domain.identity import PhoneNumber
from hub.reads import calls
from hub.reads.call_query import CallFilter
from hub.reads.paging import Place
from hub.recordings.models import RecordingRow
from hub.telephony import tagging
from hub.telephony.models import CallRow
from tests.pipeline.office import MONDAY, answered, rang, started
from tests.web.company import NOBODY, Company

EVERYBODY = Viewer(user_id=None, roles=frozenset({Role.RECEPTION}))
PEOPLE = ("Mira", "Max", "Oleg", "Sofia", "Rita", "Adam")


def _found(company: Company, viewer: Viewer = EVERYBODY, **wanted: Any) -> set[str]:
    """Whose call of the six, and nobody's, the filter finds; the totals must agree."""
    with company.office.hub.reading() as session:
        page = calls.page(session, viewer, CallFilter(**wanted), limit=200)
        totals = calls.totals(session, viewer, CallFilter(**wanted))
    assert totals["calls"] == len(page.items)
    assert totals["talk_seconds"] == round(sum(call["talk_seconds"] for call in page.items), 1)
    return {call["provider_call_id"].removeprefix("call of ") for call in page.items}


def _row(company: Company, session: Any, name: str) -> CallRow:
    row: CallRow = session.get_one(CallRow, UUID(company.things[name].call))
    return row


@pytest.fixture
def marked(company: Company) -> Company:
    """Mira's call has a note, tags and a recording."""
    with company.office.hub.unit_of_work() as session:
        row = _row(company, session, "Mira")
        row.note, row.external_name = "Обіцяла знижку 100%", "ТОВ Ромашка"
        tagging.tag(session, row, ["VIP", 'quo"te'])
        recording = RecordingRow(
            id=row.id, call_id=row.id, reference="a.wav", state="stored", seconds=60, created_at=MONDAY
        )
        session.add(recording)
    return company


def test_everything_newest_first(company: Company) -> None:
    assert _found(company) == {*PEOPLE, NOBODY}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"outcomes": (Outcome.MISSED,)}, {NOBODY}),
        ({"outcomes": (Outcome.ANSWERED, Outcome.MISSED)}, {*PEOPLE, NOBODY}),
        ({"directions": (Direction.OUTBOUND,)}, set()),
        ({"states": (CallState.ENDED,)}, {*PEOPLE, NOBODY}),
        ({"since": MONDAY + timedelta(seconds=50)}, {NOBODY}),
        ({"until": MONDAY + timedelta(seconds=50)}, set(PEOPLE)),
        ({"line": "+380445551200"}, {*PEOPLE, NOBODY}),
        ({"line": "+380445551201"}, set()),
        ({"min_talk": 60.0}, set(PEOPLE)),
        ({"max_talk": 0.0}, {NOBODY}),
        ({"queue": "sales"}, set()),
        ({"users": frozenset()}, set()),
    ],
)
def test_filters_of_the_call_itself(company: Company, wanted: Mapping[str, Any], found: set[str]) -> None:
    assert _found(company, **wanted) == found


@pytest.mark.parametrize("text", ["0671234500", "+380 67 123 45 00", "(067) 123-45-00", "1234500", "34500"])
def test_a_number_in_any_spelling(company: Company, text: str) -> None:
    assert _found(company, number=PhoneNumber.parse(text, "UA")) == {"Mira"}


@pytest.mark.parametrize("text", ["<unknown>", "+", "%", "_", "9" * 40, "anna"])
def test_what_is_no_number_finds_nothing(company: Company, text: str) -> None:
    assert _found(company, number=PhoneNumber.parse(text, "UA")) == set()


def test_who_took_part(company: Company) -> None:
    people = company.people
    assert _found(company, users=frozenset({people["Max"]})) == {"Max"}
    assert _found(company, users=frozenset({people["Max"], people["Oleg"]})) == {"Max", "Oleg"}


def test_the_card_the_lead_and_the_connection(company: Company) -> None:
    things = company.things["Max"]
    assert _found(company, contact_id=things.contact) == {"Max"}
    assert _found(company, lead_id=things.lead) == {"Max"}
    assert _found(company, connection_id=company.office.ids["acme"]) == {*PEOPLE, NOBODY}
    assert _found(company, connection_id=company.office.ids["exchange"]) == set()


@pytest.mark.parametrize("text", ["знижку", "ЗНИЖКУ", "ромашка", "обіцяла ромашка", "100%"])
def test_words_in_any_case_and_alphabet(marked: Company, text: str) -> None:
    assert _found(marked, text=text) == {"Mira"}


@pytest.mark.parametrize("text", ["%", "_", "\\", "' OR 1=1 --", "знижку немає"])
def test_words_are_no_patterns(marked: Company, text: str) -> None:
    assert _found(marked, text=text) == ({"Mira"} if text == "%" else set())


def test_words_of_the_card(company: Company) -> None:
    with company.office.hub.reading() as session:
        card = calls.one(session, EVERYBODY, UUID(company.things["Oleg"].call))["contact"]
    assert card is not None
    assert "Oleg" in _found(company, text=card["name"])


def test_tags_are_whole_words(marked: Company) -> None:
    assert _found(marked, tag="VIP") == {"Mira"}
    assert _found(marked, tag='quo"te') == {"Mira"}
    assert _found(marked, tag="VI") == set()
    assert _found(marked, tag="VIP", users=frozenset({marked.people["Max"]})) == set()
    assert _found(marked, tag="VIP", users=frozenset({marked.people["Mira"]})) == {"Mira"}


def test_recorded_or_not_and_listened_to_or_not(marked: Company) -> None:
    with marked.office.hub.unit_of_work() as session:
        session.execute(delete(RecordingRow).where(RecordingRow.call_id == UUID(marked.things["Max"].call)))
    assert _found(marked, recorded=True) == {*PEOPLE, NOBODY} - {"Max"}
    assert _found(marked, recorded=False) == {"Max"}
    marked.browser("Mira").send("GET", f"/recordings/{marked.things['Mira'].recording}/audio")
    assert _found(marked, heard=True) == {"Mira"}
    assert _found(marked, recorded=True, heard=False) == {*PEOPLE, NOBODY} - {"Max", "Mira"}


def test_sight_and_filters_meet(company: Company) -> None:
    people = company.people
    sofia = Viewer(
        user_id=people["Sofia"],
        roles=frozenset({Role.SUPERVISOR}),
        team=frozenset({people["Sofia"], people["Mira"], people["Max"]}),
    )
    assert _found(company, sofia) == {"Mira", "Max", "Sofia"}
    assert _found(company, sofia, users=frozenset({people["Mira"]})) == {"Mira"}
    assert _found(company, sofia, users=frozenset({people["Oleg"]})) == set()
    assert _found(company, sofia, outcomes=(Outcome.MISSED,)) == set()


def test_a_call_is_its_card_s_and_its_lead_s_owner_s_too(company: Company) -> None:
    """Handing over a card or a lead hands over its calls, from one moment to the next."""
    mira, max_ = company.browser("Mira"), company.browser("Max")
    things = company.things["Mira"]
    path = f"/api/v1/calls/{things.call}"
    assert max_.send("GET", path).status_code == 404
    for part, number in (("contacts", things.contact), ("leads", things.lead)):
        given = {"owner_id": company.people["Max"]}
        assert mira.send("PATCH", f"/api/v1/{part}/{number}", json=given).status_code == 200
        assert max_.send("GET", path).status_code == 200
        taken = {"owner_id": company.people["Mira"]}
        company.browser("Rita").send("PATCH", f"/api/v1/{part}/{number}", json=taken)
        assert max_.send("GET", path).status_code == 404
        assert mira.send("GET", path).status_code == 200


def test_pages_hold_every_call_once_while_new_ones_arrive(company: Company) -> None:
    """All calls but one began at the same moment: the id decides."""
    seen: list[str] = []
    cursor = None
    with company.office.hub.reading() as session:
        whole = [call["id"] for call in calls.page(session, EVERYBODY, CallFilter()).items]
    for step in range(10):
        with company.office.hub.reading() as session:
            page = calls.page(session, EVERYBODY, CallFilter(), cursor, 2)
        seen += [call["id"] for call in page.items]
        company.office.hear(started(f"new {step}", 1000 + step, "0509998877"))
        if (cursor := page.next) is None:
            break
    assert seen == whole


def test_deeper_than_everything_is_an_empty_page(company: Company) -> None:
    oldest = str(Place(MONDAY - timedelta(days=9999), UUID(int=0)))
    with company.office.hub.reading() as session:
        page = calls.page(session, EVERYBODY, CallFilter(), oldest)
    assert (page.items, page.next) == ([], None)


@pytest.mark.parametrize(("cursor", "limit"), [("nonsense", 50), ("", 50), (None, 0), (None, 201)])
def test_a_wrong_cursor_or_limit_is_refused(company: Company, cursor: str | None, limit: int) -> None:
    with company.office.hub.reading() as session, pytest.raises(Invalid):
        calls.page(session, EVERYBODY, CallFilter(), cursor, limit)


def test_the_stream_is_all_of_it(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "MAX_LIMIT", 2)
    with company.office.hub.reading() as session:
        streamed = [call["id"] for call in calls.stream(session, EVERYBODY, CallFilter())]
        assert streamed == [call["id"] for call in calls.page(session, EVERYBODY, CallFilter()).items]


def test_totals_say_when_there_are_more(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "COUNTED", 3)
    with company.office.hub.reading() as session:
        totals = calls.totals(session, EVERYBODY, CallFilter())
    assert (totals["calls"], totals["exact"]) == (3, False)


def test_an_administrator_sees_that_calls_were_not_what_was_noted(marked: Company) -> None:
    call = UUID(marked.things["Mira"].call)
    administrator = Viewer(user_id=None, roles=frozenset({Role.ADMINISTRATOR}))
    both = Viewer(user_id=None, roles=frozenset({Role.ADMINISTRATOR, Role.RECEPTION}))
    with marked.office.hub.reading() as session:
        assert calls.one(session, administrator, call)["note"] is None
        assert calls.one(session, both, call)["note"] == "Обіцяла знижку 100%"


def test_a_call_that_rings_is_there_at_once(company: Company) -> None:
    company.office.hear(started("now", 500, "0509998877"), rang("now", 501, "101"), answered("now", 503, "101"))
    assert _found(company, states=(CallState.TALKING,)) == {"now"}
    mira = Viewer(user_id=company.people["Mira"], roles=frozenset({Role.MANAGER}))
    assert _found(company, mira) == {"Mira", "now"}
