"""Days of the simulator in every system's words, worked off as they happen to come: the log is what was meant."""

import random
from dataclasses import replace
from typing import Any

import pytest

from hub import pipeline, repair
from hub.telephony.simulator import diary
from tests.contracts.connectors import CASES, Case
from tests.contracts.days import DAYS, day
from tests.pipeline.office import Office

CALLS = 6
MOST_AT_ONCE = 8


@pytest.mark.parametrize("case", [case for case in CASES if case.connector.kind in DAYS], ids=str)
def test_whatever_is_worked_off_together_the_log_is_what_was_meant(office: Office, case: Case) -> None:
    luck, kind = random.Random(str(case)), case.connector.kind
    connection = office.connect(kind, **_plain(case))
    told = day(kind, 1, case.settings, CALLS)
    deliveries = [delivery for one in told for delivery in one.deliveries]
    luck.shuffle(deliveries)
    left = luck.randint(1, MOST_AT_ONCE)
    for number, delivery in enumerate(deliveries):
        pipeline.accept(office.hub, replace(delivery, connection_id=connection), key=f"{kind} {number}")
        left -= 1
        if not left:
            office.drain(kind)
            left = luck.randint(1, MOST_AT_ONCE)
    office.drain(kind)
    log = [call | {"connection": kind} for call in office.calls()]
    assert diary.compared([one.entry | {"connection": kind} for one in told], log) == {}
    before = office.everything()
    repair.replay(office.hub, connection)
    assert office.everything() == before, "told as it came is other than told at once"


def _plain(case: Case) -> dict[str, Any]:
    secret = {name: value for name, value in case.settings if hasattr(value, "get_secret_value")}
    shown = case.settings.model_dump(exclude=set(secret))
    return shown | {name: value.get_secret_value() for name, value in secret.items()}
