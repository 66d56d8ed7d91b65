"""What is told of a recording besides its sound."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SHORTER, SHORTER_SHARE = 2.0, 0.03
"""Seconds, and share of the talk, by which a recording may be shorter: the phone system starts it a moment late."""
SHORTER_MID_WORD = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """How the original sounds.

    `loudness`: LUFS by EBU R 128, for each channel; None where nothing is heard. `gain`: dB by which the rendition is
    louder, for each channel. `talk`: the share of the time somebody is heard, for each channel. `silence`: spans in
    seconds in which nobody is. `mid_word`: somebody is heard to the very end. `flags`, of these: *silent* nobody is
    heard at all; *one_sided* two channels and one of them without a voice; *cut* the file promises more sound than it
    has; *clipped* distorted by being too loud.
    """

    loudness: Sequence[float | None]
    gain: Sequence[float]
    talk: Sequence[float]
    silence: Sequence[tuple[float, float]]
    mid_word: bool
    flags: Sequence[str]

    def json(self) -> Mapping[str, object]:
        """As it is kept beside the recording."""
        return {
            "loudness": list(self.loudness),
            "gain": list(self.gain),
            "talk": list(self.talk),
            "silence": [list(span) for span in self.silence],
            "mid_word": self.mid_word,
            "flags": list(self.flags),
        }


def compare(seconds: float, talk_seconds: float, *, mid_word: bool = False) -> bool:
    """Whether a recording of `seconds` lacks part of a talk of `talk_seconds`: its end, or its beginning.

    `mid_word`: it ends while somebody is heard, so less is needed to say so.
    """
    allowed = SHORTER_MID_WORD if mid_word else SHORTER
    return talk_seconds - seconds > max(allowed, SHORTER_SHARE * talk_seconds)
