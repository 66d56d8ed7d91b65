"""For every system whose fixtures tell what truly happened: delivered in any order, that is what the log says."""

import json
import random
from pathlib import Path

import pytest

from hub import pipeline
from hub.connectors import discover
from hub.domain.delivery import Delivery
from tests.contracts.connectors import CONTENT_TYPES, FIXTURES, NO_DELIVERIES
from tests.pipeline.office import MONDAY, Office


def _files(kind: str) -> list[Path]:
    """Deliveries that stand in the system's own folder, all to one address."""
    found = sorted((FIXTURES / kind).iterdir())
    return [path for path in found if path.suffix in CONTENT_TYPES and path.name not in NO_DELIVERIES]


TOLD = [
    kind
    for kind in sorted(discover())
    if (FIXTURES / kind / "truth.json").exists() and not any(path.is_dir() for path in (FIXTURES / kind).iterdir())
]


@pytest.mark.parametrize("order", ["as sent", "backwards", "shuffled", "doubled"])
@pytest.mark.parametrize("kind", TOLD)
def test_what_was_delivered_is_what_happened(office: Office, kind: str, order: str) -> None:
    folder = FIXTURES / kind
    connection = office.connect(kind, **json.loads((folder / "connection.json").read_text()))
    files = _files(kind)
    arrived = {
        "as sent": files,
        "backwards": files[::-1],
        "shuffled": random.Random(kind).sample(files, len(files)),
        "doubled": [*files, *files],
    }[order]
    for place, path in enumerate(arrived):
        delivery = Delivery(
            connection_id=connection,
            body=path.read_bytes(),
            content_type=CONTENT_TYPES[path.suffix],
            received_at=MONDAY,
        )
        pipeline.accept(office.hub, delivery, key=f"{place} {path.name}")
    office.drain(kind)
    truth = {call["provider_call_id"]: call for call in json.loads((folder / "truth.json").read_text())["calls"]}
    log = {call["provider_call_id"]: call for call in office.calls()}
    assert {call: {name: log[call][name] for name in fields} for call, fields in truth.items()} == truth
    assert log.keys() == truth.keys()
