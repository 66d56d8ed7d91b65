"""What everything plays: an MP3 in which both speakers are equally loud, a waveform, and how the original sounds.

The sound goes through ffmpeg twice, in pieces: once to be measured, since nobody knows how loud a speaker is before the
end, and once to be encoded. What is kept of it between is a byte for every fiftieth of a second.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hub.recordings.sound import ffmpeg, loudness
from hub.recordings.sound.activity import Activity
from hub.recordings.sound.examine import Examined, probed
from hub.recordings.sound.hearing import Hearing
from hub.recordings.sound.kinds import Kind
from hub.recordings.sound.limits import Deadline, Limits
from hub.recordings.sound.measures import Measures
from hub.recordings.sound.reasons import NotAudio

MP3_NAME, PEAKS_NAME = "rendition.mp3", "peaks.json"
NARROW, WIDE = 16_000, 24_000
"""Hz of the rendition: for sound of telephones, and for what has more. Both are of the standard itself (MPEG-2); 8 kHz
is an extension that not every player knows."""
KBPS = {NARROW: 32, WIDE: 48}
"""For each channel, constant, so that a player finds any second by counting."""
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
    limits = limits or Limits()
    deadline = Deadline(limits.patience)
    kind, original = probed(path, name or path.name, limits, deadline)
    with _nothing_left(into), _damage_named():
        return _Work(path, into, kind, original, limits, deadline).done()


class _Work:
    def __init__(
        self, path: Path, into: Path, kind: Kind, original: Examined, limits: Limits, deadline: Deadline
    ) -> None:  # fmt: skip
        self._path, self._into, self._original = path, into, original
        self._limits, self._deadline = limits, deadline
        self._input = ffmpeg.reading(path, kind, limits)
        self._channels = min(original.channels, 2)
        self._layout = "mono" if self._channels == 1 else "stereo"

    def done(self) -> Rendition:
        hearing = Hearing(self._channels, self._original.rate)
        loud = self._measure(hearing)
        if not hearing.seconds:
            raise NotAudio("no_sound")
        if hearing.seconds > self._limits.seconds:
            raise NotAudio("too_long")
        activity = hearing.activity()
        gain = loudness.gains(loud, activity.heard)
        self._encode(loudness.evening(gain, hearing.loudest, self._layout))
        hearing.peaks.write(self._into / PEAKS_NAME, hearing.rate)
        return Rendition(
            path_mp3=self._into / MP3_NAME,
            path_peaks=self._into / PEAKS_NAME,
            seconds=round(hearing.seconds, 3),
            channels=self._channels,
            measures=Measures(
                loudness=loud,
                gain=gain,
                talk=[round(min(heard / hearing.seconds, 1), 3) for heard in activity.heard],
                silence=activity.silence,
                mid_word=activity.mid_word,
                flags=list(_flags(hearing, activity, self._original)),
            ),
            original=self._original,
        )

    def _measure(self, hearing: Hearing) -> Sequence[float | None]:
        filters = loudness.measuring(self._channels, self._layout, hearing.rate)
        arguments = ("-filter_complex", filters, "-map", "[sound]", "-c:a", "pcm_s16le", "-f", "s16le", "pipe:1")
        with self._ffmpeg(arguments) as work:
            hearing.listen(work.output)
        return loudness.measured(work.said, self._channels)

    def _encode(self, filters: str) -> None:
        rate = NARROW if self._original.rate <= NARROW else WIDE
        encoder = (
            "-c:a",
            "libmp3lame",
            "-b:a",
            f"{KBPS[rate] * self._channels}k",
            "-joint_stereo",
            "0",
            "-ar",
            str(rate),
        )
        plain = ("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact")
        output = (
            "-id3v2_version",
            "0",
            "-write_id3v1",
            "0",
            "-f",
            "mp3",
            "-y",
            f"file:{self._into.absolute() / MP3_NAME}",
        )
        with self._ffmpeg(("-map", "0:a:0", "-af", filters, *encoder, *plain, *output)) as work:
            work.output.read()

    @contextmanager
    def _ffmpeg(self, arguments: Sequence[str]) -> Iterator[ffmpeg.Running]:
        with ffmpeg.running((*self._input, *arguments), self._into, self._limits, self._deadline) as work:
            yield work


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
    except ffmpeg.Failed as failed:
        raise NotAudio("damaged") from failed
