"""The voices of the invented company's recordings."""

import array
import json
import wave
from pathlib import Path

from hub.telephony.simulator import voices


def test_two_voices_take_turns_for_as_long_as_the_talk_lasted(tmp_path: Path) -> None:
    frames = voices.talk(20.0, "one call")
    voices.write(tmp_path / "talk.wav", frames)
    with wave.open(str(tmp_path / "talk.wav")) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (2, 8000, 160_000)
    samples = array.array("h", frames)
    client, ours = samples[0::2], samples[1::2]
    assert max(client) > 3000
    assert max(ours) > 3000
    assert not any(one and other for one, other in zip(client, ours, strict=True)), "never both at once"
    assert voices.talk(20.0, "one call") == frames
    assert voices.talk(20.0, "another call") != frames


def test_the_waveform_is_that_of_the_voices() -> None:
    frames = voices.talk(20.0, "one call")
    shape = json.loads(voices.waveform(frames))
    assert (shape["version"], shape["channels"], shape["bits"]) == (2, 2, 8)
    assert len(shape["data"]) == 4 * shape["length"]
    assert abs(shape["length"] * shape["samples_per_pixel"] - 160_000) < shape["samples_per_pixel"]
    samples = array.array("h", frames)
    at = 400
    stretch = samples[2 * at * shape["samples_per_pixel"] : 2 * (at + 1) * shape["samples_per_pixel"] : 2]
    assert shape["data"][4 * at : 4 * at + 2] == [min(stretch) >> 8, max(stretch) >> 8]
