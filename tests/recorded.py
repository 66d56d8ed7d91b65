"""Recordings as Hub holds them, made here: something that sounds like two people taking turns, and its waveform."""

import array
import json
import math
import tempfile
import wave
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.domain import clock
from hub.recordings.models import RecordingRow
from hub.telephony.models import CallRow
from hub.unit_of_work import Hub

RATE = 8000
PIXELS = 800
TURN = 4.0
"""Seconds one of the two speaks before the other does."""


def sounds(seconds: float, channels: int) -> "array.array[int]":
    """Samples, interleaved: each channel speaks in its turn, in a pitch of its own, and is quiet in the others'."""
    period = [round(9000 * math.sin(2 * math.pi * at / 40) * (0.6 + 0.4 * math.sin(at / 7))) for at in range(RATE)]
    quiet = [0] * RATE
    samples = array.array("h")
    for second in range(math.ceil(seconds)):
        speaks = int(second / TURN) % channels
        lanes = [period if channel == speaks else quiet for channel in range(channels)]
        for at in range(min(RATE, round((seconds - second) * RATE))):
            samples.extend(lane[at] for lane in lanes)
    return samples


def wav(path: Path, seconds: float, channels: int = 2) -> Path:
    """A file of 16-bit samples; what is longer than a minute repeats its first minute."""
    minute = sounds(min(seconds, 60.0), channels).tobytes()
    left = round(seconds * RATE) * channels * 2
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(RATE)
        while left > 0:
            file.writeframesraw(minute[:left])
            left -= len(minute)
    return path


def peaks(seconds: float, channels: int = 2) -> dict[str, Any]:
    """The waveform in the form audiowaveform writes, as `sounds` would have it."""
    data: list[int] = []
    for pixel in range(PIXELS):
        speaks = int(pixel / PIXELS * seconds / TURN) % channels
        for channel in range(channels):
            height = round(70 + 40 * math.sin(pixel * 0.9) * math.sin(pixel * 0.13)) if channel == speaks else 1
            data += [-height, height]
    return {
        "version": 2,
        "channels": channels,
        "sample_rate": RATE,
        "samples_per_pixel": max(1, round(seconds * RATE / PIXELS)),
        "bits": 8,
        "length": PIXELS,
        "data": data,
    }


def stored(hub: Hub, call_id: UUID | str | None, seconds: float = 60.0, channels: int = 2, **more: Any) -> UUID:
    """A recording of the call that Hub holds: a WAV file, which every browser plays as it is, and its waveform."""
    with tempfile.TemporaryDirectory() as folder:
        audio = hub.blobs.put(wav(Path(folder) / "audio.wav", seconds, channels))
        shape = Path(folder) / "peaks.json"
        shape.write_text(json.dumps(peaks(seconds, channels)))
        drawn = hub.blobs.put(shape)
    call = UUID(str(call_id)) if call_id else None
    told: dict[str, Any] = {
        "tracks": ["client", "ours"] if channels == 2 else None,
        "started_at": answered_at(hub, call),
        "state": "stored",
        "reason": None,
        "next_at": None,
    }
    told |= {
        "seconds": seconds,
        "channels": channels,
        "media_type": "audio/wav",
        "size": audio.size,
        "sha256": audio.sha256,
        "peaks_sha256": drawn.sha256,
        "stored_at": clock.now(),
    }
    with hub.unit_of_work() as session:
        row = _announced(session, call) or _brought(session, call)
        for name, value in (told | more).items():
            setattr(row, name, value)
        return row.id


def _announced(session: Session, call_id: UUID | None) -> RecordingRow | None:
    """One the phone system spoke of, and that nobody has fetched."""
    waiting = (RecordingRow.call_id == call_id, RecordingRow.state == "pending")
    return session.scalars(select(RecordingRow).where(*waiting)).first() if call_id else None


def _brought(session: Session, call_id: UUID | None) -> RecordingRow:
    recording_id = uuid4()
    row = RecordingRow(
        id=recording_id,
        call_id=call_id,
        reference=f"made here: {recording_id}",
        source="upload",
        created_at=clock.now(),
    )
    session.add(row)
    return row


def answered_at(hub: Hub, call_id: UUID | None) -> datetime | None:
    if call_id is None:
        return None
    with hub.reading() as session:
        row = session.get_one(CallRow, call_id)
        return row.answered_at or row.started_at
