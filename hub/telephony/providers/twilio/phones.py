"""Phones as Twilio spells them: browsers (``client:anna``), SIP phones (``sip:anna@…``), telephones (``+380…``)."""

import re

from hub.domain.dialing import PHONE
from hub.domain.errors import Invalid
from hub.domain.identity import PhoneNumber

BROWSER, SIP = "client:", "sip:"
OWN_SIP_HOSTS = re.compile(r"\.sip(\.[a-z0-9-]+)*\.twilio\.com$")
_IDENTITY = re.compile(r"[A-Za-z0-9_]{1,90}")
_SIP = re.compile(r"sips?:([A-Za-z0-9_.+-]+)@([A-Za-z0-9.-]+)(?::\d{1,5})?(?:[;?].*)?", re.IGNORECASE)
EXPECTED = "expected client:anna (letters, digits and _), sip:anna@example.sip.twilio.com or +442079460000"


def spelled(phone: str) -> str:
    """A phone in the one spelling events use; Invalid says what is expected."""
    typed = phone.strip()
    found = _browser(typed) or _sip(typed) or _number(typed)
    if found is None or not PHONE.fullmatch(found):
        raise Invalid(f"got {typed[:80]!r}: {EXPECTED}", "extensions")
    return found


def shown(phone: str) -> str:
    """The same for what Twilio tells: what it cannot be, it stays."""
    try:
        return spelled(phone)
    except Invalid:
        return phone


def identity(phone: str) -> str | None:
    """The name a browser phone signs in with; None when the phone is no browser."""
    return phone.removeprefix(BROWSER) if phone.startswith(BROWSER) else None


def is_number(phone: str) -> bool:
    """Whether the phone is an ordinary telephone, where anything may pick up."""
    return phone.startswith("+")


def is_ours(caller: str) -> bool:
    """Whether only one of our own phones can call like this: a browser, or a phone of our SIP domain."""
    sip = _SIP.fullmatch(caller)
    return caller.startswith(BROWSER) or bool(sip and OWN_SIP_HOSTS.search(sip[2].lower()))


def _browser(typed: str) -> str | None:
    name = identity(typed)
    return typed if name is not None and _IDENTITY.fullmatch(name) else None


def _sip(typed: str) -> str | None:
    """Without port and parameters, which differ from one registration to the next."""
    found = _SIP.fullmatch(typed)
    return f"{SIP}{found[1]}@{found[2].lower()}" if found else None


def _number(typed: str) -> str | None:
    return PhoneNumber.parse(typed, "ZZ").e164 if typed.startswith("+") else None
