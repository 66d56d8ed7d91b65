"""The captures of a running Asterisk through the whole path, on both databases: what truly happened is in the log."""

import json
import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from hub import reconciling, repair
from hub.domain.clock import parse_iso
from hub.domain.delivery import Delivery
from hub.leads.models import ContactRow, LeadRow
from hub.pipeline import accept
from tests.pipeline.office import MONDAY, Office
from tests.unit.telephony.asterisk.captures import (
    CAPTURES,
    ENDED_BY,
    FOLDER,
    NEVER_KNOWN_LINE,
    NOT_IN_CDR,
    Capture,
    Truth,
)

SETTINGS = json.loads((FOLDER / "connection.json").read_text())
LINES = "application/x-ndjson"
CLOSE = 1.05
"""Seconds; the JSON rounds to a tenth."""


@pytest.fixture
def pbx(office: Office) -> Office:
    office.connect("asterisk", "pbx", **SETTINGS)
    return office


def batches(lines: Sequence[bytes], size: int) -> Iterator[bytes]:
    for start in range(0, len(lines), size):
        yield b"\n".join(lines[start : start + size])


def feed(office: Office, bodies: Sequence[bytes]) -> None:
    for number, body in enumerate(bodies):
        accept(office.hub, _delivery(office, body), f"batch {number}")
    office.drain("pbx")


def _delivery(office: Office, body: bytes) -> Delivery:
    return Delivery(connection_id=office.ids["pbx"], body=body, content_type=LINES, received_at=MONDAY)


def told(truth: Truth, name: str) -> dict[str, Any]:
    """What the call's JSON must say word for word."""
    known_line = truth.line and name not in NEVER_KNOWN_LINE
    return {
        "provider_call_id": truth.linkedids[0],
        "direction": truth.direction,
        "state": "ended",
        "outcome": truth.outcome,
        "external_number": truth.customer_number,
        "line": f"+{truth.line}" if known_line else None,
        "queue": truth.queue.split()[0] if truth.queue else None,
        "hung_up_by": ENDED_BY[truth.ended_by],
    }


def measured(truth: Truth) -> dict[str, float]:
    """What it must say within a second."""
    return {
        "ring_seconds": truth.ring_seconds,
        "talk_seconds": truth.talk_seconds,
        "hold_seconds": truth.hold_seconds,
        "duration_seconds": truth.seconds_to_end,
    }


def happened(truth: Truth) -> dict[str, float | None]:
    """When, in seconds after the true beginning."""
    return {"started_at": 0.0, "answered_at": truth.seconds_to_answer, "ended_at": truth.seconds_to_end}


def disagreements(call: dict[str, Any], capture: Capture) -> list[str]:
    truth = capture.truth
    phones = {"phones": sorted(leg["extension"] for leg in call["legs"])}
    people = {"phones": sorted(one["extension"] for one in truth.callees)}
    said = call | phones
    wrong = [name for name, true in (told(truth, capture.name) | people).items() if said[name] != true]
    wrong += [name for name, true in measured(truth).items() if abs(call[name] - true) > CLOSE]
    wrong += [name for name, true in happened(truth).items() if not _at(call[name], truth, true)]
    return [f"{name} is {said[name]!r}" for name in wrong]


def _at(moment: str | None, truth: Truth, seconds: float | None) -> bool:
    if moment is None or seconds is None:
        return moment is None and seconds is None
    return abs((parse_iso(moment) - truth.began).total_seconds() - seconds) <= CLOSE


def assert_true(office: Office) -> None:
    """One call for each capture, each as it truly was; leads for the clients alone."""
    calls = {call["provider_call_id"]: call for call in office.calls()}
    wrong = {
        capture.name: found
        for capture in CAPTURES
        if (found := disagreements(calls[capture.truth.linkedids[0]], capture))
    }
    assert wrong == {}
    assert len(calls) == len(CAPTURES)
    clients = {capture.truth.customer_number for capture in CAPTURES if capture.truth.lead_relevant} - {None}
    leading = {call["external_number"] for call in calls.values() if call["lead_id"]}
    assert leading <= clients
    assert len(office.rows(ContactRow)) == len(leading)
    assert len(office.rows(LeadRow)) == len(leading)


def test_every_capture_in_one_log_is_what_truly_happened(pbx: Office) -> None:
    feed(pbx, [body for capture in CAPTURES for body in batches(capture.lines, 40)])
    assert set(pbx.states()) == {"done"}
    assert_true(pbx)
    internal = next(call for call in pbx.calls() if call["direction"] == "internal")
    assert (internal["external_number"], internal["contact"], internal["lead_id"]) == (None, None, None)
    before = pbx.everything()
    repair.replay(pbx.hub, pbx.ids["pbx"])
    assert pbx.everything() == before


