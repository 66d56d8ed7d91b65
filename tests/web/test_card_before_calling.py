"""What a card says of a number before it is called."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from tests.pipeline.office import Office
from tests.web.company import Company


@pytest.fixture
def company(database_url: str, tmp_path: Path) -> Iterator[Company]:
    office = Office.opened(database_url, tmp_path)
    yield Company.opened(office)
    office.hub.engine.dispose()


@pytest.mark.parametrize(("hour", "told"), [(1, "03:30 there, it is night there"), (10, "12:30 there</span>")])
def test_the_clients_clock_is_read_before_the_click(company: Company, hour: int, told: str) -> None:
    with time_machine.travel(datetime(2026, 11, 22, hour, 30, tzinfo=UTC), tick=False):
        card = company.browser("Mira").send("GET", f"/clients/{company.things['Mira'].contact}").text
    assert told in card


def test_whoever_may_not_call_sees_the_number_alone(company: Company) -> None:
    card = company.browser("Adam").send("GET", f"/clients/{company.things['Mira'].contact}").text
    assert "data-dial" not in card
    assert "dial-mind" not in card
    assert 'href="tel:+380671234500"' in card
