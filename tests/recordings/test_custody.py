"""Places, full disks, the operator's commands and the doctor: nothing that was recorded is lost or forgotten."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from hub import keeping, repair
from hub.custody import asking, checking, fetching, placing, watching
from hub.domain import clock
from hub.domain.errors import Conflict, NotFound
from hub.recordings.models import RecordingRow
from hub.recordings.work import NO_ROOM
from hub.storage.blobs.files import FileShelf
from hub.storage.database import open_engine
from hub.telephony.models import CallRow
from tests.media import Media, Said, tone
from tests.pipeline.office import Office, recorded, talk
from tests.pipeline.test_order import TRANSFER
from tests.recordings.archive import Archive

SOUND = tone()
FILE = Said(body=SOUND)


def _stored(archive: Archive, media: Media) -> UUID:
    """One call with one recording that is here."""
    media.answers = [FILE]
    archive.call(f"{media.url}/1.wav")
    archive.fetch()
    row = archive.row()
    assert row.state == "stored"
    return row.id


# ---- replays and merged calls ----


def test_a_replay_changes_nothing_of_what_is_stored(archive: Archive, media: Media) -> None:
    _stored(archive, media)
    before, story = archive.office.everything(), archive.story()
    repair.replay(archive.hub, archive.office.ids["desk"])
    assert archive.office.everything() == before
    assert archive.story() == story


def test_a_call_that_turns_out_to_be_none_leaves_its_recording_to_be_found(archive: Archive, media: Media) -> None:
    recording = _stored(archive, media)
    with archive.hub.unit_of_work() as session:
        for row in session.query(CallRow):
            session.delete(row)
    assert archive.row().call_id is None
    with archive.hub.reading() as session:
        assert [row.id for row in placing.orphans(session)] == [recording]
    repair.replay(archive.hub, archive.office.ids["desk"])
    assert archive.shown()[0]["id"] == str(recording)


def test_what_was_never_announced_for_real_goes_and_what_we_hold_stays(office: Office) -> None:
    office.hear(*talk("c1"), recorded("c1"))
    (row,) = office.rows(RecordingRow)
    assert (row.state, row.call_key, row.connection_id) == ("pending", "c1", office.ids["acme"])
    office.hear(*talk("c2", 100), recorded("c2", 165, file="c1.wav"))
    (same,) = office.rows(RecordingRow)
    assert same.call_id == row.call_id, "one name of one connection is one recording"
    before = office.everything()
    repair.replay(office.hub, office.ids["acme"])
    assert office.everything() == before


def test_of_two_conversations_that_become_one_the_recording_stays(office: Office) -> None:
    """An attended transfer: its second call goes, and what was recorded of it is the first one's."""
    office.hear(*TRANSFER[:3], to="exchange")
    now = clock.now()
    with office.hub.unit_of_work() as session:
        call = session.query(CallRow).one()
        mine = {"connection_id": office.ids["exchange"], "reference": "x", "state": "stored", "created_at": now}
        session.add(RecordingRow(id=uuid4(), call_id=call.id, call_key=call.provider_call_id, sha256="0" * 64, **mine))
    office.hear(*TRANSFER[3:], to="exchange")
    (row,) = office.rows(RecordingRow)
    assert row.call_id == office.rows(CallRow)[0].id


# ---- a full disk ----


@contextmanager
def _full_disk() -> Iterator[None]:
    """The kernel itself refuses to write on: files of this process end after a kilobyte."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_loses_nothing(postgresql_url: str, tmp_path: Path, media: Media) -> None:
    """The database is another machine's here, and goes on."""
    archive, media.answers = Archive.opened(postgresql_url, tmp_path), [FILE]
    with _full_disk():
        archive.call(f"{media.url}/1.wav")
        for _ in range(3):
            archive.fetch()
        row = archive.row()
        assert (row.state, row.reason, row.attempts) == ("pending", NO_ROOM, 0)
        assert row.next_at is not None
        assert archive.shown()[0]["state"] == "pending"
        assert list(archive.hub.blobs.scratch.iterdir()) == []
    archive.fetch()
    assert archive.kept() == SOUND
    archive.hub.engine.dispose()


def test_what_a_dead_process_left_unfinished_goes_after_an_hour(archive: Archive) -> None:
    scratch = archive.hub.blobs.scratch
    for name, age in (("old", 3700), ("young", 60)):
        (scratch / name).write_bytes(b"half of it")
        os.utime(scratch / name, (clock.now().timestamp() - age,) * 2)
    watching.watch(archive.hub)
    assert [path.name for path in scratch.iterdir()] == ["young"]


# ---- people ----


def test_what_failed_is_fetched_again_when_somebody_asks(archive: Archive, media: Media) -> None:
    media.answers = [Said(410)]
    archive.call(f"{media.url}/1.wav")
    for _ in range(3):
        archive.fetch()
    assert archive.row().state == "expired"
    media.answers = [FILE]
    assert asking.fetch_all_again(archive.hub, archive.office.ids["desk"], asking.AGAIN, "mended") == 1
    assert archive.fetch()
    assert archive.row().state == "stored"
    with pytest.raises(Conflict, match="it is stored"):
        asking.fetch_again(archive.hub, archive.row().id, "once more")
    with pytest.raises(NotFound):
        asking.fetch_again(archive.hub, UUID(int=0), "never")


def test_what_an_older_hub_announced_is_fetched_too(archive: Archive, media: Media) -> None:
    """Its rows say no connection; and a name that stands twice for one connection stands once then."""
    media.answers = [FILE]
    archive.call(f"{media.url}/1.wav")
    with archive.hub.unit_of_work() as session:
        row = session.query(RecordingRow).one()
        row.connection_id = row.call_key = row.next_at = None
    watching.watch(archive.hub)
    assert fetching.fetch(archive.hub, archive.row().id)
    assert archive.row().state == "stored"


# ---- what is stored ----


def test_everything_that_is_stored_is_read_and_what_is_wrong_is_named(archive: Archive, media: Media) -> None:
    recording = _stored(archive, media)
    report = checking.check(archive.hub)
    assert (report.read, report.wrong, report.strays) == (1, [], 0)
    path = archive.hub.blobs.local_path(archive.row().sha256 or "")
    assert path is not None
    path.write_bytes(b"RIFF something else")
    (wrong,) = checking.check(archive.hub).wrong
    assert (wrong.recording_id, wrong.part, wrong.problem) == (recording, "original", "is not what was stored")
    path.unlink()
    (gone,) = checking.check(archive.hub).wrong
    assert gone.problem == "is gone"
    assert archive.story()[-1] == ("wrong", "its original is gone")


def test_a_backup_holds_the_recordings_and_brings_them_back(archive: Archive, media: Media, tmp_path: Path) -> None:
    _stored(archive, media)
    file, digest = tmp_path / "hub.backup", archive.row().sha256 or ""
    shelf = FileShelf(tmp_path / "data" / "blobs")
    assert keeping.back_up(archive.hub.engine, archive.hub.seal, file, shelf=shelf).blobs == 1
    target, other = open_engine(f"sqlite:///{tmp_path}/other.db"), FileShelf(tmp_path / "other")
    keeping.restore(target, archive.hub.seal, file, shelf=other)
    target.dispose()
    (name,) = other.names()
    path = other.path(name)
    assert path is not None
    assert (name.replace("/", ""), path.read_bytes()) == (digest, SOUND)
