"""Captured deliveries, read from their files, are the calls they truly were; Twilio's own list tells the same."""

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from hub.domain.clock import parse_iso
from hub.domain.delivery import Delivery
from hub.telephony.calls import Call, fold
from hub.telephony.providers.twilio import TwilioSettings
from tests.unit.telephony.twilio.hub_side import CONNECTOR, FORM, MONDAY, facts, shape

FOLDER = Path(__file__).parents[3] / "fixtures" / "telephony" / "twilio"
SETTINGS = TwilioSettings.model_validate_json((FOLDER / "connection.json").read_bytes())
TRUTHS = json.loads((FOLDER / "truth.json").read_bytes())["calls"]
every_scenario = pytest.mark.parametrize("truth", TRUTHS, ids=[truth["scenario"] for truth in TRUTHS])


def deliveries(scenario: str) -> Iterator[Delivery]:
    with (FOLDER / scenario / "sent.tsv").open() as index:
        for row in csv.DictReader(index, delimiter="\t"):
            yield Delivery(
                connection_id=1,
                body=(FOLDER / scenario / row["file"]).read_bytes(),
                content_type=FORM,
                path=row["path"],
                query=row["query"],
                received_at=parse_iso(row["received"]),
                settings=SETTINGS,
            )


def call(scenario: str) -> Call:
    return fold(CONNECTOR.interpret([fact for one in deliveries(scenario) for fact in facts(one)], SETTINGS))


def disagreements(call: Call, truth: Mapping[str, Any]) -> dict[str, Any]:
    said = shape(call) | {"provider_call_id": call.id, "state": call.state, "scenario": truth["scenario"]}
    said |= {"phones": {leg.extension: f"{leg.outcome} {leg.via}" for leg in call.legs}}
    return {name: said[name] for name, true in truth.items() if said[name] != true}


@every_scenario
def test_captured_deliveries_are_the_call_it_truly_was(truth: Mapping[str, Any]) -> None:
    assert disagreements(call(truth["scenario"]), truth) == {}


def test_every_captured_file_is_told_of() -> None:
    files = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.form")}
    named = {f"{truth['scenario']}/{row['file']}" for truth in TRUTHS for row in rows(truth["scenario"])}
    assert named == files


def rows(scenario: str) -> list[dict[str, str]]:
    with (FOLDER / scenario / "sent.tsv").open() as index:
        return list(csv.DictReader(index, delimiter="\t"))


def test_the_list_of_calls_alone_tells_the_same_but_who_hung_up() -> None:
    listed = Delivery(
        connection_id=1, body=(FOLDER / "listed.json").read_bytes(), received_at=MONDAY, settings=SETTINGS
    )
    (truth,) = (truth for truth in TRUTHS if truth["scenario"] == "answered")
    told = fold(CONNECTOR.interpret(facts(listed), SETTINGS))
    assert disagreements(told, truth) == {"hung_up_by": None}


def test_the_list_beside_the_deliveries_changes_nothing() -> None:
    listed = Delivery(
        connection_id=1, body=(FOLDER / "listed.json").read_bytes(), received_at=MONDAY, settings=SETTINGS
    )
    told = [fact for one in [*deliveries("answered"), listed] for fact in facts(one)]
    both = fold(CONNECTOR.interpret(told, SETTINGS))
    assert shape(both) == shape(call("answered"))
