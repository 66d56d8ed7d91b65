"""`hub recordings` and what the doctor and the figures say of recordings."""

import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from hub.domain import clock
from hub.recordings.models import RecordingRow
from hub.recordings.work import NO_ROOM
from hub.storage.database import open_engine
from tests.cli.conftest import Operator
from tests.media import Media, Said, tone

SOUND = tone()


@pytest.fixture
def desk(operator: Operator) -> Operator:
    operator.gets("init")
    operator.gets("connection add generic desk --set recording_hosts=127.0.0.1")
    return operator


def _add(desk: Operator, **more: object) -> UUID:
    engine, recording_id, now = open_engine(desk.settings["HUB_DATABASE_URL"]), uuid4(), clock.now()
    row = {"id": recording_id, "connection_id": 1, "reference": f"r {recording_id}", "state": "pending"}
    with Session(engine) as session, session.begin():
        session.add(RecordingRow(**row | {"created_at": now, "next_at": now} | more))
    engine.dispose()
    return recording_id


def _found(desk: Operator) -> dict[str, str]:
    result = desk.types("doctor --json")
    assert result.exit_code in (0, 1)
    return {one["what"]: one["level"] for one in json.loads(result.stdout)}


def test_they_are_listed_told_and_fetched_again(desk: Operator) -> None:
    with Media.running(answers=[Said(404), Said(body=SOUND)]) as media:
        recording = _add(desk, reference=f"{media.url}/1.wav?key=secret", state="expired", next_at=None)
        assert desk.gets(f"recordings fetch {recording}") == "pending: it is not there (404)\n"
        assert desk.gets("recordings fetch --connection desk") == "1 recordings are fetched when it is their turn\n"
        assert desk.gets(f"recordings fetch {recording}") == "stored\n"
    (row,) = desk.reads("recordings list --state stored --json")
    assert (row["id"], row["reference"], row["size"]) == (str(recording), f"{media.url}/1.wav", len(SOUND))
    assert "secret" not in desk.gets("recordings list")
    (told,) = desk.reads(f"recordings story {recording} --json")
    assert [one["what"] for one in told["story"]] == ["asked", "tried", "asked", "asked", "stored"]
    assert "it is not there (404)" in desk.gets(f"recordings story {recording}")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("recordings fetch", "name a recording, or --connection"),
        ("recordings fetch 00000000-0000-7000-8000-000000000000", "no such recording"),
        ("recordings story 00000000-0000-7000-8000-000000000000", "no such recording"),
        ("recordings fetch --connection nowhere", "no connection named 'nowhere'"),
    ],
)
def test_what_cannot_be_done_is_said_plainly(desk: Operator, line: str, words: str) -> None:
    assert words in desk.is_told(line)


def test_the_doctor_says_what_does_not_come_and_why(desk: Operator, tmp_path: Path) -> None:
    quiet = _found(desk)
    assert not [what for what in quiet if "recording" in what]
    old = clock.now() - timedelta(hours=2)
    _add(desk, reason=NO_ROOM, created_at=old)
    _add(desk, next_at=None, attempts=1)
    _add(desk, state="failed", next_at=None)
    _add(desk, state="expired", next_at=None)
    desk.gets(f"connection add asterisk pbx --set recordings_folder={tmp_path}/nowhere")
    assert {what: level for what, level in _found(desk).items() if "recording" in what} == {
        "1 recordings wait because the disk is full": "broken",
        "1 recordings wait for a connection that knows where they lie": "doubtful",
        "2 recordings of the last week could not be fetched": "broken",
        "a recording waits to be fetched for 2 hours": "doubtful",
        f"pbx: there is no readable folder {tmp_path}/nowhere (recordings_folder)": "broken",
    }


def test_the_doctor_reads_everything_that_is_stored(desk: Operator) -> None:
    with Media.running(answers=[Said(body=SOUND)]) as media:
        recording = _add(desk, reference=f"{media.url}/1.wav")
        desk.gets(f"recordings fetch {recording}")
    assert "all 1 stored objects are what was stored" in desk.gets("doctor --recordings")
    (path,) = Path(desk.settings["HUB_DATA_DIR"]).glob("blobs/??/*")
    path.write_bytes(SOUND[:-1])
    wrong = desk.types("doctor --recordings")
    assert wrong.exit_code == 1
    assert f"recording {recording}: its original is not what was stored" in wrong.stdout
