"""What follows from a call: whose it is, the lead, the task and the timeline, and the news of all of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hub.crm import outbox
from hub.domain.activity import CallKind, Channel, Contacted
from hub.domain.calls import Direction
from hub.domain.identity import PhoneNumber
from hub.inbox.connections import Connection
from hub.leads import consequences
from hub.reads.ours import Ours
from hub.reads.shapes import call_shapes
from hub.reads.snapshots import snapshot
from hub.telephony import belonging, dials
from hub.telephony.models import CallRow
from hub.unit_of_work import Hub

GIVEN = {"contact.changed": belonging.card_given, "lead.changed": belonging.lead_given}
"""Cards and leads may have got another owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The transaction we are in, and what is ours on this connection."""

    hub: Hub
    session: Session
    connection: Connection
    ours: Ours
    now: datetime


def settle(scene: Scene, row: CallRow, *, new: bool = False) -> None:
    """Match a call and bring card, lead, task and timeline in line with how it stands now. `new`: never told before."""
    window = scene.hub.rules.lead_window_days
    consequence = consequences.settle(scene.session, contacted(scene, row), scene.now, window, new=new)
    row.contact_id = consequence.match.contact_id
    row.owner_id = consequence.owner_id
    row.certainty = consequence.match.certainty
    row.why = consequence.match.why
    row.candidates = list(consequence.match.candidates)
    row.lead_id = consequence.lead_id
    belonging.owned(scene.session, row, consequence.lead_owner_id)
    tell_changes(scene.session, consequence.changed, scene.now)


def settle_again(scene: Scene, row: CallRow) -> None:
    """The same for a call that did not change itself: a card was made or somebody said whose number this is."""
    before = _verdict(row)
    settle(scene, row)
    if _verdict(row) != before:
        row.version += 1
        tell(scene, [row])


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
    for subject in subjects:
        kind, body = snapshot(session, subject)
        if (given := GIVEN.get(kind)) is not None:
            given(session, body["id"], body["owner_id"])
        outbox.enqueue(session, type=kind, subject=subject, body=body, now=now)


def withdraw(scene: Scene, row: CallRow) -> None:
    """A call that was none: two conversations turned out to be one, or a repaired connector knows better."""
    changed = consequences.withdraw(scene.session, Channel.CALL, str(row.id), scene.now)
    tell_changes(scene.session, changed, scene.now)
    body = {"id": str(row.id), "group": row.group_id}
    outbox.enqueue(scene.session, type="call.withdrawn", subject=f"call:{row.id}", body=body, now=scene.now)
    scene.session.delete(row)
