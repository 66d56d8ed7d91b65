"""Calls: the log, one call, what people write about it, whose it was, in pages, in totals and as CSV."""

from uuid import UUID

from flask import Response, stream_with_context
from pydantic import Field
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from hub.domain.access import Permission
from hub.domain.calls import CallState, Direction, Outcome
from hub.domain.identity import PhoneNumber
from hub.reads import calls as call_log
from hub.reads import connections, people
from hub.reads.call_query import CallFilter
from hub.reads.calls import Totals
from hub.reads.shapes import CallShape
from hub.web import acts
from hub.web.acts import CallNotes, Desk
from hub.web.api import inputs
from hub.web.api.csv_lines import call_lines
from hub.web.api.inputs import Body, Listed, Patch, Query, QueryFlag, QueryId, QuerySeconds, QueryText, When
from hub.web.api.operations import api

TAG = "Calls"


class CallQuery(Query):
    """What the call log is narrowed by; what is left out means "any"."""

    since: When | None = Field(None, description="Started at or after this moment.")
    until: When | None = Field(None, description="Started before this moment.")
    direction: tuple[Direction, ...] = Field((), max_length=3)
    outcome: tuple[Outcome, ...] = Field((), max_length=9)
    state: tuple[CallState, ...] = Field((), max_length=3)
    user: QueryId | None = Field(None, description="This user took part.")
    team: QueryId | None = Field(None, description="Somebody of this team took part.")
    line: QueryText | None = Field(None, description="Our number that was called or called from.")
    queue: QueryText | None = None
    connection: QueryText | None = Field(None, description="The name of a connection.")
    number: QueryText | None = Field(None, description="The client's number in any spelling, or its last digits.")
    contact: QueryId | None = Field(None, description="The client card.")
    lead: QueryId | None = None
    min_talk: QuerySeconds | None = Field(None, description="Talked for at least so many seconds.")
    max_talk: QuerySeconds | None = Field(None, description="Talked for at most so many seconds.")
    recorded: QueryFlag | None = Field(None, description="Whether there is a recording.")
    heard: QueryFlag | None = Field(None, description="Whether somebody listened to a recording of it.")
    tag: QueryText | None = None
    text: QueryText | None = Field(None, description="Words of the caller's or the card's name, the note, the queue.")

    def filter(self, session: Session, region: str) -> CallFilter:
        """As the call log asks; `region` is for numbers without a country code."""
        return CallFilter(
            since=self.since,
            until=self.until,
            directions=self.direction,
            outcomes=self.outcome,
            states=self.state,
            users=_users(session, self.user, self.team),
            line=None if self.line is None else PhoneNumber.parse(self.line, region).e164 or self.line,
            queue=self.queue,
            connection_id=None if self.connection is None else connections.id_of(session, self.connection),
            number=None if self.number is None else PhoneNumber.parse(self.number, region),
            contact_id=self.contact,
            lead_id=self.lead,
            min_talk=self.min_talk,
            max_talk=self.max_talk,
            recorded=self.recorded,
            heard=self.heard,
            tag=self.tag,
            text=self.text,
        )


class CallListQuery(CallQuery, Listed):
    """A page of the call log."""


def _users(session: Session, user: int | None, team: int | None) -> frozenset[int] | None:
    one = None if user is None else frozenset({user})
    if team is None:
        return one
    members = people.members(session, team)
    return members if one is None else members & one


class CallPage(TypedDict):
    """Calls, newest first; `next` null: these were the last."""

    items: list[CallShape]
    next: str | None


class CallPatch(Patch):
    """What people write about a call."""

    note: inputs.Prose | None = None
    tags: inputs.Tags = Field(default_factory=list)


class Linking(Body):
    """Whose call it was."""

    contact_id: inputs.Id


@api.operation("GET", "/calls", Permission.CALLS_READ, TAG)
def list_calls(desk: Desk, query: CallListQuery) -> CallPage:
    """The call log, newest first."""
    with desk.hub.reading() as session:
        wanted = query.filter(session, desk.hub.rules.region)
        page = call_log.page(session, desk.viewer, wanted, query.cursor, query.limit)
    return {"items": page.items, "next": page.next}


@api.operation("GET", "/calls/totals", Permission.CALLS_READ, TAG)
def count_calls(desk: Desk, query: CallQuery) -> Totals:
    """How many calls the filters find, and how long was talked in them.

    Counted up to 10,000; beyond, `exact` is false and there are more.
    """
    with desk.hub.reading() as session:
        return call_log.totals(session, desk.viewer, query.filter(session, desk.hub.rules.region))


@api.operation("GET", "/calls.csv", Permission.EXPORT, TAG, media="text/csv")
def export_calls(desk: Desk, query: CallQuery) -> Response:
    """The whole call log as CSV, newest first, streamed.

    Cells that a spreadsheet would take for a formula begin with an apostrophe.
    """
    answer = Response(stream_with_context(call_lines(desk, query.filter)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=calls.csv"
    return answer


@api.operation("GET", "/calls/<uuid:call_id>", Permission.CALLS_READ, TAG)
def get_call(desk: Desk, call_id: UUID) -> CallShape:
    """One call."""
    with desk.hub.reading() as session:
        return call_log.one(session, desk.viewer, call_id)


@api.operation("PATCH", "/calls/<uuid:call_id>", Permission.CALLS_WRITE, TAG)
def note_call(desk: Desk, call_id: UUID, body: CallPatch) -> CallShape:
    """Write a note or tags on a call."""
    written: CallNotes = body.given()
    return acts.note_call(desk, call_id, written)


@api.operation("POST", "/calls/<uuid:call_id>/contact", Permission.CALLS_LINK, TAG, problems=(409,))
def link_call(desk: Desk, call_id: UUID, body: Linking) -> CallShape:
    """Say whose call it was.

    The correction is remembered: earlier and later calls of this number are that client's too.
    """
    return acts.link_call(desk, call_id, body.contact_id)
