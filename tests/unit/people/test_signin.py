"""Signing in: few tries, the same answer for everybody, sessions that end."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.domain.access import Role
from hub.domain.errors import Invalid
from hub.people import passwords, signin, users
from hub.people.models import SessionRow, SignInRow, UserRow
from hub.people.signin import ABSOLUTE, IDLE, TRIES, WINDOW, TooManyTries
from hub.people.users import NewUser

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
HASHED = passwords.hashed(PASSWORD)


@pytest.fixture
def anna(session: Session) -> UserRow:
    new = NewUser(email="anna@example.org", name="Anna", roles=frozenset({Role.MANAGER}), password=HASHED)
    return users.create_user(session, new, NOW)


def _signed_in(session: Session, now: datetime = NOW) -> str:
    return signin.conclude(session, signin.begin(session, "anna@example.org", "192.0.2.1", now), now)


def _fail(session: Session, email: str = "anna@example.org", address: str = "192.0.2.1", now: datetime = NOW) -> None:
    assert not signin.begin(session, email, address, now).fits("wrong")


def test_the_right_password_fits_however_the_address_is_written(session: Session, anna: UserRow) -> None:
    attempt = signin.begin(session, " Anna@Example.ORG ", "192.0.2.1", NOW)
    assert attempt.user_id == anna.id
    assert attempt.fits(PASSWORD)
    assert not attempt.fits(PASSWORD + "!")


def test_who_does_not_exist_is_hashed_for_as_well(session: Session) -> None:
    """The hasher works as long as for anybody, so that time tells nothing."""
    attempt = signin.begin(session, "nobody@example.org", "192.0.2.1", NOW)
    assert attempt.user_id is None
    assert not attempt.fits("nobody has this password")


@pytest.mark.parametrize("away", [{"active": False}, {"password": None}])
def test_who_may_not_sign_in_gets_the_same_answer(session: Session, anna: UserRow, away: dict[str, None]) -> None:
    for name, value in away.items():
        setattr(anna, name, value)
    assert not signin.begin(session, anna.email, "192.0.2.1", NOW).fits(PASSWORD)


@pytest.mark.usefixtures("anna")
def test_ten_failures_close_the_account_for_a_quarter_of_an_hour(session: Session) -> None:
    for number in range(TRIES):
        _fail(session, address=f"192.0.2.{number}", now=NOW + timedelta(seconds=number))
    with pytest.raises(TooManyTries) as refused:
        signin.begin(session, "anna@example.org", "198.51.100.1", NOW + timedelta(minutes=5))
    assert refused.value.after == timedelta(minutes=10)
    assert signin.begin(session, "anna@example.org", "198.51.100.1", NOW + WINDOW).fits(PASSWORD)


def test_ten_failures_close_a_network_address_for_every_account(session: Session) -> None:
    for number in range(TRIES):
        _fail(session, email=f"user{number}@example.org")
    with pytest.raises(TooManyTries):
        signin.begin(session, "somebody@example.org", "192.0.2.1", NOW)


@pytest.mark.usefixtures("anna")
def test_a_success_forgets_the_account_s_failures_but_not_the_address_s(session: Session) -> None:
    for number in range(TRIES - 1):
        _fail(session, email=f"user{number}@example.org")
    _signed_in(session)
    _fail(session, email="user@example.org")
    with pytest.raises(TooManyTries):
        signin.begin(session, "anna@example.org", "192.0.2.1", NOW)


@pytest.mark.usefixtures("anna")
def test_old_failures_are_forgotten(session: Session) -> None:
    _fail(session)
    signin.begin(session, "anna@example.org", "192.0.2.1", NOW + WINDOW)
    assert session.scalar(select(func.count()).select_from(SignInRow)) == 2


def test_the_session_is_the_user_s(session: Session, anna: UserRow) -> None:
    known = signin.viewer_of_session(session, _signed_in(session), NOW)
    assert known is not None
    assert (known.viewer.user_id, known.viewer.name, known.viewer.roles) == (anna.id, "Anna", frozenset({Role.MANAGER}))


@pytest.mark.usefixtures("anna")
def test_each_sign_in_is_a_new_session_and_no_secret_is_stored(session: Session) -> None:
    secrets = {_signed_in(session), _signed_in(session)}
    digests = set(session.scalars(select(SessionRow.digest)))
    assert len(secrets) == len(digests) == 2
    assert not secrets & digests


@pytest.mark.usefixtures("anna")
def test_a_session_ends_when_idle_when_old_and_when_left(session: Session) -> None:
    secret = _signed_in(session)
    assert signin.viewer_of_session(session, secret, NOW + IDLE - timedelta(seconds=1)) is not None
    assert signin.viewer_of_session(session, secret, NOW + IDLE) is None
    signin.seen(session, secret, NOW + ABSOLUTE - timedelta(seconds=1))
    assert signin.viewer_of_session(session, secret, NOW + ABSOLUTE - timedelta(seconds=1)) is not None
    assert signin.viewer_of_session(session, secret, NOW + ABSOLUTE) is None
    signin.sign_out(session, secret)
    assert signin.viewer_of_session(session, secret, NOW) is None


@pytest.mark.usefixtures("anna")
def test_use_is_written_down_now_and_then(session: Session) -> None:
    secret = _signed_in(session)
    soon, later = (signin.viewer_of_session(session, secret, NOW + timedelta(minutes=wait)) for wait in (4, 6))
    assert soon is not None
    assert later is not None
    assert (soon.stale, later.stale) == (False, True)


def test_a_user_switched_off_is_out_at_once(session: Session, anna: UserRow) -> None:
    secret = _signed_in(session)
    anna.active = False
    assert signin.viewer_of_session(session, secret, NOW) is None


@pytest.mark.parametrize("password", ["short", "x" * 201])
def test_passwords_too_short_or_too_long_are_refused(password: str) -> None:
    with pytest.raises(Invalid, match="10 to 200"):
        passwords.hashed(password)
