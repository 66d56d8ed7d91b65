"""How far people, tokens and the CRM see."""

from dataclasses import replace

import pytest

from hub.domain.access import API_CLIENT, MATRIX, Permission, Reach, Role, Viewer

P = Permission


def token(*roles: Role, scopes: frozenset[Permission] | None = None) -> Viewer:
    return Viewer(user_id=None, roles=frozenset(roles), token=True, scopes=scopes)


@pytest.mark.parametrize("permission", API_CLIENT)
def test_a_token_with_the_administrators_role_is_the_crm(permission: Permission) -> None:
    assert token(Role.ADMINISTRATOR).reach(permission) is Reach.ALL
    person = Viewer(user_id=1, roles=frozenset({Role.ADMINISTRATOR}))
    assert person.reach(permission) is MATRIX[permission].get(Role.ADMINISTRATOR, Reach.NONE)


def test_scopes_narrow_and_never_widen() -> None:
    narrow = token(Role.ADMINISTRATOR, scopes=frozenset({P.CALLS_READ}))
    assert narrow.reach(P.CALLS_READ) is Reach.ALL
    assert not narrow.can(P.CALLS_WRITE)
    assert not token(Role.MANAGER, scopes=frozenset({P.EXPORT})).can(P.EXPORT)


def test_a_token_of_another_role_sees_what_that_role_sees() -> None:
    assert token(Role.SUPERVISOR).reach(P.CALLS_READ) is Reach.TEAM
    assert token(Role.MANAGER).users_in_reach(P.CALLS_READ) == frozenset()


@pytest.mark.parametrize("role", Role)
def test_no_token_makes_tokens(role: Role) -> None:
    assert not token(role).can(P.TOKENS_WRITE)


def test_whoever_breaks_the_glass_listens_and_does_no_more() -> None:
    administrator = Viewer(user_id=1, roles=frozenset({Role.ADMINISTRATOR}))
    opened = replace(administrator, glass_broken=True)
    assert not administrator.can(P.RECORDINGS_READ)
    assert opened.reach(P.RECORDINGS_READ) is Reach.ALL
    for shut in (P.RECORDINGS_DOWNLOAD, P.RECORDINGS_SHARE, P.RECORDINGS_GRADE, P.RECORDINGS_REMARK):
        assert not opened.can(shut)
    assert not replace(opened, token=True, scopes=frozenset({P.CALLS_READ})).can(P.RECORDINGS_READ)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_the_glass_is_the_administrators_alone(role: Role) -> None:
    person = Viewer(user_id=1, roles=frozenset({role}))
    assert replace(person, glass_broken=True).reach(P.RECORDINGS_READ) is person.reach(P.RECORDINGS_READ)
    assert not person.can(P.BREAK_GLASS)
