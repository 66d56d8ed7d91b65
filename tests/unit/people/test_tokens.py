"""API tokens: shown once, limited, and gone with whoever made them."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from hub.domain.access import Permission, Reach, Role
from hub.domain.errors import Invalid, NotFound
from hub.people import tokens, users
from hub.people.models import TokenRow, UserRow
from hub.people.tokens import NewToken
from hub.people.users import NewUser

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def _token(session: Session, *roles: Role, **more: object) -> tuple[TokenRow, str]:
    return tokens.create(session, NewToken(name="script", roles=frozenset(roles), **more), NOW)  # type: ignore[arg-type]  # a test names any field


@pytest.fixture
def adam(session: Session) -> UserRow:
    new = NewUser(email="adam@example.org", name="Adam", roles=frozenset({Role.ADMINISTRATOR}))
    return users.create_user(session, new, NOW)


def test_the_secret_is_recognisable_and_not_stored(session: Session) -> None:
    row, secret = _token(session, Role.MANAGER)
    assert secret.startswith("hub_")
    assert len(secret) == 47
    assert secret not in vars(row).values()


def test_it_acts_with_its_roles(session: Session) -> None:
    _, secret = _token(session, Role.RECEPTION, extension="105")
    known = tokens.viewer_of_token(session, secret, NOW)
    assert known is not None
    assert (known.viewer.user_id, known.viewer.extension) == (None, "105")
    assert known.viewer.reach(Permission.CALLS_READ) is Reach.ALL


def test_scopes_narrow_it(session: Session) -> None:
    _, secret = _token(session, Role.RECEPTION, scopes=frozenset({Permission.LEADS_READ}))
    known = tokens.viewer_of_token(session, secret, NOW)
    assert known is not None
    assert known.viewer.can(Permission.LEADS_READ)
    assert not known.viewer.can(Permission.CALLS_READ)


@pytest.mark.parametrize("secret", ["", "hub_", "hub_x", "nothing", "hub_\ud800", "hub_" + "a" * 5000])
def test_what_is_no_token_opens_nothing(session: Session, secret: str) -> None:
    assert tokens.viewer_of_token(session, secret, NOW) is None


def test_a_revoked_token_opens_nothing(session: Session) -> None:
    row, secret = _token(session, Role.MANAGER)
    tokens.revoke(session, row.id, NOW)
    assert tokens.viewer_of_token(session, secret, NOW) is None
    with pytest.raises(NotFound):
        tokens.revoke(session, row.id + 1, NOW)


@pytest.mark.parametrize("change", [{"active": False}, {"roles": ["manager"]}])
def test_it_dies_with_its_creator_s_right_to_make_it(
    session: Session, adam: UserRow, change: dict[str, object]
) -> None:
    _, secret = _token(session, Role.MANAGER, user_id=adam.id)
    known = tokens.viewer_of_token(session, secret, NOW)
    assert known is not None
    assert (known.viewer.user_id, known.viewer.roles) == (adam.id, frozenset({Role.MANAGER}))
    for name, value in change.items():
        setattr(adam, name, value)
    assert tokens.viewer_of_token(session, secret, NOW) is None


def test_use_is_written_down(session: Session) -> None:
    row, secret = _token(session, Role.MANAGER)
    first = tokens.viewer_of_token(session, secret, NOW)
    tokens.used(session, secret, NOW)
    again = tokens.viewer_of_token(session, secret, NOW)
    assert first is not None
    assert again is not None
    assert (first.stale, again.stale) == (True, False)
    session.refresh(row)
    assert row.used_at == NOW


@pytest.mark.parametrize(("name", "roles", "field"), [("", {Role.MANAGER}, "name"), ("script", set(), "roles")])
def test_it_needs_a_name_and_a_role(session: Session, name: str, roles: set[Role], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        tokens.create(session, NewToken(name=name, roles=frozenset(roles)), NOW)
    assert refused.value.field == field
