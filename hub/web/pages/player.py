"""What a player shows: who is heard on which track, where holds and transfers lie, and what one may do with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import LazyString, gettext, lazy_gettext
from sqlalchemy.orm import Session

from hub.domain import clock
from hub.domain.access import Permission, Viewer
from hub.reads import calls, listening, reviews
from hub.reads.listening import RecordingDetailShape
from hub.reads.names import names
from hub.reads.reviews import RemarkShape
from hub.web.acts_listening import LINK_HOURS
from hub.web.pages import words
from hub.web.pages.frame import fresh_key
from hub.web.pages.lanes import TRANSFERS, WIDTH
from hub.web.pages.people_in_calls import Speaker
from hub.web.pages.told import tell

ENDED_BEFORE = 3.0
"""Whoever stopped so few seconds before the end has heard it all."""
RATES = ("0.75", "1", "1.25", "1.5", "1.75", "2")
LENGTHS: Mapping[int, LazyString] = {
    1: lazy_gettext("for an hour"),
    24: lazy_gettext("for a day"),
    24 * 7: lazy_gettext("for a week"),
    24 * 30: lazy_gettext("for 30 days"),
}
WORDS: Mapping[str, tuple[str, str, LazyString]] = {
    "pending": ("clock", "quiet", lazy_gettext("Recorded by the phone system; Hub has no copy yet.")),
    "stored": ("clock", "quiet", lazy_gettext("Hub has the recording and is making it playable.")),
    "failed": ("alert-triangle", "bad", lazy_gettext("The recording could not be fetched.")),
    "expired": ("history", "warn", lazy_gettext("The recording is gone at its source.")),
    "erased": ("trash", "quiet", lazy_gettext("The recording was erased.")),
}
FLAGS: Mapping[str, LazyString] = {
    "silent": lazy_gettext("nobody is heard"),
    "one_sided": lazy_gettext("only one side is heard"),
    "cut": lazy_gettext("shorter than the talk"),
    "clipped": lazy_gettext("too loud, distorted"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Something that happened, in the recording's own seconds and in thousandths of its length."""

    kind: str
    begin: float
    x: float
    width: float
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """One recording as a page shows it. `x` and `width`: where it lies on the call's line of time, in thousandths."""

    id: str
    key: str
    state: str
    plays: bool
    seconds: float
    tracks: Sequence[str]
    spots: Sequence[Spot]
    silence: Sequence[Sequence[float]]
    flags: Sequence[str]
    remarks: Sequence[RemarkShape]
    left_at: float
    x: float
    width: float
    why: str
    held: str
    may: Mapping[str, bool]


