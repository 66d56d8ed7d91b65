"""The captures of a running Asterisk, each with what truly happened, and how a call is compared with that."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from hub.domain.clock import parse_iso
from hub.domain.delivery import Delivery, Fact
from hub.telephony.calls import Call, fold
from hub.telephony.providers.asterisk import AsteriskConnector, AsteriskSettings

FOLDER = Path(__file__).parents[3] / "fixtures" / "telephony" / "asterisk"
SETTINGS = AsteriskSettings.model_validate_json((FOLDER / "connection.json").read_bytes())
CONNECTOR = AsteriskConnector()
TABLE = "text/csv"
LINES = "application/x-ndjson"

OUTCOMES = {"no answer": "no_answer", "busy": "busy", "congestion": "failed"}
ENDED_BY = {"customer": "client", "manager": "us", "pbx": "system"}
NEVER_KNOWN_LINE = {"11-click-to-call-agent-no-answer"}
"""The client was not called, so no line was shown to anybody."""
NOT_IN_CDR = {"03c-inbound-phone-offline", "11-click-to-call-agent-no-answer"}
"""Calls without a dialled party leave no row (cdr.conf: unanswered=no)."""


@dataclass(frozen=True)
class Truth:
    """One entry of truth.json in the words of a call."""

    data: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        return self.data[name]

    @property
    def began(self) -> datetime:
        return parse_iso(self.data["started_at"])

    @property
    def outcome(self) -> str:
        detail = self.data["outcome_detail"] or ""
        if detail == "abandoned in queue":
            return "abandoned"
        if self.data["outcome"] == "not_answered":
            return OUTCOMES.get(detail, "cancelled")
        return str(self.data["outcome"])

    @property
    def seconds_to_answer(self) -> float | None:
        answer = self.data["t_answer"]
        return None if answer is None else answer - self.data["t_start"]

    @property
    def seconds_to_end(self) -> float:
        return float(self.data["t_end"] - self.data["t_start"])

    @property
    def callees(self) -> list[dict[str, Any]]:
        return [manager for manager in self.data["managers"] if manager["role"] == "callee"]

    @property
    def caller(self) -> str | None:
        return next((one["extension"] for one in self.data["managers"] if one["role"] == "caller"), None)


@dataclass(frozen=True)
class Capture:
    """One folder of the fixtures."""

    name: str

    def __str__(self) -> str:
        return self.name

    @property
    def folder(self) -> Path:
        return FOLDER / self.name

    @cached_property
    def lines(self) -> list[bytes]:
        return (self.folder / "ami.jsonl").read_bytes().splitlines()

    @cached_property
    def facts(self) -> list[Fact]:
        return facts_of(b"\n".join(self.lines))

    @cached_property
    def truth(self) -> Truth:
        return Truth(json.loads((self.folder / "truth.json").read_bytes())["calls"][0])

    def call(self, source: str = "ami.jsonl") -> Call:
        body = (self.folder / source).read_bytes()
        return only_call(facts_of(body, TABLE if source.endswith(".csv") else LINES))


CAPTURES = [Capture(path.parent.name) for path in sorted(FOLDER.glob("*/truth.json"))]


def facts_of(body: bytes, content_type: str = LINES, settings: AsteriskSettings = SETTINGS) -> list[Fact]:
    moment = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
    delivery = Delivery(connection_id=1, body=body, content_type=content_type, received_at=moment, settings=settings)
    return [fact for fact in CONNECTOR.translate(delivery) if isinstance(fact, Fact)]


def calls_of(facts: list[Fact], settings: AsteriskSettings = SETTINGS) -> list[Call]:
    events = CONNECTOR.interpret(facts, settings)
    return [fold(event for event in events if event.call == call) for call in sorted({one.call for one in events})]


def only_call(facts: list[Fact], settings: AsteriskSettings = SETTINGS) -> Call:
    calls = calls_of(facts, settings)
    assert len(calls) == 1, [call.id for call in calls]
    return calls[0]
