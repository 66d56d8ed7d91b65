"""What everything plays: an MP3 in which both speakers are equally loud, a waveform, and how the original sounds.

The sound goes through ffmpeg twice, in pieces: once to be measured, since nobody knows how loud a speaker is before the
end, and once to be encoded. What is kept of it between is a byte for every fiftieth of a second.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hub.recordings.sound import loudness
from hub.recordings.sound.activity import Activity
from hub.recordings.sound.examine import Examined, probed
from hub.recordings.sound.ffmpeg import Failed, Source
from hub.recordings.sound.hearing import Hearing
from hub.recordings.sound.limits import Limits
from hub.recordings.sound.measures import Measures
from hub.recordings.sound.reasons import NotAudio

MP3_NAME, PEAKS_NAME = "rendition.mp3", "peaks.json"
NARROW, WIDE = 16_000, 24_000
"""Hz of the rendition: for sound of telephones, and for what has more. Both are of the standard itself (MPEG-2); 8 kHz
is an extension that not every player knows."""
KBPS = {NARROW: 32, WIDE: 48}
"""For each channel, constant, so that a player finds any second by counting."""
PLAIN = (
    *("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"),
    *("-id3v2_version", "0", "-write_id3v1", "0"),
)
"""No titles, no names, no versions: the same sound makes the same file."""
VOICE, NO_VOICE = 3.0, 0.5
"""One-sided: seconds heard of one speaker at least, and of the other at most."""
HEARD = 0.2
"""Seconds of voices that make a recording more than silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """Two finished files, and what is told of them. `seconds` as decoded, `channels` of the rendition: one or two."""

    path_mp3: Path
    path_peaks: Path
    seconds: float
    channels: int
    measures: Measures
    original: Examined


def render(path: Path, into: Path, limits: Limits | None = None, *, name: str | None = None) -> Rendition:
    """Make the MP3 and the waveform of `path` in the folder `into`, which holds nothing of them after an error.

    Raises `NotAudio`, and `Transient` when it took too long or there is no space. `name` as for `examine`. The same
    sound gives the same bytes.
    """
    with _nothing_left(into), _damage_named():
        source, original = probed(path, into, name, limits or Limits())
        hearing = Hearing(min(original.channels, 2), original.rate)
        loud = _measure(source, hearing)
        if not hearing.seconds:
            raise NotAudio("no_sound")
        if hearing.seconds > source.limits.seconds:
            raise NotAudio("too_long")
        activity = hearing.activity()
        gain = loudness.gains(loud, activity.heard)
        _encode(source, hearing, gain)
        hearing.peaks.write(into / PEAKS_NAME, hearing.rate)
    return Rendition(
        path_mp3=into / MP3_NAME,
        path_peaks=into / PEAKS_NAME,
        seconds=round(hearing.seconds, 3),
        channels=hearing.channels,
        measures=Measures(
            loudness=loud,
            gain=gain,
            talk=[round(min(heard / hearing.seconds, 1), 3) for heard in activity.heard],
            silence=activity.silence,
            mid_word=activity.mid_word,
            flags=list(_flags(hearing, activity, original)),
        ),
        original=original,
    )


def _measure(source: Source, hearing: Hearing) -> Sequence[float | None]:
    filters = loudness.measuring(hearing.channels, hearing.rate)
    raw = ("-map", "[sound]", "-c:a", "pcm_s16le", "-f", "s16le", "pipe:1")
    with source.through("-filter_complex", filters, *raw) as work:
        hearing.listen(work.output)
    return loudness.measured(work.said, hearing.channels)


def _encode(source: Source, hearing: Hearing, gain: Sequence[float]) -> None:
    rate = NARROW if hearing.rate <= NARROW else WIDE
    filters = ("-map", "0:a:0", "-af", loudness.evening(gain, hearing.loudest))
    bitrate = f"{KBPS[rate] * hearing.channels}k"
    encoder = ("-c:a", "libmp3lame", "-b:a", bitrate, "-joint_stereo", "0", "-ar", str(rate))
    output = ("-f", "mp3", "-y", f"file:{source.folder.absolute() / MP3_NAME}")
    with source.through(*filters, *encoder, *PLAIN, *output) as work:
        work.output.read()


def _flags(hearing: Hearing, activity: Activity, original: Examined) -> Iterator[str]:
    if sum(activity.heard) < HEARD:
        yield "silent"
    elif len(activity.heard) == 2 and min(activity.heard) < NO_VOICE and max(activity.heard) >= VOICE:
        yield "one_sided"
    if original.cut:
        yield "cut"
    if hearing.clipped(activity.heard):
        yield "clipped"


@contextmanager
def _nothing_left(into: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        for name in (MP3_NAME, PEAKS_NAME):
            (into / name).unlink(missing_ok=True)
        raise


@contextmanager
def _damage_named() -> Iterator[None]:
    """What could be read at the beginning and cannot be read to the end by ffmpeg is damaged."""
    try:
        yield
    except Failed as failed:
        raise NotAudio("damaged") from failed
