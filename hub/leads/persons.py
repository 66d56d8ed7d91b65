"""Who a contact is with, as keys: ``tel:+380671234567``, ``mail:anna@example.com``. One lock per person."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.domain.activity import Contacted
from hub.domain.identity import MailAddress, PhoneNumber

MAX_ADDRESSES = 10
AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The identities of one contact that may be looked for."""

    number: PhoneNumber | None = None
    addresses: tuple[str, ...] = ()
    unusable: str | None = None
    """Why there is no number to look for."""

    @classmethod
    def of(cls, contacted: Contacted) -> "Person":
        parsed = (MailAddress.parse(text) for text in contacted.addresses[:MAX_ADDRESSES])
        addresses = tuple(dict.fromkeys(found.address for found in parsed if found))
        number = contacted.number
        if number is None:
            return cls(addresses=addresses, unusable="no outside number")
        if number.e164 is None:
            return cls(addresses=addresses, unusable=_words(number))
        return cls(number=number, addresses=addresses)

    @property
    def e164(self) -> str | None:
        return self.number.e164 if self.number else None

    @property
    def keys(self) -> tuple[str, ...]:
        """Every identity as a key, the strongest first."""
        telephone = (telephone_key(self.e164),) if self.e164 else ()
        return (*telephone, *(f"mail:{address}" for address in self.addresses))

    @property
    def key(self) -> str | None:
        return self.keys[0] if self.keys else None


def _words(number: PhoneNumber) -> str:
    return "the number is withheld" if number.withheld else number.reason or "the number is not understood"


def telephone_key(e164: str) -> str:
    return f"tel:{e164}"


def lock(session: Session, keys: Iterable[str]) -> None:
    """Hold these persons until the transaction ends, so that what is decided for one is decided once.

    Always taken in one order, so two holders never wait for each other; always before a card, a lead or a
    task of theirs is held. SQLite has one writer.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    numbers = sorted({_lock_number(key) for key in keys})
    for begin in range(0, len(numbers), AT_ONCE):
        session.execute(select(*(func.pg_advisory_xact_lock(number) for number in numbers[begin : begin + AT_ONCE])))


def _lock_number(key: str) -> int:
    return int.from_bytes(blake2b(f"person:{key}".encode(), digest_size=8).digest(), "big", signed=True)
