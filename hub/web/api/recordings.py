"""Recordings in custody: brought, given to their calls, fetched again; listening to them is elsewhere."""

from typing import NoReturn
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict
from werkzeug.exceptions import UnsupportedMediaType

from hub.domain.access import Permission
from hub.reads import recordings as reads
from hub.reads.recordings import CustodyShape, StoryShape
from hub.web import acts_recordings as acts
from hub.web.acts import Desk
from hub.web.acts_recordings import NoAudio
from hub.web.api.files import Received
from hub.web.api.inputs import Body, Listed, Query, QueryText
from hub.web.api.operations import api

TAG = "Recordings"
WRITE = Permission.RECORDINGS_WRITE
RECORDING = "/recordings/<uuid:recording_id>"


class OrphanQuery(Listed):
    """A page of the orphans."""


class OrphanPage(TypedDict):
    """Recordings without a call, newest first; `next` null: these were the last."""

    items: list[CustodyShape]
    next: str | None


class BroughtQuery(Query):
    """What is known of a recording whose call may not be known yet."""

    connection: QueryText | None = Field(None, description="The name of the connection whose call it is of.")
    call: QueryText | None = Field(None, description="The phone system's own id of that call.")


class Belonging(Body):
    """The call a recording is of."""

    call_id: UUID


@api.operation("POST", "/calls/<uuid:call_id>/recordings", WRITE, TAG, status=201, problems=(409,))
def upload_for_call(desk: Desk, call_id: UUID, file: Received) -> CustodyShape:
    """Bring a recording of a call: the audio as the body, or in the field `file` of a form.

    At most 500 MB of any kind of audio. The same file again is the same recording.
    """
    try:
        return acts.bring(desk, file.path, file.name, call_id=call_id)
    except NoAudio as error:
        _refuse(error)


@api.operation("POST", "/recordings", WRITE, TAG, status=201, problems=(404, 409))
def upload_recording(desk: Desk, query: BroughtQuery, file: Received) -> CustodyShape:
    """Bring a recording whose call is not known yet.

    With `connection` and `call` it finds its place by itself when that call comes; without, somebody says which it is.
    """
    try:
        return acts.bring(desk, file.path, file.name, connection=query.connection, call_key=query.call)
    except NoAudio as error:
        _refuse(error)


def _refuse(error: NoAudio) -> NoReturn:
    raise UnsupportedMediaType(str(error)) from error


@api.operation("GET", "/recordings/orphans", WRITE, TAG)
def list_orphans(desk: Desk, query: OrphanQuery) -> OrphanPage:
    """Recordings nobody knows the call of, newest first."""
    with desk.hub.reading() as session:
        page = reads.orphans(session, query.cursor, query.limit)
    return {"items": page.items, "next": page.next}


@api.operation("GET", f"{RECORDING}/story", WRITE, TAG)
def get_story(desk: Desk, recording_id: UUID) -> StoryShape:
    """Where a recording comes from, each try to fetch it and why it failed, and what is held of it."""
    with desk.hub.reading() as session:
        return reads.one(session, recording_id)


@api.operation("POST", f"{RECORDING}/call", WRITE, TAG, problems=(409,))
def attach_recording(desk: Desk, recording_id: UUID, body: Belonging) -> StoryShape:
    """Say which call an orphan is of."""
    return acts.attach(desk, recording_id, body.call_id)


@api.operation("POST", f"{RECORDING}/fetch", WRITE, TAG, problems=(409,))
def fetch_recording(desk: Desk, recording_id: UUID) -> StoryShape:
    """Fetch a recording again that failed, expired, or still waits for its turn."""
    return acts.fetch_again(desk, recording_id)
