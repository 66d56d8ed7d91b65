"""The search on top: clients, their leads, and commands, each as far as one may."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline.office import Office
from tests.web.company import Browser, Company


@pytest.fixture
def company(sqlite_url: str, tmp_path: Path) -> Iterator[Company]:
    office = Office.opened(sqlite_url, tmp_path)
    yield Company.opened(office)
    office.hub.engine.dispose()


@pytest.fixture
def mira(company: Company) -> Browser:
    return company.browser("Mira")


def found(browser: Browser, query: str) -> str:
    return str(browser.send("GET", "/search", query_string={"q": query}).text)


def test_a_client_is_found_with_the_lead_and_only_within_sight(company: Company, mira: Browser) -> None:
    card = company.things["Mira"].contact
    page = found(mira, "067 123 45 00")
    assert f'href="/clients/{card}"' in page
    assert f'href="/clients/{card}#lead"' in page
    assert "Nobody found" in found(mira, "067 123 45 02"), "that is Oleg's"


def test_call_offers_a_client_s_numbers_and_a_number_that_is_nobody_s(company: Company, mira: Browser) -> None:
    card = company.things["Mira"].contact
    known = found(mira, "call 067 123 45 00")
    assert f'name="contact_id" value="{card}"' in known
    assert 'name="number" value="+380671234500"' in known
    stranger = found(mira, "Call 093 111 22 33")
    assert 'name="number" value="+380931112233"' in stranger
    assert "contact_id" not in stranger
    assert 'action="/dial"' not in found(company.browser("Adam"), "call 067 123 45 00")


def test_commands_lead_where_they_say_with_enter_too(company: Company, mira: Browser) -> None:
    assert 'href="/calls"' in found(mira, "go to ca")
    assert 'href="/settings"' not in found(mira, "settings")
    assert 'href="/settings"' in found(company.browser("Adam"), "settings")
    assert 'href="/clients/new?name=Anna+Koval"' in found(mira, "new client Anna Koval")
    assert mira.send("GET", "/clients?q=go+to+my+day").location == "/my-day"
    assert mira.send("GET", "/clients?q=new+client+Anna").location == "/clients/new?name=Anna"
    assert mira.send("GET", "/clients?q=Anna").status_code == 200
    assert 'href="/clients/new' not in found(company.browser("Adam"), "new client")
