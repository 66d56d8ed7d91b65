"""What administrators do that no program does: invitations, rules, how far the set-up is. Each act is journalled."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any, Literal

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer
from pydantic import Field
from sqlalchemy.orm import Session

from hub.domain import clock
from hub.domain.errors import Forbidden, NotFound
from hub.leads import rules
from hub.leads.rules import ANY_LINE, Place, Rule
from hub.people import journal, passwords, users
from hub.people.models import UserRow
from hub.people.viewers import viewer_of
from hub.reads.setup import GUIDE
from hub.unit_of_work import Hub
from hub.web.acts import Desk
from hub.web.api.inputs import Body

INVITED_FOR = timedelta(days=7)
LONGEST_DEADLINE = 7 * 24 * 60
Rung = Literal["answered_by", "card_owner", "line_owner"]


class RuleBody(Body):
    """What a kind of contact causes; `owners`: who is asked first, second and third."""

    create_contact: bool
    open_lead: bool
    open_task: bool
    owners: Annotated[list[Rung], Field(max_length=3)]
    deadline_minutes: Annotated[int, Field(ge=1, le=LONGEST_DEADLINE)]

    def rule(self) -> Rule:
        owners = (*dict.fromkeys(self.owners), "default")
        return Rule(**self.model_dump(exclude={"owners"}), owners=owners)


def set_rule(desk: Desk, place: Place, rule: Rule) -> None:
    """The rule of a place, from the next contact on."""
    with desk.hub.unit_of_work() as session:
        was = rules.table(session).get(place)
        rules.keep(session, place, rule)
        _rule_changed(desk, session, place, was, rule)


def drop_rule(desk: Desk, place: Place) -> None:
    """A line's own rule goes; the one for all lines becomes what it was at first."""
    usual = {Place(str(kind), known): rule for (kind, known), rule in rules.DEFAULTS.items()}.get(place)
    with desk.hub.unit_of_work() as session:
        was = rules.table(session).get(place)
        if place.line != ANY_LINE or usual is None:
            rules.drop(session, place)
        else:
            rules.keep(session, place, usual)
        _rule_changed(desk, session, place, was, usual)


def _rule_changed(desk: Desk, session: Session, place: Place, was: Rule | None, now: Rule | None) -> None:
    told = {name: rule and asdict(rule) for name, rule in (("was", was), ("became", now))}
    journal.append(session, desk.viewer, "rule.changed", f"rule:{place}"[:64], clock.now(), **told)


def invite(desk: Desk, user_id: int) -> str:
    """The word of a link with which this user chooses a password: once, within `INVITED_FOR`."""
    with desk.hub.unit_of_work() as session:
        row = users.user(session, user_id)
        journal.append(session, desk.viewer, "user.invited", f"user:{user_id}", clock.now())
        return str(_signer().dumps([row.id, _state(row)]))


def invited(hub: Hub, word: str) -> str:
    """The address of whoever is invited; NotFound when the invitation was used, is too old, or is none."""
    with hub.reading() as session:
        row = session.get(UserRow, _invited_id(word))
        return _still(row, word).email


def join(hub: Hub, word: str, password: str) -> str:
    """Choose the password; the address to sign in with. Invalid when the password is none."""
    invited(hub, word)
    secret = passwords.hashed(password)
    with hub.unit_of_work() as session:
        row = _still(session.get(UserRow, _invited_id(word)), word)
        users.edit_user(session, row.id, {"password": secret}, viewer_of(session, row))
        journal.append(session, viewer_of(session, row), "user.joined", f"user:{row.id}", clock.now())
        return row.email


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="invitation")


def _state(row: UserRow) -> str:
    """Changes with the password and the address: what was made for the old ones fits no more."""
    return hashlib.sha256(f"{row.email} {row.password}".encode()).hexdigest()[:16]


def _read(word: str) -> Sequence[object]:
    try:
        said = _signer().loads(word, max_age=int(INVITED_FOR.total_seconds()))
    except BadData as error:
        raise NotFound("no such invitation") from error
    return said if isinstance(said, list) else ()


def _invited_id(word: str) -> int:
    return int(str(_read(word)[0]))


def _still(row: UserRow | None, word: str) -> UserRow:
    if row is None or not row.active or _read(word)[1] != _state(row):
        raise NotFound("no such invitation")
    return row


def check_step(desk: Desk, step: str) -> None:
    """An administrator says that this step of the set-up is right as it is."""
    with desk.hub.unit_of_work() as session:
        row = users.user(session, _me(desk))
        told = _guide(row)
        row.preferences = row.preferences | {GUIDE: told | {"checked": sorted({*told.get("checked", ()), step})}}
        journal.append(session, desk.viewer, "guide.checked", f"guide:{step}", clock.now())


def put_guide(desk: Desk, *, away: bool) -> None:
    """Put one's own guide away, or take it out again; a habit of one's own, and no matter for the journal."""
    with desk.hub.unit_of_work() as session:
        row = users.user(session, _me(desk))
        row.preferences = row.preferences | {GUIDE: _guide(row) | {"away": away}}


def _guide(row: UserRow) -> dict[str, Any]:
    told: dict[str, Any] = row.preferences.get(GUIDE) or {}
    return told


def _me(desk: Desk) -> int:
    if desk.viewer.user_id is None:
        raise Forbidden("only people set Hub up")
    return desk.viewer.user_id
