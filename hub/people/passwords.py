"""Passwords: argon2id, a bounded number at a time, the same work for people who do not exist."""

import threading
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from hub.domain.errors import Invalid, Transient

SHORTEST, LONGEST = 10, 200
AT_ONCE = 2
"""Each hashing takes 64 MiB for a moment; more at a time would let sign-ins starve the machine."""
PATIENCE_SECONDS = 5

_hasher = PasswordHasher()
_slots = threading.BoundedSemaphore(AT_ONCE)


def hashed(password: str) -> str:
    """argon2id in its own notation; Invalid when the password is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid(f"a password has {SHORTEST} to {LONGEST} characters", "password")
    with _Slot():
        return _hasher.hash(_bytes(password))


def fits(stored: str | None, password: str) -> bool:
    """Whether `password` belongs to `stored`; None (nobody, or may not sign in) takes as long and never fits."""
    with _Slot():
        try:
            _hasher.verify(stored or _nobodys(), _bytes(password[: LONGEST + 1]))
        except (VerifyMismatchError, InvalidHashError):
            return False
    return stored is not None


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _hasher.hash("nobody has this password")


class _Slot:
    """One of the places at the hasher; Transient when none comes free in time."""

    def __enter__(self) -> None:
        if not _slots.acquire(timeout=PATIENCE_SECONDS):
            raise Transient("too many people are signing in at this moment")

    def __exit__(self, *_: object) -> None:
        _slots.release()
