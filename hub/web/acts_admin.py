"""What administrators do that no program does: invitations, rules, how far the set-up is. Each act is journalled."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from hub.domain import clock
from hub.domain.errors import NotFound
from hub.people import journal, passwords, users
from hub.people.models import UserRow
from hub.people.viewers import viewer_of
from hub.unit_of_work import Hub
from hub.web.acts import Desk

INVITED_FOR = timedelta(days=7)


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
