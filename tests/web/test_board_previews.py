"""What the live board says of a caller before anybody answers, and what it costs."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import Engine, event

from hub.leads import cards, corrections
from hub.leads.cards import CardFields
from tests.pipeline.office import MONDAY, Office, answered, hungup, missed, rang, started, talk
from tests.web.company import Browser, Company

NEW, BORIS = "0501113344", "0509876543"


@pytest.fixture
def company(database_url: str, tmp_path: Path) -> Iterator[Company]:
    office = Office.opened(database_url, tmp_path)
    with time_machine.travel(MONDAY + timedelta(hours=2), tick=True):
        yield Company.opened(office)
    office.hub.engine.dispose()


@pytest.fixture
def rita(company: Company) -> Browser:
    return company.browser("Rita")


def card_of(rita: Browser, words: str) -> str:
    """The text of the board's card that says these words."""
    page = rita.send("GET", "/live/columns").text
    found = [each for each in re.findall(r"<article.*?</article>", page, re.DOTALL) if words in each]
    assert len(found) == 1, (words, found)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0]))


def open_call(company: Company) -> Any:
    """The one call that is not over."""
    (call,) = (call for call in company.office.calls() if call["state"] != "ended")
    return call


def test_a_new_caller_is_told_with_country_and_earlier_tries(company: Company, rita: Browser) -> None:
    company.office.hear(started("n1", 6600, NEW), rang("n1", 6601))
    said = card_of(rita, "+380 50 111 3344")
    assert "New caller" in said
    assert "Ukraine, mobile" in said
    assert "first call" in said
    assert "rings Mira" in said
    company.office.hear(hungup("n1", 6620, rang=["101"]), *missed("n2", 6700, number=NEW))
    company.office.hear(started("n3", 7000, NEW), rang("n3", 7001, "102"))
    said = card_of(rita, f'id="call-{open_call(company)["id"]}"')
    assert "called twice today, nobody answered" in said
    assert "rings Max" in said
    assert "New caller" not in said  # the first call made a card and a lead
    assert "Lead: New" in said


def test_a_client_is_told_with_owner_lead_and_the_last_talk(company: Company, rita: Browser) -> None:
    office = company.office
    with office.hub.unit_of_work() as session:
        fields = CardFields(name="Boris", company="Windows", numbers=[BORIS], owner_id=company.people["Max"])
        cards.create(session, fields, "UA", MONDAY)
    office.hear(*talk("b1", 3600, number=BORIS), started("b2", 7000, BORIS), rang("b2", 7001))
    said = card_of(rita, "Boris")
    assert "Windows" in said
    assert "Owner: Max" in said
    assert "talked 1:00 with Mira today" in said
    assert "New caller" not in said
    assert "This one" not in said


def test_a_withheld_number_is_nobody_s(company: Company, rita: Browser) -> None:
    company.office.hear(started("w1", 7000, "anonymous"), rang("w1", 7001))
    said = card_of(rita, "Number withheld")
    assert "New caller" not in said
    assert "first call" not in said


def test_two_cards_with_one_number_are_both_shown_until_somebody_chooses(company: Company, rita: Browser) -> None:
    office = company.office
    with office.hub.unit_of_work() as session:
        for name in ("Boris", "Bohdana"):
            cards.create(session, CardFields(name=name, numbers=[BORIS]), "UA", MONDAY)
    office.hear(started("b2", 7000, BORIS), rang("b2", 7001), answered("b2", 7005))
    call = open_call(company)
    said = card_of(rita, f'id="call-{call["id"]}"')
    assert "Whose number is it?" in said
    assert "Boris" in said
    assert "Bohdana" in said
    assert said.count("has this number") == 2
    other = next(each for each in call["match"]["candidates"] if each != call["contact"]["id"])
    chosen = rita.send("POST", f"/calls/{call['id']}/choose", data={"contact_id": other, "then": "card"})
    assert chosen.headers["Location"].endswith(f"/clients/{other}")
    assert open_call(company)["contact"]["id"] == other
    assert "Whose number is it?" not in card_of(rita, f'id="call-{call["id"]}"')


def test_a_manager_hears_of_earlier_calls_no_more_than_the_log_would_show(company: Company) -> None:
    office = company.office
    with office.hub.unit_of_work() as session:
        cards.create(session, CardFields(name="Boris", numbers=[BORIS]), "UA", MONDAY)
    office.hear(*talk("b1", 3600, number=BORIS), started("b2", 7000, BORIS), rang("b2", 7001, "103"))
    assert "talked" in card_of(company.browser("Rita"), "Boris")
    assert "talked" not in card_of(company.browser("Oleg"), "Boris")


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements that were sent meanwhile."""
    sent: list[str] = []

    def hear(*told: object) -> None:
        sent.append(str(told[2]))

    event.listen(engine, "before_cursor_execute", hear)
    yield sent
    event.remove(engine, "before_cursor_execute", hear)


def test_a_board_of_many_cards_asks_no_more_than_one_of_few(company: Company, rita: Browser) -> None:
    office, engine = company.office, company.office.hub.engine
    office.hear(*talk("b0", 10, number=BORIS), started("b1", 7000, BORIS), rang("b1", 7001))

    def call_in_vain_and_again(number: int) -> None:
        digits = f"05011144{number:02}"
        office.hear(*missed(f"m{number}", 6000 + number, number=digits), started(f"r{number}", 7010 + number, digits))

    call_in_vain_and_again(0)
    rita.send("GET", "/live/columns")
    with counted(engine) as few:
        rita.send("GET", "/live/columns")
    for number in range(1, 12):
        call_in_vain_and_again(number)
    with counted(engine) as many:
        page = rita.send("GET", "/live/columns").text
    assert page.count("nobody answered") >= 12
    assert len(many) <= len(few)


def test_a_person_s_choice_stops_the_question(company: Company, rita: Browser) -> None:
    office = company.office
    with office.hub.unit_of_work() as session:
        boris = cards.create(session, CardFields(name="Boris", numbers=[BORIS]), "UA", MONDAY)
        cards.create(session, CardFields(name="Bohdana", numbers=[BORIS]), "UA", MONDAY)
        session.flush()
        corrections.choose(session, "+380509876543", boris.id, None, MONDAY)
    office.hear(started("b2", 7000, BORIS), rang("b2", 7001))
    said = card_of(rita, f'id="call-{open_call(company)["id"]}"')
    assert "Whose number is it?" not in said
