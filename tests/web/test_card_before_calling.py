"""What a card says of a number before it is called."""

from datetime import UTC, datetime

import pytest
import time_machine

from tests.web.company import Company


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
