"""Files that a PBX writes into a folder: taken when they are finished, given to their call, and nothing beside them."""

import os
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from hub.custody import fetching, watching
from hub.domain import clock
from hub.recordings.models import RecordingRow
from hub.telephony.models import CallRow
from tests.media import tone
from tests.pipeline.office import Office
from tests.recordings.archive import Archive

SOUND = tone()
UNIQUE = "1795000000.11"
NAME = f"q-600-380671112233-20261118-114640-{UNIQUE}.wav"
PLACE = f"2026/11/18/{NAME}"


class Pbx:
    """An Asterisk whose monitor folder Hub sees."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.folder = folder / "monitor"
        self.folder.mkdir()
        office.connect("asterisk", "pbx", recordings_folder=str(self.folder), region="UA")
        self.archive = Archive(office)

    def writes(self, place: str, content: bytes = SOUND, age: float = 60) -> Path:
        """A file that was last written to so many seconds ago."""
        path = self.folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        moment = clock.now().timestamp() - age
        os.utime(path, (moment, moment))
        return path

    def watch(self) -> int:
        return watching.watch(self.archive.hub)

    def fetch(self) -> str:
        """Two looks, as the first only sees how large it is; how the one recording stands then."""
        for _ in range(2):
            self.archive.hasten()
            for recording in fetching.due(self.archive.hub):
                fetching.fetch(self.archive.hub, recording)
        return self.archive.row().state


@pytest.fixture
def pbx(office: Office, tmp_path: Path) -> Pbx:
    return Pbx(office, tmp_path)


def _call(pbx: Pbx, key: str = UNIQUE) -> UUID:
    """The call of that channel: told by the push of another system, given to this one."""
    office = pbx.archive.office
    office.connect("generic", "desk")
    pbx.archive.call(None)
    with office.hub.unit_of_work() as session:
        row = session.query(CallRow).one()
        row.connection_id, row.provider_call_id = office.ids["pbx"], key
        return row.id


def test_a_file_nobody_told_of_waits_as_an_orphan_and_finds_its_call_when_that_comes(pbx: Pbx) -> None:
    pbx.writes(PLACE)
    assert pbx.watch() == 1
    assert pbx.watch() == 0
    assert pbx.fetch() == "stored"
    row = pbx.archive.row()
    assert (row.reference, row.call_key, row.call_id, row.source) == (PLACE, UNIQUE, None, "folder")
    assert pbx.archive.kept() == SOUND
    call = _call(pbx)
    pbx.watch()
    assert pbx.archive.row().call_id == call
    assert [what for what, _ in pbx.archive.story()] == ["found", "stored", "attached"]
    assert pbx.archive.shown()[0]["state"] == "stored"


def test_files_copied_without_their_days_are_found_too(pbx: Pbx) -> None:
    pbx.writes(NAME)
    assert pbx.watch() == 1
    assert pbx.fetch() == "stored"
    assert (pbx.archive.row().reference, pbx.archive.row().call_key) == (PLACE, UNIQUE)


def test_a_file_that_still_grows_is_not_taken(pbx: Pbx) -> None:
    pbx.writes(PLACE, SOUND[:9000], age=0)
    pbx.watch()
    assert pbx.fetch() == "pending"
    pbx.writes(PLACE, SOUND[:12_000])
    pbx.archive.hasten()
    fetching.fetch(pbx.archive.hub, pbx.archive.row().id)
    row = pbx.archive.row()
    assert (row.state, row.attempts, row.reason) == ("pending", 0, "its file may still be written to")
    pbx.writes(PLACE, SOUND)
    assert pbx.fetch() == "stored"
    assert pbx.archive.kept() == SOUND


def test_one_that_was_announced_before_its_file_came_is_fetched_when_it_is_there(pbx: Pbx) -> None:
    with pbx.archive.hub.unit_of_work() as session:
        now = clock.now()
        mine = {"connection_id": pbx.archive.office.ids["pbx"], "state": "pending", "created_at": now, "next_at": now}
        session.add(RecordingRow(id=uuid4(), reference=PLACE, **mine))
    assert pbx.fetch() == "pending"
    assert pbx.archive.row().reason == "it is not in the folder"
    pbx.writes(PLACE)
    assert pbx.watch() == 0
    assert pbx.archive.row().next_at is not None
    assert fetching.due(pbx.archive.hub) == [pbx.archive.row().id]
    assert pbx.fetch() == "stored"


def test_links_and_hidden_and_old_files_are_passed_over(pbx: Pbx, tmp_path: Path) -> None:
    secret = tmp_path / "secret.wav"
    secret.write_bytes(SOUND)
    (pbx.folder / "link.wav").symlink_to(secret)
    (pbx.folder / "elsewhere").symlink_to(tmp_path, target_is_directory=True)
    pbx.writes(".being-copied.wav")
    pbx.writes("2020/01/01/old.wav", age=90 * 86_400)
    assert pbx.watch() == 0
    assert pbx.archive.rows() == []


@pytest.mark.parametrize("name", ["../secret.wav", "a/../../secret.wav", "link.wav", "elsewhere/secret.wav", "folder"])
def test_a_name_never_leads_out_of_the_folder(pbx: Pbx, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.wav").write_bytes(SOUND)
    (pbx.folder / "link.wav").symlink_to(tmp_path / "secret.wav")
    (pbx.folder / "elsewhere").symlink_to(tmp_path, target_is_directory=True)
    (pbx.folder / "folder").mkdir()
    with pbx.archive.hub.unit_of_work() as session:
        now = clock.now()
        mine = {"connection_id": pbx.archive.office.ids["pbx"], "state": "pending", "created_at": now, "next_at": now}
        session.add(RecordingRow(id=uuid4(), reference=name, **mine))
    assert pbx.fetch() == "failed"
    assert list(pbx.archive.hub.blobs) == []


def test_a_folder_that_is_not_there_stops_nobody(pbx: Pbx) -> None:
    pbx.folder.rename(pbx.folder.with_name("gone"))
    assert pbx.watch() == 0
