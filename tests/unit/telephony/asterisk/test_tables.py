"""The same calls as tables that other systems, back ends and spreadsheets export: always the same verdicts."""

import csv
import io
import json
from collections.abc import Callable
from datetime import datetime

import pytest

from tests.unit.telephony.asterisk.captures import (
    CAPTURES,
    ENDED_BY,
    SETTINGS,
    TABLE,
    Capture,
    facts_of,
    only_call,
)

Row = dict[str, str]
CEL = [
    *("eventtype", "eventtime", "cid_name", "cid_num", "exten", "context", "channame", "appname", "appdata"),
    *("uniqueid", "linkedid", "peer", "extra"),
]
BEFORE_12 = {"CHAN_START": "1", "CHAN_END": "2", "HANGUP": "3", "ANSWER": "4", "APP_START": "5", "APP_END": "6"}
FROM_12 = BEFORE_12 | {
    "BRIDGE_ENTER": "7",
    "BRIDGE_EXIT": "8",
    "BLINDTRANSFER": "11",
    "ATTENDEDTRANSFER": "12",
    "USER_DEFINED": "13",
    "LINKEDID_END": "14",
    "PICKUP": "15",
    "FORWARD": "16",
    "LOCAL_OPTIMIZE": "17",
    "LOCAL_OPTIMIZE_BEGIN": "18",
}
RANG_THEN_BUSY = {"11b-click-to-call-customer-busy"}
every_capture = pytest.mark.parametrize("capture", CAPTURES, ids=str)


def cel(capture: Capture) -> list[Row]:
    return [json.loads(line) for line in (capture.folder / "cel.jsonl").read_bytes().splitlines()]


def cdr(capture: Capture) -> list[Row]:
    return list(csv.DictReader(io.StringIO((capture.folder / "cdr.csv").read_text(encoding="utf-8"))))


def table(rows: list[Row], columns: list[str], head: list[str] | None = None, delimiter: str = ",") -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([head or columns, *([row.get(column, "") for column in columns] for row in rows)])
    return text.getvalue().encode()


def same_as_true(capture: Capture, body: bytes) -> None:
    truth, call = capture.truth, only_call(facts_of(body, TABLE))
    assert (call.direction, call.outcome, call.number) == (
        truth.direction,
        truth.outcome,
        truth.customer_number_as_seen,
    )
    assert call.hung_up_by == ENDED_BY[truth.ended_by]
    assert call.talk_seconds == pytest.approx(truth.talk_seconds, abs=1.1)
    if capture.name not in RANG_THEN_BUSY:
        assert call.ring_seconds == pytest.approx(truth.ring_seconds, abs=1.1)


@every_capture
def test_whole_seconds_and_nothing_that_numbers_the_rows(capture: Capture) -> None:
    rows = [row | {"eventtime": row["eventtime"].partition(".")[0]} for row in cel(capture)]
    same_as_true(capture, table(rows[::-1], CEL))


@every_capture
def test_headers_as_the_manager_interface_names_them(capture: Capture) -> None:
    head = [
        *("EventName", "Event Time", "CallerIDname", "CallerIDnum", "Exten", "Context", "Channel", "Application"),
        *("AppData", "UniqueID", "Linked_ID", "Peer", "eventextra"),
    ]
    same_as_true(capture, b"\xef\xbb\xbf" + table(cel(capture), CEL, head, ";"))


@every_capture
def test_events_by_number(capture: Capture) -> None:
    """As back ends write them whose column is a number."""
    named = [row for row in cel(capture) if row["eventtype"] in FROM_12]
    truth = only_call(facts_of(table(named, CEL), TABLE))
    numbered = [row | {"eventtype": FROM_12[row["eventtype"]]} for row in named]
    assert only_call(facts_of(table(numbered, CEL), TABLE)) == truth


def test_events_by_the_numbers_of_older_systems() -> None:
    rows = [
        ("1", "00.1", "from-extern", "SIP/trunk-00000028", "1795341600.17"),
        ("1", "00.2", "default", "SIP/1002-00000013", "1795341600.18"),
        ("4", "04.0", "default", "SIP/1002-00000013", "1795341600.18"),
        ("4", "04.1", "user", "SIP/trunk-00000028", "1795341600.17"),
        ("7", "04.2", "user", "SIP/trunk-00000028", "1795341600.17"),
        ("8", "10.2", "user", "SIP/trunk-00000028", "1795341600.17"),
        ("3", "10.3", "user", "SIP/1002-00000013", "1795341600.18"),
        ("3", "10.4", "user", "SIP/trunk-00000028", "1795341600.17"),
        ("22", "10.4", "user", "SIP/trunk-00000028", "1795341600.17"),
    ]
    lines = [f"{kind},2026-11-22 10:00:{at},{where},{name},{it},1795341600.17" for kind, at, where, name, it in rows]
    body = "\n".join(["eventtype,eventtime,context,channame,uniqueid,linkedid", *lines]).encode()
    settings = SETTINGS.model_copy(
        update={"trunks": (), "extensions": r"^\d{4}$", "inbound_contexts": ("from-extern",)}
    )
    call = only_call(facts_of(body, TABLE, settings), settings)
    assert (call.direction, call.outcome, call.talk_seconds, call.answered_by) == ("inbound", "answered", 6.0, "1002")


