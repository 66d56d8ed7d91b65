"""What a person erases is gone for good, whatever comes later; what must stay stays."""

import threading
from uuid import UUID

import pytest
from sqlalchemy import select

from hub import repair
from hub.custody import checking, erasing, fetching, rendering, uploading, watching
from hub.domain.errors import Conflict, Invalid, NotFound
from hub.recordings.listening.models import RemarkRow
from hub.recordings.models import RecordingRow
from hub.storage.blobs.faults import NoStore
from hub.storage.blobs.files import FileShelf
from tests.media import Media, Said, tone
from tests.recordings.archive import Archive

WHO, WHY = "Adam", "the client asked for it"
NOWHERE = UUID(int=7)


def _stored(archive: Archive, media: Media, call: str = "c1", body: bytes = b"") -> UUID:
    """A call's recording, here and rendered."""
    media.answers = [Said(body=body or tone(2))]
    archive.call(f"{media.url}/{call}.wav", call)
    recording = next(row.id for row in archive.rows() if row.call_key == call)
    archive.hasten()
    assert fetching.fetch(archive.hub, recording)
    archive.hasten()
    assert rendering.render_one(archive.hub, recording)
    return recording


def _lies(archive: Archive) -> set[str]:
    return set(archive.hub.blobs)


def test_nothing_of_it_is_left_but_that_it_was(archive: Archive, media: Media) -> None:
    recording = _stored(archive, media)
    with archive.hub.unit_of_work() as session:
        session.add(
            RemarkRow(recording_id=recording, second=1.0, text="her address", created_at=archive.row().created_at)
        )
    assert len(_lies(archive)) == 3
    erasing.erase(archive.hub, recording, WHO, WHY)
    row = archive.row()
    assert (row.state, row.reason, row.next_at, row.sound) == ("erased", WHY, None, None)
    assert (row.sha256, row.rendition_sha256, row.peaks_sha256) == (None, None, None)
    assert _lies(archive) == set()
    assert archive.office.rows(RemarkRow) == []
    assert archive.story()[-1] == ("erased", f"by {WHO}: {WHY}")
    assert archive.shown()[0]["state"] == "erased"
    newest = archive.office.told()[-1]
    assert newest.body["recordings"][0]["state"] == "erased"


def test_nothing_brings_it_back(archive: Archive, media: Media) -> None:
    recording = _stored(archive, media)
    erasing.erase(archive.hub, recording, WHO, WHY)
    archive.call(f"{media.url}/c1.wav")
    repair.replay(archive.hub, archive.office.ids["desk"])
    archive.hasten()
    watching.watch(archive.hub)
    assert not fetching.fetch(archive.hub, recording)
    assert [(row.id, row.state) for row in archive.rows()] == [(recording, "erased")]
    assert _lies(archive) == set()
    erasing.erase(archive.hub, recording, WHO, "again")
    assert archive.row().reason == WHY


def test_a_call_that_turns_out_to_be_none_leaves_it_erased(archive: Archive, media: Media) -> None:
    recording = _stored(archive, media)
    erasing.erase(archive.hub, recording, WHO, WHY)
    with archive.hub.unit_of_work() as session:
        row = session.get_one(RecordingRow, recording)
        row.call_id = None
    repair.replay(archive.hub, archive.office.ids["desk"])
    assert archive.row().state == "erased"


def test_the_same_content_stays_as_long_as_another_recording_has_it(archive: Archive, media: Media) -> None:
    one, other = _stored(archive, media), _stored(archive, media, "c2")
    assert len(_lies(archive)) == 3
    erasing.erase(archive.hub, one, WHO, WHY)
    assert len(_lies(archive)) == 3
    assert checking.check(archive.hub).wrong == []
    erasing.erase(archive.hub, other, WHO, WHY)
    assert _lies(archive) == set()


def test_what_must_stay_stays_until_it_is_released(archive: Archive, media: Media) -> None:
    recording = _stored(archive, media)
    erasing.hold(archive.hub, recording, WHO, "case 17")
    with pytest.raises(Conflict, match="case 17"):
        erasing.erase(archive.hub, recording, WHO, WHY)
    assert len(_lies(archive)) == 3
    assert archive.row().hold_reason == "case 17"
    erasing.release(archive.hub, recording, WHO)
    erasing.erase(archive.hub, recording, WHO, WHY)
    assert [what for what, _ in archive.story()[-3:]] == ["held", "released", "erased"]
    with pytest.raises(Conflict, match="erased"):
        erasing.hold(archive.hub, recording, WHO, "too late")


def test_a_reason_is_needed_and_a_recording(archive: Archive, media: Media) -> None:
    recording = _stored(archive, media)
    for nothing in ("", "  ", "\x00"):
        with pytest.raises(Invalid):
            erasing.erase(archive.hub, recording, WHO, nothing)
        with pytest.raises(Invalid):
            erasing.hold(archive.hub, recording, WHO, nothing)
    for act in (erasing.erase, erasing.hold):
        with pytest.raises(NotFound):
            act(archive.hub, NOWHERE, WHO, WHY)
    assert archive.row().state == "stored"


def test_where_the_store_does_not_answer_it_goes_later(
    archive: Archive, media: Media, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = _stored(archive, media)

    def silent(*_: object) -> None:
        raise NoStore("the store of recordings does not answer")

    with monkeypatch.context() as patched:
        patched.setattr(FileShelf, "remove", silent)
        erasing.erase(archive.hub, recording, WHO, WHY)
        assert archive.row().state == "erased"
        assert len(_lies(archive)) == 3
    assert erasing.sweep(archive.hub) == 1
    assert _lies(archive) == set()
    assert erasing.sweep(archive.hub) == 0


def test_what_is_just_being_fetched_is_dropped(archive: Archive, media: Media, monkeypatch: pytest.MonkeyPatch) -> None:
    media.answers = [Said(body=tone(2))]
    archive.call(f"{media.url}/1.wav")
    put = type(archive.hub.blobs).put

    def put_while_somebody_erases(blobs: object, path: object) -> object:
        kept = put(blobs, path)  # type: ignore[arg-type]  # as it is called
        erasing.erase(archive.hub, archive.row().id, WHO, WHY)
        return kept

    monkeypatch.setattr(type(archive.hub.blobs), "put", put_while_somebody_erases)
    archive.fetch()
    assert archive.row().state == "erased"
    assert _lies(archive) == set()


def test_whoever_keeps_the_same_content_meanwhile_keeps_it(archive: Archive) -> None:
    """Erased and brought at once, again and again: what a recording points to is always there."""
    path = archive.hub.blobs.scratch / "brought.wav"
    path.write_bytes(tone(1))
    brought = uploading.Brought(who=WHO, connection_id=archive.office.ids["desk"])
    for number in range(8):
        first = uploading.upload(archive.hub, path, brought)
        with archive.hub.unit_of_work() as session:
            session.get_one(RecordingRow, first).reference = f"first-{number}"
        erase = threading.Thread(target=erasing.erase, args=(archive.hub, first, WHO, WHY))
        erase.start()
        second = uploading.upload(archive.hub, path, brought)
        erase.join()
        with archive.hub.unit_of_work() as session:
            kept = session.get_one(RecordingRow, second)
            assert archive.hub.blobs.check(kept.sha256 or "")
            kept.reference = f"second-{number}"
            others = session.scalars(select(RecordingRow.id).where(RecordingRow.state == "stored")).all()
        for other in others:
            erasing.erase(archive.hub, other, WHO, WHY)
    assert _lies(archive) == set()
