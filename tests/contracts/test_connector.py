"""What every phone system's connector keeps to, whichever it is: found by being there, tested by being found."""

import json
import random
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.calls import from_json, to_json
from hub.domain.delivery import Fact
from hub.domain.errors import Unrecognised
from hub.telephony.calls import fold
from tests.contracts.connectors import CASES, CONTENT_TYPES, Case

every_connector = pytest.mark.parametrize("case", CASES, ids=str)
RUNGS = ("bronze", "silver", "gold")


@every_connector
def test_it_has_a_kind_for_machines_and_a_title_for_people(case: Case) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]{1,30}", case.connector.kind)
    assert case.connector.title.strip() == case.connector.title != ""


@every_connector
def test_every_setting_is_explained(case: Case) -> None:
    fields = case.connector.Settings.model_fields
    assert [name for name, field in fields.items() if not (field.description or "").strip()] == []


@every_connector
def test_its_page_opens_with_a_ladder(case: Case) -> None:
    """The first table names every rung, each done, or exempt with a reason."""
    text = case.page.read_text(encoding="utf-8")
    title, *lines = [line for line in text.splitlines() if line.strip()]
    assert title == f"# {case.connector.title}"
    table = [line for line in lines[:40] if line.startswith("|")]
    rungs = {cells[0]: cells[-1] for line in table if (cells := [cell.strip() for cell in line.strip("|").split("|")])}
    for rung in RUNGS:
        assert re.match(r"done|exempt: .{10,}", rungs.get(rung, "")), f"{rung}: {rungs.get(rung)}"
    assert lines[0].startswith(("|", "## Ladder")), "the ladder comes first"


@every_connector
def test_its_page_explains_every_setting(case: Case) -> None:
    text = case.page.read_text(encoding="utf-8")
    assert [name for name in case.connector.Settings.model_fields if f"| `{name}` |" not in text] == []


@every_connector
def test_there_are_captured_deliveries(case: Case) -> None:
    assert next(case.captured(), None) is not None


@every_connector
def test_captured_deliveries_are_understood_and_fold_to_calls(case: Case) -> None:
    calls = 0
    for path in case.captured():
        events = case.events(case.said(path.read_bytes(), CONTENT_TYPES[path.suffix]))
        for call in {event.call for event in events}:
            assert fold(event for event in events if event.call == call).id == call
            calls += 1
    assert calls > 0


@every_connector
def test_what_it_says_can_be_stored_and_read_again(case: Case) -> None:
    for path in case.captured():
        said = case.said(path.read_bytes(), CONTENT_TYPES[path.suffix])
        for thing in said:
            if isinstance(thing, Fact):
                assert thing.nodes
                assert json.loads(json.dumps(dict(thing.data))) == thing.data
        for event in case.events(said):
            assert from_json(to_json(event)) == event
            assert event.at.utcoffset() is not None


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
content_types = st.sampled_from(sorted(CONTENT_TYPES.values()))


@every_connector
@given(body=st.binary(max_size=300), content_type=content_types)
def test_any_bytes_are_understood_or_unrecognised(case: Case, body: bytes, content_type: str) -> None:
    _read(case, body, content_type)


@every_connector
@given(lines=st.lists(anything, max_size=4), content_type=content_types)
def test_any_json_is_understood_or_unrecognised(case: Case, lines: list[Any], content_type: str) -> None:
    _read(case, b"\n".join(json.dumps(line).encode() for line in lines), content_type)


@every_connector
@given(luck=st.randoms(use_true_random=False), odd=anything)
def test_captured_deliveries_with_odd_values_are_understood_or_unrecognised(
    case: Case, luck: random.Random, odd: Any
) -> None:
    path = luck.choice(list(case.captured()))
    lines = luck.sample(lines, min(12, len(lines))) if (lines := path.read_bytes().splitlines()) else []
    _read(case, b"\n".join(_with_odd_value(line, luck, odd) for line in lines), CONTENT_TYPES[path.suffix])


def _with_odd_value(line: bytes, luck: random.Random, odd: Any) -> bytes:
    """The same line with one value, however deep, replaced; of a table's line one field."""
    try:
        said = json.loads(line)
    except ValueError:
        fields = line.split(b",")
        fields[luck.randrange(len(fields))] = str(odd).encode(errors="replace")
        return b",".join(fields)
    place = said
    while isinstance(place, dict) and place:
        name = luck.choice(list(place))
        if not isinstance(place[name], dict) or luck.random() < 0.1:
            place[name] = odd
            break
        place = place[name]
    return json.dumps(said).encode()


def _read(case: Case, body: bytes, content_type: str) -> None:
    """Nothing but Unrecognised may come of it, and whatever is understood folds."""
    try:
        said = case.said(body, content_type)
    except Unrecognised:
        return
    events = case.events(said)
    for call in {event.call for event in events}:
        fold(event for event in events if event.call == call)
