"""The line to the PBX is lost in the middle of calls: what is known stays, what is missing comes from other rows."""

import json
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from hub.domain.calls import CallState, Outcome, Party
from hub.domain.clock import iso, parse_iso
from hub.telephony.calls import Call
from tests.unit.telephony.asterisk.captures import CAPTURES, TABLE, Capture, facts_of, only_call
from tests.unit.telephony.asterisk.tape import Tape

ANSWERED = "01-inbound-answered"


def at(line: bytes) -> datetime:
    return parse_iso(json.loads(line)["at"])


def start(capture: Capture) -> datetime:
    return at(capture.lines[0]) - timedelta(seconds=json.loads(capture.lines[0])["t"])


def gap(capture: Capture, since: float, until: float, alive: str) -> bytes:
    """A listener's note: nothing heard from `since` to `until`, seconds after the capture began."""
    note = {
        "Event": "HubGap",
        "From": iso(start(capture) + timedelta(seconds=since)),
        "To": iso(start(capture) + timedelta(seconds=until)),
        "Linkedid": capture.truth.linkedids[0],
        "Alive": alive,
    }
    return json.dumps({"at": note["To"], "event": note}).encode()


def heard(capture: Capture, since: float, until: float) -> list[bytes]:
    """The lines that were heard: all but those of the lost stretch."""
    lost = (start(capture) + timedelta(seconds=since), start(capture) + timedelta(seconds=until))
    return [line for line in capture.lines if not lost[0] < at(line) < lost[1]]


def told(capture: Capture, lines: list[bytes], *rows: str) -> Call:
    facts = facts_of(b"\n".join(lines))
    for name in rows:
        facts += facts_of((capture.folder / name).read_bytes(), TABLE if name.endswith("csv") else "")
    return only_call(facts)


@pytest.fixture
def capture() -> Capture:
    """Rings 0.5-4.6 s, talks 4.6-12.6 s, the client hangs up."""
    return Capture(ANSWERED)


def test_a_call_that_is_gone_after_a_gap_ended_somewhere_in_it(capture: Capture) -> None:
    call = told(capture, [*heard(capture, 8, 99), gap(capture, 8, 20, "no")])
    assert (call.state, call.outcome, call.reason) == (CallState.ENDED, Outcome.ANSWERED, "end not reported")
    assert call.hung_up_by is None
    assert call.talk_seconds == pytest.approx(3.4, abs=0.1)


@pytest.mark.parametrize("rows", ["cdr.csv", "cel.jsonl"])
def test_rows_tell_the_end_that_was_not_heard(capture: Capture, rows: str) -> None:
    call = told(capture, [*heard(capture, 8, 99), gap(capture, 8, 20, "no")], rows)
    assert (call.outcome, call.reason) == (Outcome.ANSWERED, None)
    assert call.talk_seconds == pytest.approx(8.0, abs=1)


def test_cel_also_knows_who_ended_it(capture: Capture) -> None:
    call = told(capture, [*heard(capture, 8, 99), gap(capture, 8, 20, "no")], "cel.jsonl", "cdr.csv")
    assert call.hung_up_by is Party.CLIENT
    assert call.talk_seconds == pytest.approx(8.0, abs=0.1)


@pytest.mark.parametrize("rows", ["cdr.csv", "cel.jsonl"])
def test_rows_tell_of_an_answer_that_was_not_heard(capture: Capture, rows: str) -> None:
    call = told(capture, [*heard(capture, 2, 8), gap(capture, 2, 8, "yes")], rows)
    assert (call.outcome, call.answered_by, call.hung_up_by) == (Outcome.ANSWERED, "101", Party.CLIENT)
    assert call.talk_seconds == pytest.approx(8.0, abs=1)
    assert call.ring_seconds == pytest.approx(4.0, abs=1)


def test_who_leaves_a_bridge_after_a_gap_was_in_it(capture: Capture) -> None:
    without_records = [line for line in heard(capture, 2, 8) if b'"Event": "Cdr"' not in line]
    call = told(capture, [*without_records, gap(capture, 2, 8, "yes")])
    assert (call.outcome, call.answered_by, call.hung_up_by) == (Outcome.ANSWERED, "101", Party.CLIENT)
    assert call.talk_seconds == pytest.approx(4.6, abs=0.1)


def test_a_record_the_pbx_sends_after_the_call_fills_the_gap_before(capture: Capture) -> None:
    call = told(capture, [*heard(capture, 2, 8), gap(capture, 2, 8, "yes")])
    assert call.talk_seconds == pytest.approx(8.0, abs=1)


