"""The line to the PBX is lost in the middle of calls: what is known stays, what is missing comes from other rows."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import combinations, pairwise

import pytest

from hub.domain.calls import CallState, Outcome, Party
from hub.domain.clock import iso, parse_iso
from hub.telephony.calls import Call
from tests.unit.telephony.asterisk.captures import CAPTURES, ENDED_BY, TABLE, Capture, facts_of, only_call
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


HANDED_ON = {"06-inbound-blind-transfer", "06b-inbound-blind-transfer-feature-code"}
CALLED_BACK = {"10-click-to-call-answered", "10b-click-to-call-local-channel"}
"""Here the caller is up before the second phone rings: if that one's pick-up was not heard, no record tells it."""
RANG_THEN_BUSY = {"11b-click-to-call-customer-busy"}
GAVE_UP = {"09d-outbound-agent-gave-up"}
NO_RECORD = {"03c-inbound-phone-offline", "11-click-to-call-agent-no-answer"}
"""Calls without a dialled party leave no row (cdr.conf: unanswered=no)."""


def cuts(capture: Capture) -> Iterator[tuple[Call, float, float]]:
    """The call as it is told when the stretch from `since` to `until` was lost and only CDR rows fill it."""
    length = int(capture.truth.seconds_to_end) + 3
    for since, until in combinations(range(1, length, 2), 2):
        alive = "yes" if until < capture.truth.t_end else "no"
        lines = [*heard(capture, since, until), gap(capture, since, until, alive)]
        yield told(capture, lines, "cdr.csv"), since, until


@pytest.mark.parametrize("capture", [one for one in CAPTURES if one.name not in NO_RECORD], ids=str)
def test_call_detail_records_alone_fill_whatever_was_lost(capture: Capture) -> None:
    truth = capture.truth
    for call, since, until in cuts(capture):
        lost_end = until >= truth.t_end
        unsure = capture.name in GAVE_UP and lost_end
        assert call.outcome == (Outcome.NO_ANSWER if unsure else truth.outcome), (since, until)
        assert call.hung_up_by in ({None, ENDED_BY[truth.ended_by]} if lost_end else {ENDED_BY[truth.ended_by]})
        assert {leg.extension: leg.answered_at is not None for leg in call.legs} == {
            one["extension"]: one["picked_up"] for one in truth.callees
        }
        if capture.name not in HANDED_ON | CALLED_BACK:
            assert call.talk_seconds == pytest.approx(truth.talk_seconds, abs=1.5), (since, until)
        if capture.name not in CALLED_BACK | RANG_THEN_BUSY:
            assert call.ring_seconds == pytest.approx(truth.ring_seconds, abs=1.1), (since, until)


@pytest.mark.parametrize(("name", "picked_up"), [("06", 9.58), ("06b", 12.4), ("10", 6.5), ("10b", 5.6)])
def test_a_second_phone_that_was_heard_picking_up_did_so_then(name: str, picked_up: float) -> None:
    """The row of a caller who is up says when he was brought to it, not when it was picked up."""
    capture = next(one for one in CAPTURES if one.name.startswith(f"{name}-"))
    for call, since, until in cuts(capture):
        if not since <= picked_up <= until:
            assert call.talk_seconds == pytest.approx(capture.truth.talk_seconds, abs=1.5), (since, until)


def test_a_caller_lost_in_a_queue_abandoned_it_as_far_as_records_tell() -> None:
    capture = Capture("05-inbound-queue-abandoned")
    call = told(capture, [*heard(capture, 5, 99), gap(capture, 5, 20, "no")], "cdr.csv")
    assert (call.outcome, call.hung_up_by) == (Outcome.ABANDONED, None)


def test_a_recording_that_was_announced_is_not_another_in_the_record(capture: Capture) -> None:
    call = told(capture, [*heard(capture, 8, 99), gap(capture, 8, 20, "no")], "cdr.csv")
    assert call.recordings == capture.call().recordings


@pytest.mark.parametrize("lost", [1, 2])
def test_a_click_to_call_nobody_picked_up_was_given_up_though_its_end_was_not_heard(lost: int) -> None:
    """The answer to the Originate tells the end; without that, the gap does."""
    capture = Capture("11-click-to-call-agent-no-answer")
    kept = [line for line in capture.lines if b'"Hangup"' not in line and (lost < 2 or b"OriginateR" not in line)]
    call = told(capture, [*kept, gap(capture, 20, 30, "no")])
    assert (call.outcome, call.state, call.direction) == (Outcome.CANCELLED, CallState.ENDED, "outbound")
    unheard = told(capture, heard(capture, -1, 3))
    assert (unheard.outcome, unheard.number) == (Outcome.CANCELLED, capture.truth.customer_number_as_seen)


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
