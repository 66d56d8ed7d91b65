"""Click-to-call: one's own phone rings first, then the client's."""

from typing import Annotated, Literal, cast
from uuid import UUID

from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from hub import clicks
from hub.domain.access import Permission
from hub.domain.calls import Outcome
from hub.reads.people import ExtensionShape
from hub.reads.shapes import Id, Moment, Seconds, Uuid
from hub.reads.shapes.common import E164
from hub.web.acts import Desk
from hub.web.api import inputs
from hub.web.api.inputs import Body, Headers, IdempotencyKey, Query
from hub.web.api.operations import api

TAG = "Calls"


class Dialling(Body):
    """Whom to call. `extension`: the phone to ring first, when one has several."""

    number: Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ()./-]{1,31}$"), Field(examples=["+380671234567"])]
    contact_id: inputs.Id | None = None
    extension: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_.+@:-]{1,100}$")] | None = None


class DialHeaders(Headers):
    """The same key again is the same call: a double click dials once."""

    key: IdempotencyKey = Field(alias="Idempotency-Key", description="Chosen by the caller, new for each new call.")


class WarningShape(TypedDict):
    """Something to mind; the call is placed all the same."""

    code: Literal["night"]
    text: Annotated[str, Field(examples=["it is 03:12 there"])]


class DialShape(TypedDict):
    """A call that was asked for, and the call it became."""

    id: Uuid
    state: Literal["asked", "calling_you", "calling_client", "talking", "ended", "refused", "cancelled"]
    detail: str | None
    number: str
    extension: str
    contact_id: Id | None
    call_id: Uuid | None
    outcome: Outcome | None
    talk_seconds: Seconds
    warnings: list[WarningShape]
    created_at: Moment


class SoftphoneShape(TypedDict):
    """What a browser needs to be the asker's phone; `token` is good until `expires_at`, then ask again."""

    connection: str
    kind: Annotated[str, Field(examples=["twilio"])]
    identity: str
    token: str
    address: str
    expires_at: Moment


@api.operation("GET", "/softphone", Permission.CALLS_ORIGINATE, TAG, problems=(404, 409))
def get_softphone(desk: Desk) -> SoftphoneShape:
    """A phone in the browser: of the asker's own phones, the first that can be one."""
    return cast(SoftphoneShape, clicks.softphone(desk.hub, desk.viewer))


class CheckQuery(Query):
    """Whom one thinks of calling."""

    number: inputs.QueryText = Field(description="The number in any spelling.")
    contact: inputs.QueryId | None = Field(None, description="The client card.")


class CheckShape(TypedDict):
    """What a click would meet. `refusal` null: it would be placed; `local_time` null: more than one is possible."""

    number: E164
    local_time: Annotated[str, Field(examples=["09:40"])] | None
    warnings: list[WarningShape]
    phones: list[ExtensionShape]
    refusal: str | None


@api.operation("GET", "/calls/check", Permission.CALLS_ORIGINATE, TAG, problems=(404, 409))
def check_call(desk: Desk, query: CheckQuery) -> CheckShape:
    """What a click to call would meet, without calling."""
    return cast(CheckShape, clicks.check(desk.hub, desk.viewer, query.number, query.contact))


@api.operation("POST", "/calls", Permission.CALLS_ORIGINATE, TAG, status=202, problems=(404, 409))
def dial(desk: Desk, headers: DialHeaders, body: Dialling) -> DialShape:
    """Click to call: rings one's own phone first, then the client's.

    Answers as soon as the wish is stored; ask for the dial again to see how it goes.
    """
    click = clicks.Click(number=body.number, key=headers.key, contact_id=body.contact_id, extension=body.extension)
    return cast(DialShape, clicks.dial(desk.hub, desk.viewer, click))


@api.operation("POST", "/dials/<uuid:dial_id>/cancel", Permission.CALLS_ORIGINATE, TAG, problems=(404, 409))
def cancel_dial(desk: Desk, dial_id: UUID) -> DialShape:
    """Take a click to call back: what rings is hung up, what is not yet placed never will be."""
    return cast(DialShape, clicks.cancel(desk.hub, desk.viewer, str(dial_id)))


@api.operation("GET", "/dials/<uuid:dial_id>", Permission.CALLS_ORIGINATE, TAG)
def get_dial(desk: Desk, dial_id: UUID) -> DialShape:
    """How a click to call goes."""
    return cast(DialShape, clicks.dialled(desk.hub, desk.viewer, str(dial_id)))
