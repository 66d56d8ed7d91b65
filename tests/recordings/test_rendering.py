"""What is made of a recording that is ours: a rendition everything plays, a waveform, measures; the original stays."""

import json
from typing import Any

from hub import custody
from hub.custody import fetching, rendering
from hub.domain import clock
from hub.recordings.rendering import claim
from tests.media import Media, Said, tone
from tests.recordings.archive import Archive


def stored(archive: Archive, media: Media, body: bytes) -> None:
    """A recording of a call that talked for a minute, fetched and not rendered yet."""
    media.answers = [Said(body=body)]
    archive.call(f"{media.url}/1.wav")
    assert fetching.fetch(archive.hub, archive.row().id)


def render(archive: Archive) -> bool:
    archive.hasten()
    return rendering.render_one(archive.hub, archive.row().id)


def blob(archive: Archive, digest: str | None) -> bytes:
    return b"".join(archive.hub.blobs.read(digest or ""))


def test_it_can_be_played_and_drawn(archive: Archive, media: Media) -> None:
    stored(archive, media, tone(61, channels=2))
    assert render(archive)
    row = archive.row()
    sound: Any = row.sound
    assert (row.state, row.reason, row.next_at, row.channels) == ("stored", None, None, 2)
    assert abs((row.seconds or 0) - 61) < 0.1
    assert blob(archive, row.rendition_sha256)[:2] in (b"\xff\xf3", b"\xff\xfb", b"ID")
    assert len(blob(archive, row.rendition_sha256)) == row.rendition_size
    peaks = json.loads(blob(archive, row.peaks_sha256))
    assert (peaks["channels"], len(peaks["data"])) == (2, peaks["length"] * 4)
    assert "cut" not in sound["flags"]
    assert archive.story()[-1][0] == "rendered"
    assert archive.shown() == [{"id": str(row.id), "state": "stored", "seconds": row.seconds, "channels": 2}]
    assert archive.kept() == tone(61, channels=2)


def test_a_recording_shorter_than_the_talk_is_flagged(archive: Archive, media: Media) -> None:
    stored(archive, media, tone(20))
    assert render(archive)
    sound: Any = archive.row().sound
    assert "cut" in sound["flags"]
    assert "cut" in archive.story()[-1][1]


def test_what_cannot_be_rendered_says_why_and_is_kept(archive: Archive, media: Media) -> None:
    body = b"RIFF\x24\x10\x00\x00WAVEfmt " + bytes(range(256)) * 16
    stored(archive, media, body)
    assert render(archive)
    row = archive.row()
    assert (row.state, row.next_at, row.rendition_sha256) == ("failed", None, None)
    assert row.reason
    assert archive.story()[-1] == ("not rendered", row.reason)
    assert archive.kept() == body
    assert not render(archive)


def test_it_is_rendered_by_one_at_a_time_and_once(archive: Archive, media: Media) -> None:
    stored(archive, media, tone(2))
    recording = archive.row().id
    assert custody.to_do(archive.hub) == [recording]
    custody.tend(archive.hub, str(recording))
    assert archive.row().rendition_sha256
    assert custody.to_do(archive.hub) == []
    assert not render(archive)


def test_whoever_died_over_it_does_not_stop_it(archive: Archive, media: Media) -> None:
    stored(archive, media, tone(2))
    with archive.hub.unit_of_work() as session:
        assert claim(session, archive.row().id, clock.now())
    assert custody.to_do(archive.hub) == []
    assert render(archive)
    assert archive.row().rendition_sha256
