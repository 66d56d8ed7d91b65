"""Click-to-call typed by the operator, on a simulated phone system."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from hub.telephony.simulator import Simulator
from tests.cli.conftest import Operator

WHO = "--connection pbx --user olena@example.org"
TO = "--to +380671234567"


@pytest.fixture
def pbx(operator: Operator) -> Iterator[Simulator]:
    """Olena has phone 101 on it."""
    with Simulator() as simulator:
        operator.gets("init --admin-email admin@example.org --admin-password 'correct horse battery'")
        there = f"--set host={simulator.host} --set port={simulator.port} --set username=hub --set secret=simulated"
        operator.gets(f"connection add asterisk pbx {there} --set lines=+380445551200 --set region=UA")
        operator.gets("user add olena@example.org --role manager --password 'correct horse battery'")
        operator.gets("user phone olena@example.org pbx:101")
        yield simulator


def test_the_id_alone_is_printed_and_the_phone_system_asked_once(operator: Operator, pbx: Simulator) -> None:
    printed = operator.gets(f"call {WHO} {TO}")
    assert str(UUID(printed.strip())) == printed.strip()
    assert pbx.busy


def test_a_phone_that_would_not_ring_is_said_and_nothing_is_dialled(operator: Operator, pbx: Simulator) -> None:
    pbx.switched_off.add("101")
    result = operator.types(f"call {WHO} {TO} --wait")
    assert result.exit_code == 1
    assert str(UUID(result.stdout.strip()))
    assert "not called: your phone 101 is not reachable" in result.stderr
    assert not pbx.busy


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (f"call --connection nowhere --user olena@example.org {TO}", "no connection named 'nowhere'"),
        (f"call --connection pbx --user nobody@example.org {TO}", "nobody signs in with this address"),
        (f"call --connection pbx --user admin@example.org {TO}", "no phone"),
        (f"call {WHO} {TO} --extension 199", "'199' is not your phone"),
        (f"call {WHO} --to anonymous", "withheld"),
        (f"call {WHO} --to +380445551200", "one of our own lines"),
        (f"call {WHO} --to '0671234567\r\nAction: Originate'", "control characters"),
        ("user phone nobody@example.org pbx:101", "nobody signs in with this address"),
        ("user phone olena@example.org 101", "expected CONNECTION:NUMBER"),
    ],
)
def test_what_cannot_be_called_is_refused_in_words(operator: Operator, pbx: Simulator, line: str, problem: str) -> None:
    assert problem in operator.is_told(line)
    assert not pbx.busy
