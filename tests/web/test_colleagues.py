"""Two managers, one client: each sees the card, and of the work on it only their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline.office import Office, talk
from tests.web.company import PHONES, Company


@pytest.fixture
def company(sqlite_url: str, tmp_path: Path) -> Iterator[Company]:
    office = Office.opened(sqlite_url, tmp_path)
    yield Company.opened(office)
    office.hub.engine.dispose()


def shared_card(company: Company) -> int:
    """Mira's client, with whom Max talked once."""
    number, phone = "0671234500", PHONES["Max"]
    begun, rang, answered, ended = talk("c9", 500, number=number)
    company.office.hear(begun, rang | {"phone": phone}, answered | {"phone": phone}, ended)
    return company.things["Mira"].contact


def test_a_client_whose_lead_is_a_colleague_s_has_a_card_all_the_same(company: Company) -> None:
    card = shared_card(company)
    page = company.browser("Max").send("GET", f"/clients/{card}")
    assert page.status_code == 200
    assert "The open lead is a colleague" in page.text
    assert "The open lead is a colleague" not in company.browser("Mira").send("GET", f"/clients/{card}").text


def test_a_line_of_time_tells_of_leads_and_tasks_as_far_as_each_is_seen(company: Company) -> None:
    path = f"/api/v1/contacts/{shared_card(company)}/timeline"

    def kinds(name: str) -> set[str]:
        return {entry["kind"] for entry in company.browser(name).send("GET", path).json["items"]}

    assert kinds("Mira") == {"call", "lead", "task"}
    assert kinds("Max") == {"call"}
    assert kinds("Sofia") == {"call", "lead", "task"}