def test_a_record_of_a_part_ends_nothing_that_goes_on() -> None:
    """A PBX whose clock is two seconds ahead sends the record of the consultation; 102 has the client by now."""
    capture = Capture("07-inbound-attended-transfer")
    number = next(number for number, line in enumerate(capture.lines) if b'"Event": "Cdr"' in line)
    record = json.loads(capture.lines[number])
    for column in ("StartTime", "AnswerTime", "EndTime"):
        record["event"][column] = str(datetime.fromisoformat(record["event"][column]) + timedelta(seconds=2))
    call = told(capture, [*capture.lines[:number], json.dumps(record).encode()])
    assert [(leg.extension, leg.left_at is None) for leg in call.legs] == [("101", False), ("102", True)]


def test_a_call_that_goes_on_after_a_gap_goes_on(capture: Capture) -> None:
    call = told(capture, [*heard(capture, 6, 99), gap(capture, 6, 20, "yes")])
    assert (call.state, call.ended_at) == (CallState.TALKING, None)
    assert call.last_event_at == start(capture) + timedelta(seconds=20)


def test_a_beginning_nobody_heard_is_told_by_ids_and_rows(capture: Capture) -> None:
    """A listener that starts in the middle of a talk."""
    call = told(capture, heard(capture, -1, 8))
    assert (call.outcome, call.direction, call.id) == (Outcome.ANSWERED, "inbound", capture.truth.linkedids[0])
    assert abs(call.started_at - capture.truth.began) < timedelta(seconds=1)
    filled = told(capture, heard(capture, -1, 8), "cel.jsonl")
    assert (filled.number, filled.line) == (capture.truth.customer_number, "+380445551200")
    assert filled.talk_seconds == pytest.approx(8.0, abs=0.1)


def test_rows_change_nothing_where_everything_was_heard() -> None:
    for capture in CAPTURES:
        assert told(capture, capture.lines, "cel.jsonl", "cdr.csv") == capture.call()


def test_a_gap_may_be_anywhere() -> None:
    """Cut each capture in turn at every second: with the rows beside it, outcome and parties are always right."""
    for capture in CAPTURES:
        length = int(capture.truth.seconds_to_end) + 1
        for since, until in pairwise(range(1, length, 2)):
            lines = [*heard(capture, since, until), gap(capture, since, until, "yes")]
            call = told(capture, lines, "cel.jsonl")
            assert (str(capture), call.direction, call.outcome) == (
                str(capture),
                capture.truth.direction,
                capture.truth.outcome,
            )
            assert call.talk_seconds == pytest.approx(capture.truth.talk_seconds, abs=0.6), (capture, since)


def test_a_pbx_whose_clock_is_wrong_is_read_by_its_own_ids(capture: Capture) -> None:
    """The PBX's clock is an hour behind Hub's; its rows still fill the right stretch."""
    late = [_shifted(line, 3600) for line in [*heard(capture, 8, 99), gap(capture, 8, 20, "no")]]
    call = told(capture, late, "cel.jsonl")
    assert call.hung_up_by is Party.CLIENT
    assert call.talk_seconds == pytest.approx(8.0, abs=1)


def _shifted(line: bytes, seconds: float) -> bytes:
    said = json.loads(line)
    places = [(said, "at")]
    if said.get("event", {}).get("Event") == "HubGap":
        places += [(said["event"], "From"), (said["event"], "To")]
    for place, name in places:
        place[name] = (parse_iso(place[name]) + timedelta(seconds=seconds)).isoformat()
    return json.dumps(said).encode()


def test_channels_not_listed_after_a_gap_are_gone() -> None:
    """While the line was lost 101 handed the client to 102: the list of channels shows who is left."""
    tape = Tape()
    client = tape.arrives()
    first = tape.dials(client, "PJSIP/101", "101")
    tape.ring(first)
    tape.wait(3)
    tape.answers(first, client)
    tape.wait(5)
    lost = tape.at
    tape.wait(30)
    tape.say(
        "HubGap", {"From": lost.isoformat(), "To": tape.at.isoformat(), "Linkedid": client.linkedid, "Alive": "yes"}
    )
    second = tape.dials(client, "PJSIP/102", "102")
    for channel in (client, second):
        tape.say("CoreShowChannel", channel.shown(), ChannelState="6", BridgeId="elsewhere")
    tape.wait(10)
    tape.hangs_up(client, second)
    call = tape.call()
    assert [(leg.extension, leg.talk_seconds) for leg in call.legs] == [("101", 35.0), ("102", 10.0)]
    assert call.talk_seconds == 45.0
