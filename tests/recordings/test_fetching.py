"""A recording is fetched until it is here, each try with its reason in its story; or it ends where somebody sees it."""

import hashlib

import pytest

from hub.custody import fetching
from hub.recordings import schedule
from tests.media import Media, Said, tone
from tests.recordings.archive import Archive

SOUND = tone()
FILE = Said(body=SOUND, headers={"Content-Type": "audio/x-wav"})


def test_the_run_of_faults_ends_with_one_recording_and_its_whole_story(archive: Archive, media: Media) -> None:
    """404 twice, half the bytes, a redirect into our own network, then the file."""
    with Media.running("127.0.0.2", [FILE]) as inside:
        half = Said(body=SOUND, sent=len(SOUND) // 2)
        inward = Said(302, headers={"Location": f"{inside.url}/secret.wav"})
        media.answers = [Said(404), Said(404), half, inward, FILE]
        archive.call(f"{media.url}/1.wav")
        states = []
        for _ in range(5):
            assert archive.fetch()
            states.append((archive.row().state, archive.row().attempts))
        assert inside.asked == []
    assert states == [("pending", 1), ("pending", 2), ("failed", 3), ("failed", 4), ("stored", 5)]
    digest = hashlib.sha256(SOUND).hexdigest()
    row = archive.row()
    assert (row.sha256, row.size, row.media_type, row.source) == (digest, len(SOUND), "audio/wav", "http")
    assert row.reason is None
    assert archive.kept() == SOUND
    assert archive.hub.blobs.check(digest)
    assert archive.story() == [
        ("announced", f"the phone system says it recorded {media.url}/1.wav"),
        ("tried", "it is not there (404)"),
        ("tried", "it is not there (404)"),
        ("tried", f"it broke off: {len(SOUND) // 2} of {len(SOUND)} bytes came"),
        ("tried", "the address leads into a private network; allow its host by name in the connection if it is ours"),
        ("stored", f"from http: {len(SOUND)} bytes, SHA-256 {digest}"),
    ]
    assert archive.shown() == [{"id": str(row.id), "state": "stored", "seconds": None, "channels": None}]
    assert len(list(archive.hub.blobs)) == 1


def test_what_is_stored_is_told_outside(archive: Archive, media: Media) -> None:
    media.answers = [FILE]
    archive.call(f"{media.url}/1.wav")
    told = len(archive.office.told())
    archive.fetch()
    (news,) = archive.office.told()[told:]
    assert news.body["recordings"][0]["state"] == "stored"


def test_it_is_fetched_by_one_at_a_time_and_not_again(archive: Archive, media: Media) -> None:
    media.answers = [FILE]
    archive.call(f"{media.url}/1.wav")
    recording = archive.row().id
    assert fetching.due(archive.hub) == [recording]
    assert fetching.fetch(archive.hub, recording)
    assert not fetching.fetch(archive.hub, recording)
    assert fetching.due(archive.hub) == []
    assert len(media.asked) == 1


def test_what_never_comes_expires_after_all_its_tries(archive: Archive, media: Media) -> None:
    archive.call(f"{media.url}/1.wav")
    for _ in range(schedule.TRIES):
        assert archive.fetch()
    assert (archive.row().state, archive.row().reason) == ("expired", "it is not there (404)")
    assert archive.row().next_at is None
    assert not archive.fetch()
    assert archive.story()[-1] == ("expired", "it is not there (404)")
    assert archive.shown()[0]["state"] == "expired"


def test_what_is_gone_for_good_expires_soon(archive: Archive, media: Media) -> None:
    media.answers = [Said(410)]
    archive.call(f"{media.url}/1.wav")
    states = [archive.fetch() and archive.row().state for _ in range(schedule.GONE_TRIES)]
    assert states == ["pending", "pending", "expired"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Said(body=b"<!DOCTYPE html><p>Sign in"), "it is no audio: a web page came instead"),
        (Said(body=b""), "it is empty"),
        (Said(body=b"just a text that somebody named .wav"), "it is no audio: nothing that is known as audio"),
        (Said(body=b"PK\x03\x04" + bytes(4000)), "it is no audio: an archive came instead"),
        (Said(body=b'{"error": "no such recording"}'), "it is no audio: a JSON text came instead"),
        (Said(body=tone(0.0)), "it is a header without any sound"),
        (Said(401), "its server wants other credentials than those of the connection (401)"),
        (Said(500), "its server has trouble or too much to do (500)"),
        (Said(body=SOUND, headers={"Content-Encoding": "gzip"}), "it is compressed, though that was not asked for"),
        (Said(headers={"Content-Length": "4000000000"}, body=SOUND), "it is larger than 500 MB"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_no_recording_is_refused_in_plain_words(
    archive: Archive, media: Media, answer: Said, reason: str
) -> None:
    media.answers = [answer]
    archive.call(f"{media.url}/1.wav")
    archive.fetch()
    assert (archive.row().state, archive.row().reason) == ("failed", reason)
    assert archive.row().next_at is not None
    assert list(archive.hub.blobs) == []
    assert list(archive.hub.blobs.scratch.iterdir()) == []


def test_a_connection_that_is_not_told_waits_without_asking(archive: Archive) -> None:
    archive.call("recording 17 of today")
    archive.fetch()
    row = archive.row()
    assert (row.state, row.next_at) == ("pending", None)
    assert row.reason == "the connection is not told where its recordings lie"


def test_the_same_content_under_two_names_is_kept_once(archive: Archive, media: Media) -> None:
    media.answers = [FILE]
    archive.call(f"{media.url}/1.wav", "c1")
    archive.call(f"{media.url}/2.wav", "c2")
    for recording in fetching.due(archive.hub):
        fetching.fetch(archive.hub, recording)
    assert [row.state for row in archive.rows()] == ["stored", "stored"]
    assert len(list(archive.hub.blobs)) == 1