def test_lines_swapped_and_doubled_are_the_same_calls(pbx: Office) -> None:
    luck = random.Random(7)
    lines = [line for capture in CAPTURES for line in (*capture.lines, *capture.lines[::2])]
    luck.shuffle(lines)
    feed(pbx, list(batches(lines, 200)))
    assert_true(pbx)


@pytest.mark.parametrize("name", ["07-inbound-attended-transfer", "04b-inbound-queue-local-members"])
def test_event_by_event_as_it_comes_in_is_the_same_call(pbx: Office, name: str) -> None:
    capture = Capture(name)
    for number, line in enumerate(capture.lines):
        accept(pbx.hub, _delivery(pbx, line), f"line {number}")
        if number % 7 == 0:
            pbx.drain("pbx")
    pbx.drain("pbx")
    assert disagreements(pbx.call(), capture) == []
    assert [row.type for row in pbx.told()].count("call.withdrawn") == (1 if "transfer" in name else 0)


def test_a_call_whose_end_was_never_heard_is_closed_where_it_was_last_heard_of(pbx: Office) -> None:
    capture = Capture("01-inbound-answered")
    cut = next(place for place, line in enumerate(capture.lines) if b'"HangupRequest"' in line)
    feed(pbx, [b"\n".join(capture.lines[:cut])])
    assert pbx.call()["state"] == "talking"
    with time_machine.travel(capture.truth.began + timedelta(hours=7)):
        assert repair.close_silent(pbx.hub) == 1
        pbx.drain("pbx")
    assert (pbx.call()["state"], pbx.call()["outcome"]) == ("ended", "answered")
    assert (pbx.call()["reason"], pbx.call()["duration_seconds"] < 60) == ("end not reported", True)
    accept(pbx.hub, _delivery(pbx, b"\n".join(capture.lines[cut:])), "the rest")
    pbx.drain("pbx")
    assert disagreements(pbx.call(), capture) == []


@pytest.mark.parametrize("first_lost", [0, 1])
def test_calls_of_which_nothing_was_heard_come_from_the_pbx_own_records_once(
    office: Office, tmp_path: Path, first_lost: int
) -> None:
    office.connect("asterisk", "pbx", **SETTINGS | {"cdr": str(_records(tmp_path))})
    heard, lost = CAPTURES[1 - first_lost :: 2], CAPTURES[first_lost::2]
    feed(office, [b"\n".join(capture.lines) for capture in heard])
    before = {call["id"]: call for call in office.calls()}

    began = [capture.truth.began for capture in CAPTURES]
    stretch = reconciling.Stretch(since=min(began) - timedelta(hours=1), until=max(began) + timedelta(hours=1))
    known, missing = _recorded(heard), _recorded(lost)
    assert _compared(office, stretch) == (known + missing, known, 0, missing)
    after = {call["id"]: call for call in office.calls()}
    assert {key: after[key] for key in before} == before
    fetched = {each for capture in lost if capture.name not in NOT_IN_CDR for each in capture.truth.linkedids}
    assert {call["provider_call_id"] for key, call in after.items() if key not in before} == fetched
    assert _compared(office, stretch) == (known + missing, known + missing, 0, 0)

    for number, capture in enumerate(lost):
        accept(office.hub, _delivery(office, b"\n".join(capture.lines)), f"late {number}")
    office.drain("pbx")
    assert_true(office)


def _records(folder: Path) -> Path:
    """The rows of every capture in one file, as the PBX keeps them."""
    tables = [capture.folder.joinpath("cdr.csv").read_text().splitlines() for capture in CAPTURES]
    (columns,) = {table[0] for table in tables}
    source = folder / "Master.csv"
    source.write_text("\n".join([columns, *(row for table in tables for row in table[1:])]))
    return source


def _recorded(captures: Sequence[Capture]) -> int:
    """Conversations as the PBX counts them: the two of an attended transfer stay two."""
    return sum(len(capture.truth.linkedids) for capture in captures if capture.name not in NOT_IN_CDR)


def _compared(office: Office, stretch: reconciling.Stretch) -> tuple[int, int, int, int]:
    row = reconciling.compare(office.hub, office.ids["pbx"], stretch)
    assert row is not None
    assert row.problem is None
    return row.listed, row.received, row.waiting, row.missing
