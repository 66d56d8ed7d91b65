"""Recordings: what there is of a call, the audio itself in ranges, links to it, who heard it, what is said of it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from flask import Response, current_app, url_for
from pydantic import BeforeValidator, Field
from typing_extensions import TypedDict

from hub.domain import clock
from hub.domain.access import Permission
from hub.reads import listening, reviews
from hub.reads.listening import ListeningShape, RecordingDetailShape
from hub.reads.reviews import GradingShape, RemarkShape
from hub.reads.shapes.common import Moment
from hub.web import acts_listening, hearing
from hub.web.acts import Desk
from hub.web.api.inputs import Body, Query, QueryText, integral
from hub.web.api.operations import api

TAG = "Recordings"
ONE = "/recordings/<uuid:recording_id>"
AUDIO: Mapping[str, Any] = {"tag": TAG, "problems": (409, 410), "partial": True}
"""409: there is no copy yet; 410: there is none any more."""


class RecordingList(TypedDict):
    """The recordings of a call, oldest first."""

    items: list[RecordingDetailShape]


class ListeningList(TypedDict):
    """Who heard a recording, newest first: 500 at most."""

    items: list[ListeningShape]


class RemarkList(TypedDict):
    """What is said of the seconds of a recording, in their order."""

    items: list[RemarkShape]


class GradingList(TypedDict):
    """How a recording was graded, one by each reviewer."""

    items: list[GradingShape]


class LinkShape(TypedDict):
    """A link that opens one recording, for whoever has it."""

    url: Annotated[str, Field(examples=["https://hub.example.org/r/WyIwMTk4…"])]
    expires_at: Moment


class Hearing(Query):
    """How the audio is heard."""

    session: QueryText | None = Field(
        None, description="A word of the player's own: requests with the same word are one listening in the log."
    )


class Sharing(Body):
    """How long the link opens the recording."""

    hours: Annotated[Literal[1, 24, 168, 720], BeforeValidator(integral)]


class RemarkBody(Body):
    """A comment, a tag, or both, at a second."""

    second: Annotated[float, Field(ge=0, le=100_000)]
    text: Annotated[str, Field(max_length=1000)] = ""
    tag: Annotated[str, Field(max_length=50)] = ""


@api.operation("GET", "/calls/<uuid:call_id>/recordings", Permission.RECORDINGS_READ, TAG)
def list_recordings(desk: Desk, call_id: UUID) -> RecordingList:
    """The recordings of a call, and how Hub's copies of them stand."""
    with desk.hub.reading() as session:
        return {"items": listening.of_call(session, desk.viewer, call_id)}


@api.operation("GET", ONE, Permission.RECORDINGS_READ, TAG)
def get_recording(desk: Desk, recording_id: UUID) -> RecordingDetailShape:
    """One recording."""
    with desk.hub.reading() as session:
        return listening.one(session, desk.viewer, recording_id)


@api.operation("GET", f"{ONE}/audio", Permission.RECORDINGS_READ, media="audio/*", **AUDIO)
def get_recording_audio(desk: Desk, recording_id: UUID, query: Hearing) -> Response:
    """The audio as browsers play it, whole or in byte ranges (RFC 9110).

    Each listening is written into the log before the first byte leaves. 409: there is no copy yet; 410: there is none
    any more.
    """
    return hearing.audio(desk, recording_id, query.session or "")


@api.operation("GET", f"{ONE}/original", Permission.RECORDINGS_DOWNLOAD, media="*/*", **AUDIO)
def get_recording_original(desk: Desk, recording_id: UUID) -> Response:
    """The file as it was fetched from the phone system, as a download."""
    return hearing.original(desk, recording_id)


@api.operation("GET", f"{ONE}/peaks", Permission.RECORDINGS_READ, TAG, media="application/json", partial=True)
def get_recording_peaks(desk: Desk, recording_id: UUID) -> Response:
    """The waveform, in the form audiowaveform writes (version 2)."""
    return hearing.peaks(desk, recording_id)


@api.operation("POST", f"{ONE}/link", Permission.RECORDINGS_SHARE, TAG, status=201, problems=(409,))
def share_recording(desk: Desk, recording_id: UUID, body: Sharing) -> LinkShape:
    """A link that opens this recording alone, until it ends or its maker may not share it any more.

    For people: a token makes none.
    """
    word, ends = acts_listening.share(desk, recording_id, body.hours)
    address = f"{current_app.config['HUB_PUBLIC_URL']}{url_for('pages.recording_link', word=word)}"
    return {"url": address, "expires_at": clock.iso(ends)}


@api.operation("GET", f"{ONE}/listenings", Permission.LISTENINGS_READ, TAG)
def list_listenings(desk: Desk, recording_id: UUID) -> ListeningList:
    """Who heard or downloaded the recording, when, from where, and which seconds."""
    with desk.hub.reading() as session:
        return {"items": listening.listenings(session, desk.viewer, recording_id)}


@api.operation("GET", f"{ONE}/remarks", Permission.RECORDINGS_READ, TAG)
def list_remarks(desk: Desk, recording_id: UUID) -> RemarkList:
    """What is said of its seconds."""
    with desk.hub.reading() as session:
        row = listening.require(session, desk.viewer, recording_id)
        return {"items": reviews.remarks(session, row.id)}


@api.operation("POST", f"{ONE}/remarks", Permission.RECORDINGS_REMARK, TAG, status=201, problems=(409,))
def add_remark(desk: Desk, recording_id: UUID, body: RemarkBody) -> RemarkShape:
    """Say something of a second."""
    return acts_listening.remark(desk, recording_id, body.second, body.text, body.tag)


@api.operation("GET", f"{ONE}/gradings", Permission.RECORDINGS_READ, TAG)
def list_gradings(desk: Desk, recording_id: UUID) -> GradingList:
    """How it was graded: all for those who grade, for others what is said of their own talk."""
    with desk.hub.reading() as session:
        row = listening.require(session, desk.viewer, recording_id)
        return {"items": reviews.gradings(session, desk.viewer, row.id)}