def _moment(row: Row) -> datetime:
    return datetime.fromisoformat(row["eventtime"]).replace(tzinfo=SETTINGS.zone)


@pytest.mark.parametrize(
    "shown",
    [
        lambda at: at.strftime("%d.%m.%Y %H:%M:%S"),
        lambda at: at.strftime("%d/%m/%Y %H:%M:%S"),
        lambda at: at.strftime("%m/%d/%Y %I:%M:%S %p"),
        lambda at: at.strftime("%Y/%m/%d %H:%M:%S.%f"),
        lambda at: f"{at.timestamp() * 1000:.0f}",
        lambda at: f"{at.timestamp() * 1_000_000:.0f}",
    ],
    ids=["dots", "day first", "month first", "year first", "milliseconds", "microseconds"],
)
def test_times_as_spreadsheets_and_programs_save_them(shown: Callable[[datetime], str]) -> None:
    for capture in CAPTURES:
        same_as_true(capture, table([row | {"eventtime": shown(_moment(row))} for row in cel(capture)], CEL, None, ";"))


def test_day_and_month_are_told_apart_by_the_id_of_the_channel() -> None:
    """5 March or 3 May: the id begins with the second in which the channel was made."""
    row = "CHAN_START,{},+12025550123,from-pstn,PJSIP/pstn-trunk-1,{}.1,{}.1"
    head = "eventtype,eventtime,cid_num,context,channame,uniqueid,linkedid"
    for shown, iso in (("05/03/2026 10:00:00", "2026-03-05"), ("05/03/2026 10:00:00", "2026-05-03")):
        born = datetime.fromisoformat(f"{iso}T10:00:00").replace(tzinfo=SETTINGS.zone)
        second = int(born.timestamp())
        call = only_call(facts_of(f"{head}\n{row.format(shown, second, second)}".encode(), TABLE))
        assert call.started_at == born


# Call detail records.


@pytest.mark.parametrize(
    "spelled",
    [
        str.title,
        lambda word: word.replace(" ", "_").lower(),
        lambda word: {"NO ANSWER": "1", "FAILED": "2", "BUSY": "4", "ANSWERED": "8", "CONGESTION": "16"}[word],
    ],
    ids=["capitals", "one word", "numbers"],
)
def test_dispositions_however_they_are_written(spelled: Callable[[str], str]) -> None:
    for capture in CAPTURES:
        if rows := cdr(capture):
            odd = [row | {"disposition": spelled(row["disposition"])} for row in rows]
            assert only_call(facts_of(table(odd, list(rows[0])), TABLE)) == capture.call("cdr.csv")


def test_record_headers_as_the_manager_interface_names_them() -> None:
    names = {
        "calldate": "StartTime",
        "answer": "AnswerTime",
        "end": "EndTime",
        "src": "Source",
        "dst": "Destination",
        "channel": "Channel",
        "dstchannel": "DestinationChannel",
        "lastapp": "LastApplication",
        "lastdata": "LastData",
        "billsec": "BillableSeconds",
        "uniqueid": "UniqueID",
        "linkedid": "LinkedID",
    }
    for capture in CAPTURES:
        if rows := cdr(capture):
            columns = list(rows[0])
            body = table(rows * 2, columns, [names.get(column, column.upper()) for column in columns], "\t")
            assert only_call(facts_of(body, TABLE)) == capture.call("cdr.csv")


def test_a_name_with_a_line_break_and_two_columns_of_one_name() -> None:
    head = "calldate,start,channel,dstchannel,clid,lastapp,lastdata,disposition,duration,billsec,uniqueid,src,cnam"
    row = (
        '2026-11-22 10:00:00,,PJSIP/pstn-trunk-1,PJSIP/101-2,"""Ann\nExample"" <+12025550123>",Dial,PJSIP/101,'
        "ANSWERED,12,8,1795341600.1,+12025550123,Ann Example"
    )
    call = only_call(facts_of(f"{head}\r\n{row}\r\n".encode(), TABLE))
    assert (call.direction, call.talk_seconds, call.number, call.name) == (
        "inbound",
        8.0,
        "+12025550123",
        "Ann Example",
    )
