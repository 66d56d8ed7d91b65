"""How loud each speaker is (EBU R 128), and by how much the rendition is louder so that both are alike."""

import re
from collections.abc import Sequence

TARGET = -19.0
"""LUFS of each speaker. One voice in one channel at -19 is as loud as a programme in both at -16, which is usual for
speech on telephones and in offices; a broadcast's -23 is too quiet there."""
NOTHING = -60.0
"""LUFS under which nothing was measured; ffmpeg says -70 for silence."""
MOST_GAIN, LEAST_GAIN = 30.0, -20.0
"""dB: more would lift the noise of the line rather than a voice."""
ENCODER = 0.45
"""dB by which LAME makes quieter whatever it is given."""
CEILING = -1.0
"""dBFS that no sample given to the encoder exceeds: it comes out with other peaks than went in."""

FAINT = -200
"""dBFS of a noise that is mixed in before measuring and gone after: with the nothing of digital silence the meter would
compute at a tenth of its speed."""
LAYOUTS = {1: "mono", 2: "stereo"}
_SUMMARY = re.compile(
    rb"^\[ebur128@c(\d) @ [^\n]*Summary:\n(?:[^\n]*\n){1,2}?    I: +(-?[\d.]+|-inf|nan) LUFS", re.MULTILINE
)


def measuring(channels: int, rate: int) -> str:
    """The filters that measure each channel and let it through unchanged, as [sound].

    Each channel passes its meter on its way out: a meter beside the way would run ahead of a slow reader, and ffmpeg
    would keep for him all that lies between.
    """
    form = f"sample_rates={rate}:channel_layouts={LAYOUTS[channels]}"
    begin, end = (
        f"[0:a:0]aformat=sample_fmts=dbl:{form},adenorm=level={FAINT}",
        f"aformat=sample_fmts=s16:{form}[sound]",
    )
    if channels == 1:
        return f"{begin},ebur128@c0=framelog=quiet,{end}"
    left, right = (f"[{side}]ebur128@c{channel}=framelog=quiet[{side}{side}]" for channel, side in enumerate("lr"))
    joined = "join=inputs=2:channel_layout=stereo:map=0.0-FL|1.0-FR"
    return f"{begin},channelsplit[l][r];{left};{right};[ll][rr]{joined},{end}"


def measured(said: bytes, channels: int) -> Sequence[float | None]:
    """LUFS of each channel out of what ffmpeg said; None where nothing is heard."""
    found = {int(channel): float(loudness) for channel, loudness in _SUMMARY.findall(said)}
    values = [found.get(channel, NOTHING) for channel in range(channels)]
    return [value if value > NOTHING else None for value in values]


def gains(loudness: Sequence[float | None], heard: Sequence[float]) -> Sequence[float]:
    """dB for each channel; one without a voice stays as it is, so that its noise does."""
    pairs = zip(loudness, heard, strict=True)
    return [0.0 if value is None or not seconds else _gain(value) for value, seconds in pairs]


def _gain(loudness: float) -> float:
    return round(min(max(TARGET - loudness, LEAST_GAIN), MOST_GAIN), 1)


def evening(gain: Sequence[float], loudest: Sequence[float]) -> str:
    """The filters that make the channels louder by `gain` dB, and hold back what would exceed the ceiling.

    `loudest`: dBFS of the loudest sample of each channel as it is.
    """
    layout = LAYOUTS[len(gain)]
    factors = [10 ** ((decibels + ENCODER) / 20) for decibels in gain]
    scaled = "|".join(f"c{channel}={factor:.5f}*c{channel}" for channel, factor in enumerate(factors))
    filters = f"aformat=sample_fmts=fltp:channel_layouts={layout},pan={layout}|{scaled}"
    if any(peak + decibels + ENCODER > CEILING for peak, decibels in zip(loudest, gain, strict=True)):
        filters += f",alimiter=level=disabled:limit={10 ** (CEILING / 20):.4f}:attack=5:release=20:latency=1"
    return filters
