"""When somebody is heard, from the level of every fiftieth of a second."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WINDOW = 0.02
"""Seconds."""
ABOVE_NOISE = 9.0
"""dB by which a voice stands out of what the line murmurs all the time."""
FAINTEST, LOUDEST = -55.0, -30.0
"""dBFS: below the first nothing is a voice, above the second everything is."""
NOISE_SHARE = 10
"""Per cent of the time in which nobody speaks even in the liveliest talk: between words."""
JOINED, SHORTEST, PAUSE = 5, 4, 15
"""Windows: gaps within a word; the shortest sound that is one; gaps between the words of a sentence."""
SILENCE, MARGIN = 2.0, 0.2
"""Seconds: the shortest silence worth skipping, and what is left of it on either side."""
MOST_SPANS = 1_000
PIECE = 50_000
"""Windows."""
ENDING = 5
"""Windows at the end that show whether it ends within a word."""

Levels = NDArray[np.uint8]
Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """`heard` seconds for each channel; silence as in `Measures`."""

    heard: Sequence[float]
    silence: Sequence[tuple[float, float]]
    mid_word: bool


def as_levels(mean_squares: NDArray[np.float32]) -> Levels:
    """Half decibels below full scale, from mean squares of samples of 16 bits."""
    decibels = 10 * np.log10(np.maximum(mean_squares, 1e-6) / 32768.0**2)
    found: Levels = np.clip(np.round(-2 * decibels), 0, 255).astype(np.uint8)
    return found


def activity(channels: Sequence[Levels], window: float, seconds: float) -> Activity:
    """`channels`: for each, the levels of its windows of `window` seconds."""
    above = [_above_noise(levels) for levels in channels]
    heard = [_words(marks) for marks in above]
    quiet = ~np.logical_or.reduce(heard)
    return Activity(
        heard=[float(marks.sum()) * window for marks in heard],
        silence=_silence(quiet, window, seconds),
        mid_word=any(int(marks[-ENDING:].sum()) > ENDING // 2 for marks in above),
    )


def _above_noise(levels: Levels) -> Marks:
    """Compared as the bytes they are: of a long recording there are millions."""
    loudest_first = _counted(levels).cumsum()
    noise = np.searchsorted(loudest_first, len(levels) * (1 - NOISE_SHARE / 100))
    threshold = min(max(noise / -2 + ABOVE_NOISE, FAINTEST), LOUDEST)
    marks: Marks = levels < np.uint8(round(-2 * threshold))
    return marks


def _counted(levels: Levels) -> NDArray[np.intp]:
    """How often each level is there; piece by piece, since counting makes eight bytes of each."""
    counts = np.zeros(256, np.intp)
    for at in range(0, len(levels), PIECE):
        counts += np.bincount(levels[at : at + PIECE], minlength=256)
    return counts


def _words(above: Marks) -> Marks:
    marks = _filled(above, JOINED)
    marks = ~_filled(~marks, SHORTEST - 1, everywhere=True)
    return _filled(marks, PAUSE)


def _filled(marks: Marks, longest: int, *, everywhere: bool = False) -> Marks:
    """With gaps of up to `longest` closed; those at either end only with `everywhere`."""
    starts, ends = _runs(~marks)
    close = ends - starts <= longest
    if not everywhere:
        close &= (starts > 0) & (ends < len(marks))
    filled = marks.copy()
    for start, end in zip(starts[close], ends[close], strict=True):
        filled[start:end] = True
    return filled


def _runs(marks: Marks) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where each run of true begins, and where it is over."""
    turns = np.flatnonzero(marks[1:] != marks[:-1]) + 1
    edges = np.concatenate([np.zeros(int(marks[:1].any()), np.intp), turns, np.full(int(marks[-1:].any()), len(marks))])
    return edges[0::2], edges[1::2]


def _silence(quiet: Marks, window: float, seconds: float) -> Sequence[tuple[float, float]]:
    starts, ends = _runs(quiet)
    spans = []
    for start, end in zip(starts, ends, strict=True):
        begins = start * window + (MARGIN if start else 0)
        over = min(end * window - MARGIN, seconds) if end < len(quiet) else seconds
        if (end - start) * window >= SILENCE:
            spans.append((round(float(begins), 2), round(float(over), 2)))
    longest = sorted(spans, key=lambda span: span[0] - span[1])[:MOST_SPANS]
    return sorted(longest)
