"""Days of the simulator, told by every phone system, shuffled and doubled: each call is the one that was meant."""

import random

import pytest

from hub.domain.delivery import Fact
from hub.telephony.calls import fold
from hub.telephony.simulator import diary
from tests.contracts.connectors import CASES, Case
from tests.contracts.days import DAYS, Told, day, shape

CALLS = 120


@pytest.mark.parametrize("case", [case for case in CASES if case.connector.kind in DAYS], ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_what_is_told_is_the_call_that_was_meant(case: Case, seed: int) -> None:
    luck = random.Random(seed)
    told = day(case.connector.kind, seed, case.settings, CALLS)
    wrong = {one.entry["provider_call_id"]: said for one in told if (said := _disagreements(case, one, luck))}
    assert wrong == {}
    assert {one.entry["outcome"] for one in told} >= {"answered", "missed", "busy"}


def _disagreements(case: Case, told: Told, luck: random.Random) -> list[str]:
    deliveries = luck.sample([*told.deliveries, *told.deliveries], 2 * len(told.deliveries))
    said = [thing for one in deliveries for thing in case.connector.translate(one)]
    facts = [thing for thing in said if isinstance(thing, Fact)]
    region = getattr(case.settings, "region", None) or "GB"
    call = fold(case.connector.interpret(facts, case.settings))
    return diary.disagreements(told.entry, shape(call, region))
