"""Lines: our numbers, with their hours and owners."""

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from hub.domain import clock
from hub.domain.access import Permission
from hub.domain.errors import Invalid, NotFound
from hub.domain.hours import MAX_SHIFTS
from hub.domain.recordings import MOST_DAYS
from hub.domain.routing import RecordRule, Route
from hub.people import journal
from hub.reads import people
from hub.reads.people import LineShape
from hub.switchboard import Switchboard
from hub.telephony import lines
from hub.telephony.lines import LineChanges, NewLine
from hub.web.acts import Desk
from hub.web.api import inputs
from hub.web.api.inputs import Body, Patch, Query, QueryText
from hub.web.api.operations import LINE, api
from hub.web.api.people import Zone

TAG = "Lines"
Minute = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
Span = Annotated[list[Minute], Field(min_length=2, max_length=2, examples=[["09:00", "18:00"]])]
Recorded = Annotated[RecordRule, Field(strict=False)]
KeptDays = Annotated[int, Field(ge=0, le=MOST_DAYS), BeforeValidator(inputs.integral)]
Region = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$"), Field(examples=["UA"])]
ConnectionName = Annotated[str, StringConstraints(pattern=r"^[\w-]{1,64}$"), Field(examples=["pbx"])]
Day = Annotated[list[Span], Field(max_length=MAX_SHIFTS)]


class OpeningHours(Body):
    """Opening times in the line's zone: a close at or before its opening is on the next day, no spans: closed."""

    mon: Day = Field(default_factory=list)
    tue: Day = Field(default_factory=list)
    wed: Day = Field(default_factory=list)
    thu: Day = Field(default_factory=list)
    fri: Day = Field(default_factory=list)
    sat: Day = Field(default_factory=list)
    sun: Day = Field(default_factory=list)
    holidays: Annotated[list[date], Field(max_length=366)] = Field(default_factory=list)

    def stored(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


class LineList(TypedDict):
    """Our numbers."""

    items: list[LineShape]


class NewLineBody(Body):
    """One of our numbers; `region` reads numbers without a country code."""

    number: inputs.Typed
    region: Region
    name: inputs.Line = ""
    timezone: Zone = "UTC"
    hours: OpeningHours | None = None
    connection: ConnectionName | None = None
    owner_id: inputs.Id | None = None
    team_id: inputs.Id | None = None


class LinePatch(Patch):
    """What changes; the number stays, another number is another line.

    Whom its calls ring: the owner of the client's card (`owner_first`), then `ring_user_ids`, each group for
    `ring_seconds`; then, where Hub leads the call, the caller may leave a message (`voicemail`). Recordings are kept
    for so many days after their call (`keep_inbound_days`); 0: for ever, null: as long as the company's other ones.
    """

    name: inputs.Line = ""
    region: Region = ""
    timezone: Zone = "UTC"
    hours: OpeningHours | None = None
    connection: ConnectionName | None = None
    owner_id: inputs.Id | None = None
    team_id: inputs.Id | None = None
    owner_first: bool = True
    ring_user_ids: Annotated[list[inputs.Id], Field(max_length=50)] = Field(default_factory=list)
    ring_seconds: Annotated[int, Field(ge=5, le=120), BeforeValidator(inputs.integral)] = 25
    voicemail: bool = True
    record_inbound: Recorded = RecordRule.NEVER
    record_outbound: Recorded = RecordRule.NEVER
    keep_inbound_days: KeptDays | None = None
    keep_outbound_days: KeptDays | None = None


@api.operation("GET", "/lines", Permission.LINES_READ, TAG)
def list_lines(desk: Desk) -> LineList:
    """Our numbers."""
    with desk.hub.reading() as session:
        return {"items": people.lines(session)}


@api.operation("GET", LINE, Permission.LINES_READ, TAG)
def get_line(desk: Desk, line_id: int) -> LineShape:
    """One line."""
    with desk.hub.reading() as session:
        return people.line(session, line_id)


@api.operation("POST", "/lines", Permission.LINES_WRITE, TAG, status=201, problems=(409,))
def create_line(desk: Desk, body: NewLineBody) -> LineShape:
    """A new line."""
    with desk.hub.unit_of_work() as session:
        new = NewLine(
            number=body.number,
            region=body.region,
            name=body.name,
            timezone=body.timezone,
            hours=None if body.hours is None else body.hours.stored(),
            connection_id=_connection(desk, session, body.connection),
            owner_id=body.owner_id,
            team_id=body.team_id,
        )
        row = lines.create(session, new)
        journal.append(session, desk.viewer, "line.created", f"line:{row.id}", clock.now())
        return people.line(session, row.id)


def _connection(desk: Desk, session: Session, name: str | None) -> int | None:
    """The phone system that brings a line's calls; Invalid when there is none of that name."""
    if name is None:
        return None
    try:
        return desk.hub.connections.row(session, name).id
    except NotFound as error:
        raise Invalid(f"no connection named {name!r}", "connection") from error


@api.operation("PATCH", LINE, Permission.LINES_WRITE, TAG, problems=(409,))
def edit_line(desk: Desk, line_id: int, body: LinePatch) -> LineShape:
    """Change what is named."""
    given = body.given()
    if given.get("hours") is not None:
        given["hours"] = given["hours"].stored()
    fields = sorted(given)
    with desk.hub.unit_of_work() as session:
        if "connection" in given:
            given["connection_id"] = _connection(desk, session, given.pop("connection"))
        changes: LineChanges = given
        people.require_users(session, changes.get("ring_user_ids", []))
        lines.edit(session, line_id, changes)
        journal.append(session, desk.viewer, "line.edited", f"line:{line_id}", clock.now(), fields=fields)
        return people.line(session, line_id)


class RouteQuery(Query):
    """A call that is only thought of. `from` is the caller, `to` our line, as a phone system would show them."""

    connection: QueryText = Field(description="The phone system the call comes in on.")
    caller: QueryText = Field(alias="from", description="The caller's number in any spelling, or `anonymous`.")
    line: QueryText = Field(alias="to", description="Our number that is called.")


class RouteShape(TypedDict):
    """Whom the call would ring: one group of phones after the other; none: as the phone system does without Hub."""

    stages: list[list[str]]
    ring_seconds: int
    voicemail: bool
    record: RecordRule
    name: str | None
    open: bool
    why: str


@api.operation("GET", "/route", Permission.LINES_WRITE, TAG, problems=(404, 409))
def try_route(desk: Desk, query: RouteQuery) -> RouteShape:
    """What would happen if this caller called this line now. Nothing rings."""
    with desk.hub.reading() as session:
        connection = desk.hub.connections.named(session, query.connection)
    return _route(Switchboard(desk.hub, connection).route(query.caller, query.line))


def _route(found: Route) -> RouteShape:
    return {
        "stages": [list(stage) for stage in found.stages],
        "ring_seconds": found.ring_seconds,
        "voicemail": found.voicemail,
        "record": found.record,
        "name": found.name,
        "open": found.open,
        "why": found.why,
    }
