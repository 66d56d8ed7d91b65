"""The OpenAPI document is true: schemathesis sends what it allows and what it forbids, and finds nothing."""

import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig as Config
from schemathesis.engine import from_schema
from schemathesis.engine.events import EngineEvent, FatalError, NonFatalError, ScenarioFinished
from werkzeug.serving import make_server

from hub.domain.access import Role
from hub.web.api import RESOURCES
from hub.web.api.operations import api
from tests.pipeline.office import Office
from tests.web.company import Company

EXAMPLES = 12
"""Random requests for each operation, beside the systematic ones at every bound of every field."""


ACCEPTED = ["2XX", "401", "403", "404", "409", "429", "5XX", "415"]
"""Of requests a schema calls valid; 415: no schema can tell bytes that are audio from others."""
LONGEST = 1500
"""Of a finding's text: some bodies are huge."""
TAGS = sorted({operation.tag for operation in api.operations})
assert RESOURCES, "whose import fills the API"


@pytest.fixture(scope="module")
def company(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("company")
    shutil.copyfile(sqlite_template, folder / "hub.db")
    office = Office.opened(f"sqlite:///{folder / 'hub.db'}", folder)
    yield Company.opened(office)
    office.hub.engine.dispose()


@pytest.fixture(scope="module")
def address(company: Company) -> Iterator[str]:
    """The application behind a real socket: schemathesis sends bytes no test client would."""
    server = make_server("127.0.0.1", 0, company.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _served(company: Company) -> dict[str, Any]:
    """The document as it is served, its paths narrowed to things that exist: random ids would meet only 404."""
    document: dict[str, Any] = json.loads(company.app.test_client().get("/api/openapi.json").data)
    there = {
        "call_id": [things.call for things in company.things.values()],
        "contact_id": [things.contact for things in company.things.values()],
        "lead_id": [things.lead for things in company.things.values()],
        "task_id": [things.task for things in company.things.values()],
        "recording_id": [things.recording for things in company.things.values()],
        "user_id": list(company.people.values()),
        "name": ["acme"],
    }
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation["parameters"]:
                if parameter["in"] == "path" and parameter["name"] in there:
                    parameter["schema"] = {"enum": there[parameter["name"]]}
    return document


def _findings(company: Company, address: str, tag: str, examples: int, *roles: Role) -> list[str]:
    """What schemathesis finds wrong with the operations of a tag, asked by a token of these roles."""
    config = Config.from_dict(
        {
            "headers": {"Authorization": f"Bearer {company.token(*roles, extension='101')}"},
            "base-url": address,
            "seed": 20261122,
            "generation": {"max-examples": examples, "deterministic": True},
            "continue-on-failure": True,
            "phases": {"stateful": {"enabled": False}},
            "checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}},
        }
    )
    schema = schemathesis.openapi.from_dict(_served(company), config=config).include(tag=tag)
    return [finding for event in from_schema(schema).execute() for finding in _told(event)]


def _told(event: EngineEvent) -> Iterator[str]:
    if isinstance(event, NonFatalError | FatalError):
        yield repr(event)
    if isinstance(event, ScenarioFinished):
        checks = (check for checks in event.recorder.checks.values() for check in checks)
        for found in (check.failure_info for check in checks if check.failure_info):
            yield f"{event.label}: {found.failure.title}: {found.failure.message}\n{found.code_sample}"[:LONGEST]


@pytest.mark.parametrize("tag", TAGS)
def test_every_operation_does_what_it_says(company: Company, address: str, tag: str) -> None:
    """With an administrator's token, which reaches everything but tokens."""
    assert _findings(company, address, tag, EXAMPLES, Role.ADMINISTRATOR) == []


@pytest.mark.parametrize("tag", TAGS)
def test_for_those_who_reach_less_too(company: Company, address: str, tag: str) -> None:
    assert _findings(company, address, tag, 3, Role.SUPERVISOR) == []
