"""A listener and a phone system that fails in every way it can, over real sockets."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hub.connectors import OpenCall
from hub.domain.clock import parse_iso
from hub.telephony.ami.line import EVENTS
from hub.telephony.cdr_source import Records
from hub.telephony.simulator import Simulator, Take
from tests.live.desk import QUICK, Desk, listening
from tests.waiting import until

ANSWERED = "01-inbound-answered"
MISSED = "02-inbound-missed-ring-timeout"
ASKED_FOR = frozenset(EVENTS.split(","))


@pytest.fixture
def pbx() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def desk() -> Desk:
    return Desk()


def connected(pbx: Simulator, desk: Desk) -> None:
    until(lambda: pbx.listeners == 1 and desk.state == "connected", what="a connected listener")


def played_out(pbx: Simulator) -> None:
    until(lambda: not pbx.busy, what="the end of the played calls")


def said(take: Take) -> list[str]:
    """What the PBX says of a call to one who asked for our classes of events, as blocks."""
    return [take.text(step) for step in take.capture.steps if step.classes & ASKED_FOR]


def as_open(take: Take, linkedid: str) -> OpenCall:
    new = take.renamed[linkedid]
    return OpenCall(new, frozenset({new}), datetime.now(UTC))


def as_text(event: object) -> str:
    assert isinstance(event, dict)
    return "".join(f"{name}: {value}\r\n" for name, value in event.items())


def stored(desk: Desk) -> list[str]:
    """Stored events of calls as the blocks they were, without what the PBX and Hub say of themselves."""
    ours = {"FullyBooted", "HubGap", "CoreShowChannel"}
    return [as_text(event) for event in desk.events() if event["Event"] not in ours]


def test_every_event_of_a_call_is_stored_in_order_and_as_it_was_said(pbx: Simulator, desk: Desk) -> None:
    with listening(pbx, desk):
        connected(pbx, desk)
        take = pbx.play(ANSWERED, speed=50)
        until(lambda: len(stored(desk)) >= len(said(take)), what="the whole call")
    assert stored(desk) == said(take)
    stamps = [parse_iso(line["at"]) for line in desk.lines]
    assert all(earlier < later for earlier, later in pairwise(stamps))
    assert desk.state == "down"


def test_only_what_the_interpreter_reads_is_stored(pbx: Simulator, desk: Desk) -> None:
    with listening(pbx, desk, keeps=lambda event: event["Event"] in {"Newchannel", "Hangup"}):
        connected(pbx, desk)
        pbx.play(ANSWERED, speed=100)
        until(lambda: len(desk.events("Hangup")) == 2, what="both ends of the call")
    assert {event["Event"] for event in desk.events()} == {"Newchannel", "Hangup"}


def test_many_calls_at_once_come_in_few_and_bounded_batches(pbx: Simulator, desk: Desk) -> None:
    timing = replace(QUICK, batch_lines=100)
    with listening(pbx, desk, timing=timing):
        connected(pbx, desk)
        takes = [pbx.play(ANSWERED, speed=20) for _ in range(20)]
        until(lambda: len(stored(desk)) >= sum(len(said(take)) for take in takes), what="all calls")
    assert sorted(stored(desk)) == sorted(text for take in takes for text in said(take))
    assert max(map(len, desk.batches)) <= 100
    assert len(desk.batches) < len(desk.lines) / 10


def test_a_call_that_survives_a_cut_line_is_marked_and_goes_on(pbx: Simulator, desk: Desk) -> None:
    with listening(pbx, desk):
        connected(pbx, desk)
        take = pbx.play(ANSWERED, speed=5)
        until(lambda: desk.events("Newchannel"), what="the beginning of the call")
        desk.calls = [as_open(take, "1795313956.0")]
        pbx.cut()
        [gap] = until(lambda: desk.events("HubGap"), what="the note of the gap")
        until(lambda: len(desk.events("Hangup")) == 2, what="the end of the call")
    assert gap["Linkedid"] == take.renamed["1795313956.0"]
    assert gap["Alive"] == "yes"
    assert parse_iso(gap["From"]) < parse_iso(gap["To"])
    rows = desk.events("CoreShowChannel")
    assert {row["Linkedid"] for row in rows} == {gap["Linkedid"]}
    assert set(stored(desk)) < set(said(take))


def test_the_gap_is_noted_before_anything_that_came_after_it(pbx: Simulator, desk: Desk) -> None:
    with listening(pbx, desk):
        connected(pbx, desk)
        take = pbx.play(ANSWERED, speed=5)
        until(lambda: desk.events("Newchannel"), what="the beginning of the call")
        desk.calls = [as_open(take, "1795313956.0")]
        pbx.cut()
        until(lambda: len(desk.events("Hangup")) == 2, what="the end of the call")
    kinds = [line["event"]["Event"] for line in desk.lines]
    back = next(line for line in desk.lines if line["event"]["Event"] == "HubGap")
    before = desk.lines[: kinds.index("HubGap")]
    after = desk.lines[kinds.index("HubGap") + 1 :]
    assert all(parse_iso(line["at"]) <= parse_iso(back["event"]["From"]) for line in before)
    assert all(parse_iso(line["at"]) >= parse_iso(back["event"]["To"]) for line in after)


def test_a_call_that_ended_while_nobody_heard_is_gone_and_filled_from_its_record(
    pbx: Simulator, desk: Desk, tmp_path: Path
) -> None:
    records = tmp_path / "cdr.csv"
    with listening(pbx, desk, records=Records(str(records), ZoneInfo("Europe/Kyiv")).read):
        connected(pbx, desk)
        take = pbx.play(MISSED, speed=10)
        until(lambda: desk.events("Newchannel"), what="the beginning of the call")
        desk.calls = [as_open(take, "1795313971.2")]
        pbx.disconnect()
        played_out(pbx)
        records.write_text(take.translate("calldate,src,linkedid\n2026-11-22 04:19:31,+380501112233,1795313971.2\n"))
        pbx.reconnect()
        [gap] = until(lambda: desk.events("HubGap"), what="the note of the gap")
        [record] = until(lambda: desk.records, what="the record of the call")
    assert gap["Alive"] == "no"
    assert record["linkedid"] == gap["Linkedid"]


def test_a_restart_of_the_pbx_ends_every_call(pbx: Simulator, desk: Desk) -> None:
    with listening(pbx, desk):
        connected(pbx, desk)
        takes = [pbx.play(MISSED) for _ in range(3)]
        until(lambda: len(desk.events("Newchannel")) == 6, what="three calls")
        desk.calls = [as_open(take, "1795313971.2") for take in takes]
        pbx.restart()
        gaps = until(lambda: desk.events("HubGap"), what="the notes of the gap")
    assert [gap["Alive"] for gap in gaps] == ["no", "no", "no"]
    assert not desk.events("CoreShowChannel")


def test_a_silent_pbx_is_given_up_and_asked_again(pbx: Simulator, desk: Desk) -> None:
    with listening(pbx, desk):
        connected(pbx, desk)
        take = pbx.play(MISSED)
        until(lambda: desk.events("Newchannel"), what="the beginning of the call")
        desk.calls = [as_open(take, "1795313971.2")]
        pbx.stall()
        until(lambda: "said nothing" in desk.reports[-1][1], what="notice of the silence")
        pbx.revive()
        [gap] = until(lambda: desk.events("HubGap"), what="the note of the gap")
        connected(pbx, desk)
    assert gap["Alive"] == "yes"


def test_pings_keep_a_quiet_line_alive(pbx: Simulator, desk: Desk) -> None:
    with listening(pbx, desk):
        connected(pbx, desk)
        since = len(desk.reports)
        quiet = 2 * (QUICK.ping_after + QUICK.dead_after) / QUICK.renew
        until(lambda: len(desk.reports) > since + quiet, what="a long quiet time")
    assert {state for state, _ in desk.reports[since:-1]} == {"connected"}


def test_repeated_events_are_stored_with_the_time_they_came(pbx: Simulator, desk: Desk) -> None:
    with listening(pbx, desk, keeps=lambda event: event["Event"] == "Hangup"):
        connected(pbx, desk)
        pbx.play("03-inbound-busy", speed=100)
        until(lambda: len(desk.events("Hangup")) == 2, what="the end of the call")
        pbx.repeat(20)
        until(lambda: len(desk.events("Hangup")) == 4, what="the repetition")
    first, *_, last = desk.lines
    assert parse_iso(first["at"]) < parse_iso(last["at"])


def test_a_wrong_secret_is_said_in_plain_words_and_not_tried_again_soon(pbx: Simulator, desk: Desk) -> None:
    with listening(pbx, desk, secret="wrong"):
        until(lambda: desk.state == "down", what="a refusal")
        refusals = pbx.refusals
        seen = len(desk.reports)
        until(lambda: len(desk.reports) > seen + 10, what="ten more reports")
        state, detail = desk.reports[-1]
    assert state == "down"
    assert "refused username 'hub' with the secret set: Authentication failed; next try in 60.0 s" in detail
    assert pbx.refusals == refusals == 1


def test_a_database_that_is_away_for_a_while_loses_nothing(pbx: Simulator, desk: Desk) -> None:
    with listening(pbx, desk):
        connected(pbx, desk)
        desk.away = True
        take = pbx.play(ANSWERED, speed=50)
        played_out(pbx)
        until(lambda: desk.refused > 3, what="attempts to store")
        desk.away = False
        until(lambda: len(stored(desk)) >= len(said(take)), what="the whole call")
    assert stored(desk) == said(take)
    assert not desk.events("HubGap")


def test_a_line_whose_events_cannot_be_stored_is_reported_as_down(pbx: Simulator, desk: Desk) -> None:
    with listening(pbx, desk):
        connected(pbx, desk)
        desk.full = True
        take = pbx.play(ANSWERED, speed=50)
        until(lambda: desk.state == "down", what="notice of it")
        assert "cannot store events" in desk.reports[-1][1]
        assert "disk full" in desk.reports[-1][1]
        desk.full = False
        until(lambda: len(stored(desk)) >= len(said(take)), what="the whole call")
        until(lambda: desk.state == "connected", what="the end of the trouble")
    assert stored(desk) == said(take)


def test_an_answer_lost_after_the_commit_stores_nothing_twice(pbx: Simulator, desk: Desk) -> None:
    with listening(pbx, desk):
        connected(pbx, desk)
        desk.forgetful = True
        take = pbx.play(ANSWERED, speed=50)
        until(lambda: len(stored(desk)) >= len(said(take)), what="the whole call")
    assert stored(desk) == said(take)
    assert not desk.forgetful


def test_more_than_can_wait_closes_the_line_and_marks_the_gap(pbx: Simulator, desk: Desk) -> None:
    with listening(pbx, desk, timing=replace(QUICK, buffer_lines=200, batch_lines=10)):
        connected(pbx, desk)
        desk.away = True
        takes = [pbx.play(ANSWERED, speed=20) for _ in range(5)]
        desk.calls = [as_open(takes[0], "1795313956.0")]
        played_out(pbx)
        desk.away = False
        until(lambda: [gap for gap in desk.events("HubGap") if gap["Alive"] == "no"], what="the note of the gap")
    everything_said = {text for take in takes for text in said(take)}
    assert set(stored(desk)) < everything_said
    assert len(stored(desk)) > 50


def test_a_call_in_progress_at_the_first_connection_becomes_visible(pbx: Simulator, desk: Desk) -> None:
    take = pbx.play(MISSED)
    until(lambda: len(pbx.channels()) == 2, what="a call in progress")
    with listening(pbx, desk, keeps=lambda event: event["Event"] == "CoreShowChannel"):
        rows = until(lambda: desk.events("CoreShowChannel"), what="the list of channels")
    assert [row["Uniqueid"] for row in rows] == [take.renamed["1795313971.2"], take.renamed["1795313971.3"]]
    assert rows[0]["CallerIDNum"] == "+380501112233"
    assert not desk.events("HubGap")


def test_a_new_holder_marks_what_came_since_the_last_one_stored_anything(pbx: Simulator, desk: Desk) -> None:
    desk.until = datetime.now(UTC) - timedelta(minutes=3)
    desk.calls = [OpenCall("1.1", frozenset({"1.1"}), desk.until)]
    with listening(pbx, desk):
        [gap] = until(lambda: desk.events("HubGap"), what="the note of the gap")
    assert parse_iso(gap["From"]) == desk.until
    assert gap["Alive"] == "no"


def test_without_permission_to_list_no_call_is_called_gone(pbx: Simulator, desk: Desk) -> None:
    pbx.forbidden = frozenset({"coreshowchannels"})
    desk.until = datetime.now(UTC)
    desk.calls = [OpenCall("1.1", frozenset({"1.1"}), desk.until)]
    with listening(pbx, desk, keeps=lambda event: event["Event"] == "Newchannel"):
        [gap] = until(lambda: desk.events("HubGap"), what="the note of the gap")
        connected(pbx, desk)
        until(lambda: "write permission 'reporting'" in desk.reports[-1][1], what="the remedy")
    assert gap["Alive"] == "yes"


def test_a_port_with_nobody_behind_it_is_tried_again_with_pauses(pbx: Simulator, desk: Desk) -> None:
    pbx.disconnect()
    with listening(pbx, desk):
        until(lambda: desk.state == "down" and "cannot reach" in desk.reports[-1][1], what="notice of it")
        pbx.reconnect()
        connected(pbx, desk)


def test_the_lines_are_those_captures_are_kept_in(pbx: Simulator, desk: Desk) -> None:
    with listening(pbx, desk):
        connected(pbx, desk)
        pbx.play("03-inbound-busy", speed=100)
        until(lambda: desk.events("Hangup"), what="the call")
    body = next(body for body, _ in desk.bodies.values() if b"Newchannel" in body)
    assert all(set(json.loads(line)) == {"at", "event"} for line in body.splitlines())
