"""Call detail records from where PBXes keep them."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Column, DateTime, MetaData, String, Table

from hub.domain.errors import Misconfigured, Transient
from hub.storage.database import open_engine
from hub.telephony.cdr_source import MAX_ROWS, Records
from hub.telephony.listener import Window

KYIV = ZoneInfo("Europe/Kyiv")
NOON = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)  # 12:00 in Kyiv
HOUR = timedelta(hours=1)


def read(source: str, since: datetime = NOON - HOUR, until: datetime = NOON) -> list[dict[str, str]]:
    bodies = Records(source, KYIV).read(Window(since, until))
    return [row for body in bodies for row in csv.DictReader(body.decode().splitlines())]


def test_a_file_with_a_header_gives_the_rows_of_the_window(tmp_path: Path) -> None:
    file = tmp_path / "cdr.csv"
    times = ["10:59:59", "11:00:00", "11:30:00", "12:00:00", "12:00:01"]
    file.write_text("calldate,clid,uniqueid\n" + "".join(f'2026-11-22 {at},"a, ""b""",1.{at}\n' for at in times))
    rows = read(str(file))
    assert [row["uniqueid"] for row in rows] == ["1.11:00:00", "1.11:30:00", "1.12:00:00"]
    assert {row["clid"] for row in rows} == {'a, "b"'}


def test_asterisks_own_file_needs_no_header(tmp_path: Path) -> None:
    file = tmp_path / "Master.csv"
    parts = ["", "067", "101", "from-pstn", "x", "PJSIP/a", "PJSIP/b", "Dial", "", "2026-11-22 11:30:00", "", ""]
    file.write_text(",".join([*parts, "12", "8", "ANSWERED", "DOCUMENTATION", "1.1", ""]) + "\n")
    [row] = read(str(file))
    assert (row["src"], row["start"], row["uniqueid"]) == ("067", "2026-11-22 11:30:00", "1.1")


def test_broken_rows_and_bytes_stop_nothing(tmp_path: Path) -> None:
    file = tmp_path / "cdr.csv"
    file.write_bytes(b"uniqueid,start\n1.1\n\xff\x00\n1.2,2026-11-22 11:30:00\n1.3,\n")
    assert [row["uniqueid"] for row in read(str(file))] == ["1.2"]


def test_no_more_than_the_bound_is_read(tmp_path: Path) -> None:
    file = tmp_path / "cdr.csv"
    file.write_text("start,n\n" + "".join(f"2026-11-22 11:30:00,{n}\n" for n in range(MAX_ROWS + 10)))
    bodies = list(Records(str(file), KYIV).read(Window(NOON - HOUR, NOON)))
    assert sum(body.count(b"\n") - 1 for body in bodies) == MAX_ROWS
    assert len(bodies) == 10


def test_the_table_of_freepbx_is_read_by_time(database_url: str) -> None:
    engine = open_engine(database_url)
    table = Table("cdr", MetaData(), Column("calldate", DateTime), Column("uniqueid", String(32)))
    table.create(engine)
    times = [(NOON + number * HOUR).astimezone(KYIV).replace(tzinfo=None) for number in range(-12, 12)]
    with engine.begin() as connection:
        connection.execute(table.insert(), [{"calldate": at, "uniqueid": f"1.{at.hour}"} for at in times])
    engine.dispose()
    found = read(database_url, NOON - 2 * HOUR, NOON)
    assert [row["uniqueid"] for row in found] == ["1.10", "1.11", "1.12"]
    assert found[0]["calldate"] == "2026-11-22 10:00:00"


def test_an_hour_that_the_clock_repeats_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "cdr.csv"
    file.write_text("start,uniqueid\n2026-10-25 03:10:00,1.1\n")
    before, after = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 20, tzinfo=UTC)
    assert read(str(file), before, after)


def test_a_file_that_is_not_there_may_come(tmp_path: Path) -> None:
    with pytest.raises(Transient, match="cannot read call detail records"):
        read(str(tmp_path / "none.csv"))


def test_a_database_that_is_away_may_come_back_and_keeps_its_password_secret() -> None:
    with pytest.raises(Transient) as away:
        read("mysql://freepbx:hush@127.0.0.1:1/asteriskcdrdb")
    assert "hush" not in str(away.value)


@pytest.mark.parametrize(
    ("source", "says"), [("sqlite:///", "no table 'cdr'"), ("://", "neither a path nor a database address")]
)
def test_a_setting_that_cannot_work_says_why(source: str, says: str) -> None:
    with pytest.raises(Misconfigured, match=says):
        read(source)


def test_a_file_without_times_says_what_it_has(tmp_path: Path) -> None:
    file = tmp_path / "cdr.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(Misconfigured, match="cdr: no column calldate or start among a, b"):
        read(str(file))
