"""What follows from a call: whose it is, the lead, the task and the timeline, and the news of all of it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from hub.crm import outbox
from hub.domain.activity import CallKind, Channel, Consequence, Contacted
from hub.domain.calls import Direction
from hub.domain.identity import PhoneNumber
from hub.inbox.connections import Connection
from hub.leads import consequences
from hub.reads.ours import Ours
from hub.reads.shapes import call_shapes
from hub.reads.snapshots import snapshots
from hub.telephony import belonging, dials
from hub.telephony.models import CallRow
from hub.unit_of_work import Hub

GIVEN = {"contact.changed": belonging.cards_given, "lead.changed": belonging.leads_given}
"""Cards and leads may have got another owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The transaction we are in, and what is ours on this connection."""

    hub: Hub
    session: Session
    connection: Connection
    ours: Ours
    now: datetime


def settle(scene: Scene, rows: Sequence[CallRow], *, new: Collection[UUID] = ()) -> None:
    """Match calls, one after another, and bring cards, leads, tasks and timelines in line with how they stand now.

    `new`: those never told before.
    """
    if not rows:
        return
    contacts, window = [contacted(scene, row) for row in rows], scene.hub.rules.lead_window_days
    fresh = {str(row_id) for row_id in new}
    led_to = list(consequences.settle_all(scene.session, contacts, scene.now, window, new=fresh))
    for row, consequence in zip(rows, led_to, strict=True):
        _apply(scene, row, consequence)
    tell_changes(scene.session, {subject for one in led_to for subject in one.changed}, scene.now)


def _apply(scene: Scene, row: CallRow, consequence: Consequence) -> None:
    row.contact_id = consequence.match.contact_id
    row.owner_id = consequence.owner_id
    row.certainty = consequence.match.certainty
    row.why = consequence.match.why
    row.candidates = list(consequence.match.candidates)
    row.lead_id = consequence.lead_id
    belonging.owned(scene.session, row, consequence.lead_owner_id)


def settle_again(scene: Scene, rows: Sequence[CallRow]) -> None:
    """The same for calls that did not change themselves: a card was made or somebody said whose number this is."""
    before = [_verdict(row) for row in rows]
    settle(scene, rows)
    changed = [row for row, verdict in zip(rows, before, strict=True) if _verdict(row) != verdict]
    for row in changed:
        row.version += 1
    tell(scene, changed)


def _verdict(row: CallRow) -> tuple[object, ...]:
    """What settling may change of a call."""
    return (row.contact_id, row.owner_id, row.certainty, row.why, row.candidates, row.lead_id)


def contacted(scene: Scene, row: CallRow) -> Contacted:
    """A call, in the words of the leads stage."""
    internal = row.direction == Direction.INTERNAL
    answered_by = (row.answered_by or row.initiated_by or {}).get("user_id")
    return Contacted(
        channel=Channel.CALL,
        subject=str(row.id),
        at=row.started_at,
        number=None
        if internal
        else PhoneNumber(typed=row.typed_number or "", e164=row.external_number, reason=row.number_problem),
        name=row.external_name,
        line=scene.ours.line(row.line),
        kind=_kind(row),
        answered_by=answered_by,
        talked_until=(row.ended_at or row.answered_at) if row.answered_at else None,
        pinned=row.contact_id if row.corrected else dials.card_of(scene.session, row.request_id),
        history=row.history,
    )


def _kind(row: CallRow) -> CallKind | None:
    answered = row.answered_at is not None
    if row.direction == Direction.INTERNAL or not (answered or row.ended_at):
        return None
    if row.direction == Direction.INBOUND:
        return CallKind.INBOUND_ANSWERED if answered else CallKind.INBOUND_MISSED
    return CallKind.OUTBOUND_ANSWERED if answered else CallKind.OUTBOUND_UNANSWERED


def tell(scene: Scene, rows: Sequence[CallRow]) -> None:
    """News of these calls: each one's snapshot as it stands now."""
    for row, shape in zip(rows, call_shapes(scene.session, rows), strict=True):
        outbox.enqueue(
            scene.session, type=f"call.{row.state}", subject=f"call:{row.id}", body=dict(shape), now=scene.now
        )


def tell_changes(session: Session, subjects: Iterable[str], now: datetime) -> None:
    """News of cards, leads and tasks: each one's snapshot as it stands now. Calls follow the owner of their card."""
    session.flush()
    news = list(snapshots(session, subjects))
    for kind, given in GIVEN.items():
        if owners := {one.body["id"]: one.body["owner_id"] for one in news if one.type == kind}:
            given(session, owners)
    for one in news:
        outbox.enqueue(session, type=one.type, subject=one.subject, body=one.body, now=now)


def withdraw(scene: Scene, row: CallRow) -> None:
    """A call that was none: two conversations turned out to be one, or a repaired connector knows better."""
    changed = consequences.withdraw(scene.session, Channel.CALL, str(row.id), scene.now)
    tell_changes(scene.session, changed, scene.now)
    body = {"id": str(row.id), "group": row.group_id}
    outbox.enqueue(scene.session, type="call.withdrawn", subject=f"call:{row.id}", body=body, now=scene.now)
    scene.session.delete(row)
