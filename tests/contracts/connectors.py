"""Every connector there is, with the deliveries captured for it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel

from hub.connectors import Connector, discover
from hub.domain.calls import CallEvent
from hub.domain.delivery import Delivery, Fact

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "fixtures" / "telephony"
PAGES = ROOT / "docs" / "connectors"
CONTENT_TYPES = {
    ".jsonl": "application/x-ndjson",
    ".csv": "text/csv",
    ".json": "application/json",
    ".txt": "text/plain",
    ".form": "application/x-www-form-urlencoded",
}
NO_DELIVERIES = {"connection.json", "truth.json"}
"""What an administrator said of the system, and what truly happened."""
RECEIVED = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """One connector under the contract."""

    connector: Connector

    def __str__(self) -> str:
        return self.connector.kind

    @property
    def page(self) -> Path:
        return PAGES / f"{self.connector.kind}.md"

    @property
    def folder(self) -> Path:
        return FIXTURES / self.connector.kind

    @cached_property
    def settings(self) -> BaseModel:
        told = self.folder / "connection.json"
        values = json.loads(told.read_bytes()) if told.exists() else {}
        return self.connector.Settings.model_validate(values)

    def captured(self) -> Iterator[Path]:
        """Files of deliveries, told by their endings."""
        for path in sorted(self.folder.rglob("*")):
            if path.suffix in CONTENT_TYPES and path.name not in NO_DELIVERIES:
                yield path

    def delivery(self, body: bytes, content_type: str) -> Delivery:
        return Delivery(
            connection_id=1, body=body, content_type=content_type, received_at=RECEIVED, settings=self.settings
        )

    def said(self, body: bytes, content_type: str) -> list[CallEvent | Fact]:
        return list(self.connector.translate(self.delivery(body, content_type)))

    def events(self, said: list[CallEvent | Fact]) -> list[CallEvent]:
        """Call events said directly, and those the facts amount to."""
        facts = [thing for thing in said if isinstance(thing, Fact)]
        direct = [thing for thing in said if isinstance(thing, CallEvent)]
        return [*direct, *self.connector.interpret(facts, self.settings)]


CASES = [Case(connector) for connector in discover().values()]
