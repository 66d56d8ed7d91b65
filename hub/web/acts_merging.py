"""Two cards made one by a person, and parted again: cards, leads and tasks with their calls, in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from typing_extensions import TypedDict

from hub import pipeline, settling
from hub.domain import clock
from hub.domain.access import Permission
from hub.leads import merging
from hub.leads.models import ContactRow, MergeRow
from hub.reads import cards as card_reads
from hub.reads.shapes import ContactShape, Id, Moment, contact_shapes
from hub.settling import Scene
from hub.telephony import moving
from hub.web.acts import Act, Desk, acting

WRITE = Permission.LEADS_WRITE


class MergeShape(TypedDict):
    """Two cards that became one. `contact`: the card that stays or, undone, the one that is back; `until`: how long
    they can be parted again, null when they were."""

    id: Id
    contact: ContactShape
    gone: str
    at: Moment
    until: Moment | None


def merge(desk: Desk, kept_id: int, gone_id: int) -> MergeShape:
    """Everything of one card moves to the other, which stays; both have to be one's own to change."""
    with acting(desk) as act:
        for each in (kept_id, gone_id):
            card_reads.require(act.session, desk.viewer, each, WRITE)
        scenes = _scenes(desk, act, (kept_id, gone_id))
        things = moving.taken(act.session, gone_id)
        by_lead = moving.of_leads(act.session, merging.current_leads(act.session, kept_id, gone_id))
        outcome = merging.merge(act.session, kept_id, gone_id, desk.viewer.user_id, act.now)
        moving.give(act.session, things, kept_id, of=None)
        lead_calls: list[str] = []
        for lead_id, into in outcome.leads.items():
            lead_calls = by_lead.get(lead_id, [])
            moving.join(act.session, lead_calls, into, of=None)
        outcome.row.moved = {**outcome.row.moved, **things, "lead_calls": lead_calls}
        _tell(act, scenes, outcome.changed, [*things["calls"], *lead_calls])
        act.wrote("contact.merged", f"contact:{kept_id}", gone=gone_id, merge=outcome.row.id)
        return _shape(act, outcome.row, kept_id)


def undo_merge(desk: Desk, merge_id: int) -> MergeShape:
    """Part two cards again; NotFound when the card that stayed is out of sight."""
    with acting(desk) as act:
        row = merging.require(act.session, merge_id)
        kept_id = row.kept_id
        card_reads.require(act.session, desk.viewer, kept_id, WRITE)
        scenes = _scenes(desk, act, (kept_id,))
        outcome = merging.undo(act.session, merge_id, act.now)
        moved: Mapping[str, Any] = outcome.row.moved
        moving.give(act.session, moved, outcome.contact_id, of=kept_id)
        for restored in outcome.leads.values():
            moving.join(act.session, moved["lead_calls"], restored, of=moved["absorbed"]["into"])
        _tell(act, scenes, outcome.changed, [*moved["calls"], *moved["lead_calls"]])
        act.wrote("contact.parted", f"contact:{kept_id}", back=outcome.contact_id, merge=merge_id)
        return _shape(act, outcome.row, outcome.contact_id)


def _scenes(desk: Desk, act: Act, cards: Sequence[int]) -> Mapping[int, Scene]:
    """Hold the connections of their calls, in the pipeline's order: first these, then the persons."""
    ids = moving.connections(act.session, cards)
    return {each: pipeline.open_scene(desk.hub, act.session, each) for each in ids}


def _tell(act: Act, scenes: Mapping[int, Scene], changed: Iterable[str], calls: Iterable[str]) -> None:
    """News of all of it; the calls name another card now."""
    settling.tell_changes(act.session, changed, act.now)
    rows = moving.rows(act.session, dict.fromkeys(calls))
    for row in rows:
        row.version += 1
    for connection_id, scene in scenes.items():
        settling.tell(scene, [row for row in rows if row.connection_id == connection_id])


def _shape(act: Act, row: MergeRow, contact_id: int) -> MergeShape:
    card = act.session.get_one(ContactRow, contact_id)
    return {
        "id": row.id,
        "contact": contact_shapes(act.session, [card])[0],
        "gone": str(row.gone["name"]),
        "at": clock.iso(row.at),
        "until": None if row.undone_at else clock.iso(row.at + merging.UNDO_FOR),
    }
