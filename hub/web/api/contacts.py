"""Client cards: found, made, edited, and their line of time."""

from typing import Annotated
from uuid import uuid4

from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from hub.domain.access import Permission
from hub.leads.cards import MAX_IDENTITIES, CardFields
from hub.reads import cards
from hub.reads.cards import CardFilter, EntryShape, Kind
from hub.reads.shapes import ContactShape
from hub.web import acts, acts_merging
from hub.web.acts import Desk
from hub.web.acts_merging import MergeShape
from hub.web.api import inputs
from hub.web.api.inputs import Body, Headers, IdempotencyKey, Listed, Patch, QueryId, QueryText
from hub.web.api.operations import CARD, MERGE, Tagged, api

TAG = "Clients"
Mail = Annotated[
    str,
    StringConstraints(max_length=254, pattern=r"^[A-Za-z0-9._%+-]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}$"),
    Field(examples=["anna@example.org"]),
]
Numbers = Annotated[list[inputs.Typed], Field(max_length=MAX_IDENTITIES)]
Mails = Annotated[list[Mail], Field(max_length=MAX_IDENTITIES)]


class ContactQuery(Listed):
    q: QueryText | None = Field(None, description="A number in any spelling, or words of a name, company or address.")
    owner: QueryId | None = Field(None, description="The user who owns the card.")


class ContactPage(TypedDict):
    """Clients, latest contact first."""

    items: list[ContactShape]
    next: str | None


class NewContact(Body):
    """A client card. Without an owner it belongs to whoever makes it."""

    name: inputs.Name
    company: inputs.Line | None = None
    owner_id: inputs.Id | None = None
    numbers: Numbers = Field(default_factory=list)
    mails: Mails = Field(default_factory=list)
    tags: inputs.Tags = Field(default_factory=list)
    note: inputs.CardNote | None = None
    do_not_call: bool = False


class ContactPatch(Patch):
    """What changes on a card; `numbers`, `mails` and `tags` are whole lists."""

    name: inputs.Name = ""
    company: inputs.Line | None = None
    owner_id: inputs.Id | None = None
    numbers: Numbers = Field(default_factory=list)
    mails: Mails = Field(default_factory=list)
    tags: inputs.Tags = Field(default_factory=list)
    note: inputs.CardNote | None = None
    do_not_call: bool = False


class Merging(Body):
    """The card that goes."""

    gone_id: inputs.Id


class TimelineQuery(Listed):
    kind: tuple[Kind, ...] = Field((), max_length=6, description="Only entries of these kinds.")


class Timeline(TypedDict):
    """A card's line of time, newest first. Calls out of sight are left out, so a page may be shorter."""

    items: list[EntryShape]
    next: str | None


class Written(Body):
    """A note."""

    text: Annotated[inputs.Prose, StringConstraints(min_length=1, pattern=inputs.SOMETHING)]


class NoteHeaders(Headers):
    """The same key again is the same note."""

    key: IdempotencyKey | None = Field(None, alias="Idempotency-Key")


class EditHeaders(Headers):
    """With a version, the change is made only when the card still is that one: 412 otherwise."""

    version: Annotated[str, StringConstraints(pattern=r'^(\*|"[0-9]{1,9}")$')] | None = Field(None, alias="If-Match")

    @property
    def wanted(self) -> int | None:
        """The version the card must still be of; None: any."""
        return None if self.version in (None, "*") else int(self.version.strip('"'))


@api.operation("GET", "/contacts", Permission.LEADS_READ, TAG)
def list_contacts(desk: Desk, query: ContactQuery) -> ContactPage:
    """Clients, latest contact first; or those a search finds."""
    wanted = cards.asked(query.q, desk.hub.rules.region) if query.q else CardFilter()
    with desk.hub.reading() as session:
        page = cards.page(session, desk.viewer, wanted.owned_by(query.owner), query.cursor, query.limit)
    return {"items": page.items, "next": page.next}


@api.operation("POST", "/contacts", Permission.LEADS_WRITE, TAG, status=201, problems=(409,))
def create_contact(desk: Desk, body: NewContact) -> ContactShape:
    """Make a client card; earlier calls of its numbers come to it."""
    fields: CardFields = body.given()
    return acts.create_card(desk, fields)


@api.operation("GET", CARD, Permission.LEADS_READ, TAG)
def get_contact(desk: Desk, contact_id: int) -> Tagged[ContactShape]:
    """One client card; its ETag names the version people have made of it."""
    with desk.hub.reading() as session:
        found = cards.versioned(session, desk.viewer, contact_id)
    return Tagged(found.card, found.version)


@api.operation("PATCH", CARD, Permission.LEADS_WRITE, TAG, problems=(409, 412))
def edit_contact(desk: Desk, contact_id: int, headers: EditHeaders, body: ContactPatch) -> Tagged[ContactShape]:
    """Change what is named on a card.

    Send the `ETag` of the card as you read it as `If-Match`, and the change is made only when nobody changed the card
    meanwhile: 412 otherwise. Without it, or with `*`, whatever stands there is changed.
    """
    fields: CardFields = body.given()
    made = acts.new_version(desk, contact_id, fields, headers.wanted)
    return Tagged(made.card, made.version)


@api.operation("GET", f"{CARD}/timeline", Permission.LEADS_READ, TAG)
def get_timeline(desk: Desk, contact_id: int, query: TimelineQuery) -> Timeline:
    """A card's line of time: calls, leads, tasks and notes."""
    with desk.hub.reading() as session:
        page = cards.timeline(session, desk.viewer, contact_id, query.kind, query.cursor, query.limit)
    return {"items": page.items, "next": page.next}


@api.operation("POST", f"{CARD}/notes", Permission.LEADS_WRITE, TAG, status=204)
def add_note(desk: Desk, contact_id: int, headers: NoteHeaders, body: Written) -> None:
    """Write a note on a card."""
    acts.add_note(desk, contact_id, body.text, headers.key or uuid4().hex)


@api.operation("POST", f"{CARD}/merge", Permission.LEADS_WRITE, TAG, problems=(409,))
def merge_contacts(desk: Desk, contact_id: int, body: Merging) -> MergeShape:
    """Make one card of two: everything of the one named moves to this one; can be undone for thirty days."""
    return acts_merging.merge(desk, contact_id, body.gone_id)


@api.operation("POST", MERGE, Permission.LEADS_WRITE, TAG, problems=(409,))
def undo_merge(desk: Desk, merge_id: int) -> MergeShape:
    """Part two cards again: what moved and is still there goes back; `contact` is the card that is back."""
    return acts_merging.undo_merge(desk, merge_id)
