"""Users and teams: one account for an address, and nobody raises themselves."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from hub.domain.access import Role, Viewer
from hub.domain.errors import Conflict, Forbidden, Invalid, NotFound
from hub.people import signin, users
from hub.people.models import UserRow
from hub.people.signin import Attempt
from hub.people.users import NewUser, UserChanges
from hub.people.viewers import viewer_of

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
ADAM = Viewer(user_id=999, roles=frozenset({Role.ADMINISTRATOR}))


def _user(session: Session, name: str = "Anna", **more: Any) -> UserRow:
    roles = more.pop("roles", frozenset({Role.MANAGER}))
    return users.create_user(session, NewUser(email=f"{name}@example.org", name=name, roles=roles, **more), NOW)


def test_one_account_for_an_address_however_it_is_written(session: Session) -> None:
    assert _user(session).email == "anna@example.org"
    with pytest.raises(Conflict):
        _user(session, "ANNA")
    assert users.user_by_email(session, " Anna@Example.org") is not None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"language": "xx"}, "language"),
        ({"team_id": 999}, "team_id"),
        ({"roles": frozenset({"king"})}, "roles"),
    ],
)
def test_wrong_values_are_refused_by_name(session: Session, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        _user(session, **wrong)
    assert refused.value.field == field


@pytest.mark.parametrize("email", ["", "anna", "anna@", "@example.org", "an na@example.org", "anna@nowhere"])
def test_what_is_no_address_is_refused(session: Session, email: str) -> None:
    with pytest.raises(Invalid):
        users.create_user(session, NewUser(email=email, name="Anna", roles=frozenset({Role.MANAGER})), NOW)


def test_an_edit_changes_what_it_names(session: Session) -> None:
    anna = _user(session)
    users.edit_user(session, anna.id, {"language": "uk", "roles": ["supervisor"]}, ADAM)
    assert (anna.language, anna.roles, anna.name) == ("uk", ["supervisor"], "Anna")


@pytest.mark.parametrize("change", [{"roles": ["administrator"]}, {"active": False}])
def test_nobody_changes_their_own_roles_or_switches_themselves_off(session: Session, change: UserChanges) -> None:
    anna = _user(session)
    with pytest.raises(Forbidden):
        users.edit_user(session, anna.id, change, Viewer(user_id=anna.id, roles=frozenset({Role.ADMINISTRATOR})))


@pytest.mark.parametrize("change", [{"active": False}, {"password": "another hash"}])
def test_a_new_password_and_an_end_close_every_session(session: Session, change: UserChanges) -> None:
    anna = _user(session)
    attempt = Attempt(user_id=anna.id, stored=None, account="", counted=())
    secret = signin.conclude(session, attempt, NOW)
    users.edit_user(session, anna.id, change, ADAM)
    anna.active = True
    assert signin.viewer_of_session(session, secret, NOW) is None


def test_who_is_not_there_cannot_be_edited(session: Session) -> None:
    with pytest.raises(NotFound):
        users.edit_user(session, 999, {}, ADAM)
    with pytest.raises(NotFound):
        users.edit_team(session, 999, "North", None)


def test_a_team_is_one_s_own_and_those_one_heads(session: Session) -> None:
    north, south = (users.create_team(session, name).id for name in ("North", "South"))
    anna, boris = _user(session, "Anna", team_id=north), _user(session, "Boris", team_id=south)
    alone, _also_alone = _user(session, "Clara"), _user(session, "Dina")
    assert viewer_of(session, anna).team == {anna.id}
    users.edit_team(session, south, None, anna.id)
    assert viewer_of(session, anna).team == {anna.id, boris.id}
    assert viewer_of(session, alone).team == {alone.id}


def test_team_names_are_unique_and_heads_exist(session: Session) -> None:
    users.create_team(session, "North")
    with pytest.raises(Conflict):
        users.create_team(session, "North")
    with pytest.raises(Invalid):
        users.create_team(session, "South", head_id=999)