def players(session: Session, viewer: Viewer, call: Mapping[str, Any], party: str) -> list[Player]:
    """The recordings of a call in sight; `party`: the client by name or number. What one may not hear is only told."""
    call_id = UUID(call["id"])
    found = listening.of_call(session, viewer, call_id)
    if not found:
        return []
    scene = _Scene(
        viewer=viewer,
        speaker=Speaker(names(session)),
        call=call,
        holds=calls.holds(session, viewer, call_id),
        party=party,
        hears=bool(listening.heard_calls(session, viewer, [call_id])),
    )
    return [_player(session, scene, each) for each in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    viewer: Viewer
    speaker: Speaker
    call: Mapping[str, Any]
    holds: Sequence[tuple[str, str]]
    party: str
    hears: bool


def _player(session: Session, scene: _Scene, recording: RecordingDetailShape) -> Player:
    recording_id, viewer = UUID(recording["id"]), scene.viewer
    plays = scene.hears and recording["state"] == "stored"
    seconds = recording["seconds"] or 0.0
    sound = recording["sound"] or {}
    start = _start(scene.call, recording)
    left_at = listening.left_at(session, viewer, recording_id) if plays else 0.0
    x, width = _place(scene.call, start, seconds)
    return Player(
        id=recording["id"],
        key=fresh_key(),
        state=recording["state"],
        plays=plays,
        seconds=seconds,
        tracks=list(_tracks(scene, recording)),
        spots=list(_spots(scene, start, seconds)),
        silence=sound.get("silence", []),
        flags=[str(FLAGS[flag]) for flag in sound.get("flags", []) if flag in FLAGS],
        remarks=reviews.remarks(session, recording_id) if plays else [],
        left_at=left_at if 1 < left_at < seconds - ENDED_BEFORE else 0.0,
        x=x,
        width=width,
        why=tell(recording["reason"]),
        held=recording["hold_reason"] or "",
        may={
            "download": viewer.can(Permission.RECORDINGS_DOWNLOAD),
            "share": viewer.can(Permission.RECORDINGS_SHARE),
            "remark": viewer.can(Permission.RECORDINGS_REMARK),
            "grade": viewer.can(Permission.RECORDINGS_GRADE),
            "erase": viewer.can(Permission.RECORDINGS_ERASE) and recording["state"] != "erased",
        },
    )


def _start(call: Mapping[str, Any], recording: RecordingDetailShape) -> datetime:
    """When the audio begins; where nobody says so, with the talk."""
    return clock.parse_iso(recording["started_at"] or call["answered_at"] or call["started_at"])


def _place(call: Mapping[str, Any], start: datetime, seconds: float) -> tuple[float, float]:
    begin, length = clock.parse_iso(call["started_at"]), max(call["duration_seconds"], 1.0)
    x = min(max((start - begin).total_seconds() / length * WIDTH, 0.0), float(WIDTH))
    return round(x, 1), round(min(seconds / length * WIDTH, WIDTH - x), 1)


def _tracks(scene: _Scene, recording: RecordingDetailShape) -> Iterator[str]:
    """Who is heard, track by track."""
    channels = recording["channels"] or 1
    if channels < 2:
        yield gettext("Everybody")
        return
    named = recording["tracks"] or []
    for number in range(channels):
        who = named[number] if number < len(named) else ""
        told = {"client": scene.party, "ours": _ours(scene)}
        yield told.get(who) or gettext("Track %(number)s", number=number + 1)


def _ours(scene: _Scene) -> str:
    call = scene.call
    talked = [leg for leg in call["legs"] if leg["answered_at"]]
    people = [scene.speaker.person(each) for each in ([call["initiated_by"]] if call["initiated_by"] else []) + talked]
    return ", ".join(dict.fromkeys(people))


def _spots(scene: _Scene, start: datetime, seconds: float) -> Iterator[Spot]:
    """Holds as stretches, whoever came into the talk later as a moment."""
    if seconds <= 0:
        return
    for begin, until in scene.holds:
        since, to = ((clock.parse_iso(each) - start).total_seconds() for each in (begin, until))
        held = gettext("client on hold %(time)s", time=words.duration(to - since))
        yield from _spot("hold", since, to, seconds, held)
    came = sorted((leg for leg in scene.call["legs"] if leg["answered_at"]), key=lambda leg: leg["answered_at"])
    for leg in came if scene.call["initiated_by"] and scene.call["direction"] != "internal" else came[1:]:
        at = (clock.parse_iso(leg["answered_at"]) - start).total_seconds()
        yield from _spot("joins", at, at, seconds, _came(leg, scene.speaker.person(leg)))


def _came(leg: Mapping[str, Any], name: str) -> str:
    if leg["via"] in TRANSFERS:
        return gettext("handed over to %(name)s", name=name)
    return gettext("%(name)s joins", name=name)


def _spot(kind: str, begin: float, until: float, seconds: float, word: str) -> Iterator[Spot]:
    if until < 0 or begin > seconds:
        return
    begin, until = max(begin, 0.0), min(until, seconds)
    x, width = begin / seconds * WIDTH, (until - begin) / seconds * WIDTH
    yield Spot(kind=kind, begin=round(begin, 1), x=round(x, 1), width=round(width, 1), word=word)


def link_lengths() -> list[tuple[int, LazyString]]:
    """How long a link may live, in words."""
    return [(hours, LENGTHS[hours]) for hours in LINK_HOURS]
