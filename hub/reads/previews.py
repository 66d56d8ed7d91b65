"""What is known of whoever calls, before anybody answers, and what came of the work that was done.

Asked for everything a board draws together: the number of questions does not grow with the number of cards on it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, literal, select, union_all
from sqlalchemy.orm import Session

from hub.domain import clock
from hub.domain.access import Permission, Viewer
from hub.domain.calls import CallState
from hub.leads.models import ChoiceRow, ContactNumberRow, ContactRow, LeadRow
from hub.reads import calls, scope
from hub.reads.shapes import CallShape
from hub.telephony.models import CallRow

EARLIER = 6
"""How many calls back one looks: enough to say what happened last, and how often in a row."""
MOST = 100
"""Calls told about at once; nobody reads more cards than this while they ring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCard:
    """A card the caller may be. `exact`: the whole number stands on it, not only its last nine digits."""

    id: int
    name: str
    company: str | None
    owner_id: int | None
    do_not_call: bool
    last_contact_at: datetime | None
    lead_id: int | None
    lead_status: str | None
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierCall:
    """A call before this one: when, which way, what came of it, and who of ours talked (else who called)."""

    at: datetime
    direction: str
    outcome: str | None
    talk_seconds: float
    user_id: int | None
    extension: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`cards`: those the caller may be and the viewer may see, the chosen one first; `earlier`: newest first.

    `settled`: a person has said already whose number this is.
    """

    cards: tuple[KnownCard, ...] = ()
    settled: bool = False
    earlier: tuple[EarlierCall, ...] = ()


NOTHING = Preview()


def previews(session: Session, viewer: Viewer, open_calls: Iterable[Mapping[str, Any]]) -> Mapping[str, Preview]:
    """What is known of the other party of these calls (shapes), by the calls' ids."""
    wanted = [call for call in open_calls if call["direction"] != "internal"][:MOST]
    if not wanted:
        return {}
    cards = _cards(session, viewer, wanted)
    earlier = _earlier(session, viewer, wanted)
    settled = _settled(session, wanted)
    return {
        call["id"]: Preview(
            cards=tuple(cards[each] for each in _candidates(call) if each in cards),
            settled=call["external_number"] in settled,
            earlier=tuple(earlier[call["id"]]),
        )
        for call in wanted
    }


def _candidates(call: Mapping[str, Any]) -> list[int]:
    """The chosen card, then the others it could be."""
    chosen = [call["contact"]["id"]] if call["contact"] else []
    return list(dict.fromkeys([*chosen, *call["match"]["candidates"]]))


def _cards(session: Session, viewer: Viewer, wanted: Sequence[Mapping[str, Any]]) -> Mapping[int, KnownCard]:
    ids = {each for call in wanted for each in _candidates(call)}
    if not ids:
        return {}
    lead = (LeadRow.contact_id == ContactRow.id) & LeadRow.current
    mine = scope.contacts(viewer.users_in_reach(Permission.LEADS_READ))
    chosen = select(ContactRow, LeadRow.id, LeadRow.status).outerjoin(LeadRow, lead)
    rows = session.execute(chosen.where(ContactRow.id.in_(ids), mine)).all()
    numbers = {call["external_number"] for call in wanted} - {None}
    having = select(ContactNumberRow.contact_id).where(
        ContactNumberRow.contact_id.in_(ids), ContactNumberRow.e164.in_(numbers)
    )
    exact = set(session.scalars(having)) if numbers else set()
    return {row.id: _card(row, lead_id, status, exact=row.id in exact) for row, lead_id, status in rows}


def _card(row: ContactRow, lead_id: int | None, status: str | None, *, exact: bool) -> KnownCard:
    return KnownCard(
        id=row.id,
        name=row.name,
        company=row.company,
        owner_id=row.owner_id,
        do_not_call=row.do_not_call,
        last_contact_at=row.last_contact_at,
        lead_id=lead_id,
        lead_status=status,
        exact=exact,
    )


