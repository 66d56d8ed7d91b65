"""A take's own truth is what Hub makes of its events, for every capture, as it was and with a longer talk."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from hub.domain.clock import parse_iso
from hub.telephony.ami.wire import parse
from hub.telephony.simulator import Cast, Take, diary, load, titles, truth
from tests.contracts.days import shape
from tests.unit.telephony.asterisk.captures import TABLE, facts_of, only_call

MORNING = datetime.fromisoformat("2026-11-24T07:30:00.400+00:00")
CAST = Cast(
    clients={"671234567": "671112299", "501112233": "502223388", "931230045": "933334477"},
    extensions={"101": "103", "103": "101"},
)


def heard(take: Take) -> bytes:
    return b"\n".join(_lines(take))


def _lines(take: Take) -> Iterator[bytes]:
    for step in take.capture.steps:
        yield json.dumps({"at": take.moment(step).isoformat(), "event": parse(take.text(step).encode())}).encode()


@pytest.mark.parametrize("by", [0, 90])
@pytest.mark.parametrize("title", titles())
def test_a_take_is_what_its_notes_say(title: str, by: int) -> None:
    take = Take(load(title), MORNING, CAST, truth.longer(title, by))
    call = only_call(facts_of(heard(take)))
    assert diary.disagreements(truth.entry(take), shape(call, "UA")) == []


@pytest.mark.parametrize("title", ["01-inbound-answered", "08-outbound-answered-agent-hangs-up"])
def test_a_longer_talk_is_as_long_in_its_records(title: str) -> None:
    take = Take(load(title), MORNING, CAST, truth.longer(title, 90))
    call = only_call(facts_of(take.records(truth.records(title)).encode(), TABLE))
    entry = truth.entry(take)
    assert entry["talk_seconds"] == 98
    assert abs(call.talk_seconds - 98) <= 1
    assert entry["external_number"] == shape(call, "UA")["external_number"]


def test_everybody_in_a_take_is_of_its_cast() -> None:
    take = Take(load("06-inbound-blind-transfer"), MORNING, CAST)
    entry = truth.entry(take)
    assert entry["external_number"] == "+380671112299"
    assert [(leg["extension"], leg["via"]) for leg in entry["legs"]] == [("103", "direct"), ("102", "transfer_blind")]
    assert abs((parse_iso(entry["started_at"]) - MORNING).total_seconds()) < 1


def test_nobody_talks_longer_who_does_not_talk() -> None:
    assert truth.longer("02-inbound-missed-ring-timeout", 60) is None


def test_a_disagreement_names_its_field() -> None:
    entry = truth.entry(Take(load("01-inbound-answered"), MORNING))
    (other,) = diary.disagreements(entry, entry | {"talk_seconds": 20.0})
    assert other == "talk_seconds: the log says 20.0, the diary 8.0"
    later = entry["legs"][0] | {"left_at": None}
    assert "left_at" in diary.disagreements(entry, entry | {"legs": [later]})[0]
    assert diary.disagreements(entry, entry | {"legs": []})


def test_a_log_has_every_call_of_the_diary_and_no_other() -> None:
    first, second = (truth.entry(Take(load("01-inbound-answered"), MORNING)) | {"connection": "pbx"} for _ in range(2))
    assert diary.compared([first, second], [second, first]) == {}
    assert list(diary.compared([first, second], [first]).values()) == [["is not in the log"]]
    assert list(diary.compared([first], [first, second]).values()) == [["is not in the diary"]]
    (told,) = diary.compared([first], [first | {"queue": "sales"}]).values()
    assert told == ["queue: the log says 'sales', the diary None"]


def test_a_diary_is_read_as_it_was_written(tmp_path: Path) -> None:
    entry = truth.entry(Take(load("04-inbound-queue-answered"), MORNING))
    assert diary.read(tmp_path / "diary.jsonl") == []
    diary.Diary(tmp_path / "diary.jsonl").write("pbx", entry)
    assert diary.read(tmp_path / "diary.jsonl") == [{"connection": "pbx", **entry}]