def _settled(session: Session, wanted: Sequence[Mapping[str, Any]]) -> set[str]:
    """Of the numbers that stand on several cards, those a person has chosen one for."""
    unclear = {call["external_number"] for call in wanted if len(_candidates(call)) > 1} - {None}
    return set(session.scalars(select(ChoiceRow.e164).where(ChoiceRow.e164.in_(unclear)))) if unclear else set()


def _earlier(
    session: Session, viewer: Viewer, wanted: Sequence[Mapping[str, Any]]
) -> Mapping[str, Sequence[EarlierCall]]:
    """The last calls before each of these, of the same card or else of the same number, newest first."""
    mine = scope.calls(viewer.users_in_reach(Permission.CALLS_READ))
    parts = [part.where(mine) for call in wanted if (part := _before(call)) is not None]
    found: defaultdict[str, list[EarlierCall]] = defaultdict(list)
    if not parts:
        return found
    bounded = (part.order_by(CallRow.started_at.desc()).limit(EARLIER).subquery() for part in parts)
    rows = session.execute(union_all(*(select(each) for each in bounded)))
    for key, at, direction, outcome, talk_seconds, answered_by, initiated_by in rows:
        who = answered_by or initiated_by or {}
        found[key].append(
            EarlierCall(
                at=at,
                direction=direction,
                outcome=outcome,
                talk_seconds=talk_seconds,
                user_id=who.get("user_id"),
                extension=who.get("extension"),
            )
        )
    for told in found.values():
        told.sort(key=lambda call: call.at, reverse=True)
    return found


def _before(call: Mapping[str, Any]) -> Select[Any] | None:
    """The earlier calls of whoever this is; an index knows them by card and by number, newest first."""
    if call["contact"]:
        same = CallRow.contact_id == call["contact"]["id"]
    elif call["external_number"]:
        same = CallRow.external_number == call["external_number"]
    else:
        return None
    return select(
        literal(call["id"]).label("key"),
        CallRow.started_at,
        CallRow.direction,
        CallRow.outcome,
        CallRow.talk_seconds,
        CallRow.answered_by,
        CallRow.initiated_by,
    ).where(same, CallRow.started_at < clock.parse_iso(call["started_at"]), CallRow.state == CallState.ENDED)


def proofs(session: Session, viewer: Viewer, tasks: Iterable[Mapping[str, Any]]) -> Mapping[str, CallShape]:
    """The talks that closed these tasks, by id, as far as the viewer sees them."""
    ids = {task["proof"] for task in tasks if task["proof"]}
    return {shape["id"]: shape for shape in calls.visible(session, viewer, [UUID(one) for one in sorted(ids)])}


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshLead:
    """What a board tells of a new lead beside itself. `answered_at`: when somebody first talked with this person."""

    company: str | None = None
    answered_at: datetime | None = None


def fresh(session: Session, leads: Sequence[Mapping[str, Any]]) -> Mapping[int, FreshLead]:
    """By the leads' ids; of leads (shapes) the viewer sees already."""
    if not leads:
        return {}
    chosen = select(ContactRow.id, ContactRow.company).where(ContactRow.id.in_({lead["contact_id"] for lead in leads}))
    companies = dict(session.execute(chosen).all())
    touches = {UUID(touch["subject"]): lead["id"] for lead in leads for touch in lead["touches"] if _is_call(touch)}
    answered = select(CallRow.id, CallRow.answered_at).where(CallRow.id.in_(touches), CallRow.answered_at.is_not(None))
    first: dict[int, datetime] = {}
    for call_id, at in session.execute(answered) if touches else ():
        if at is not None:
            first[touches[call_id]] = min(at, first.get(touches[call_id], at))
    return {
        lead["id"]: FreshLead(company=companies.get(lead["contact_id"]), answered_at=first.get(lead["id"]))
        for lead in leads
    }


def _is_call(touch: Mapping[str, Any]) -> bool:
    return bool(touch["channel"] == "call")
