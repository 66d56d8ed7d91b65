"""Who somebody is, as far as a number or an address tells. Strings stop here."""

import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

MAX_TYPED = 64
MAX_ADDRESS = 254
TAIL_DIGITS = 9
"""How many last digits make two spellings *probably* the same number."""

WITHHELD = frozenset(
    {"", "<unknown>", "unknown", "anonymous", "restricted", "private", "unavailable", "withheld", "blocked"}
    | {"asterisk", "+266696687", "266696687", "+86282452253", "86282452253"}  # keypad spellings of "anonymous"
)
_SIP = re.compile(r"^(?:sips?|tel):([^@;>]+)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_LOCAL = re.compile(r"[^\s@<>(),;:\\\"\ufffd]{1,64}")
_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")
_PROBLEMS = {
    ValidationResult.TOO_SHORT: "too short to be an outside number",
    ValidationResult.TOO_LONG: "too long to be a telephone number",
    ValidationResult.INVALID_LENGTH: "no number of this length exists there",
    ValidationResult.INVALID_COUNTRY_CODE: "no such country code",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "a local number without its area code",
}


def clean(text: str | None, limit: int) -> str:
    """Text from outside with controls and lone surrogates replaced, trimmed and cut to `limit`."""
    return _CONTROL.sub("\ufffd", text or "").strip()[:limit]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneNumber:
    """A number as typed and, where it could be parsed, as the world writes it.

    `e164` None: `reason` says why, and such a number never matches anybody.
    """

    typed: str
    e164: str | None = None
    national: str | None = None
    reason: str | None = None

    @classmethod
    def parse(cls, text: str | None, region: str) -> "PhoneNumber":
        """Parse with the region (ISO 3166 alpha-2) of the line that was called. Never raises."""
        typed = clean(text, MAX_TYPED + 1)
        uri = _SIP.match(typed)
        plain = uri.group(1) if uri else typed
        if problem := _refusal(plain):
            return cls(typed=typed[:MAX_TYPED], reason=problem)
        try:
            number = phonenumbers.parse(plain, region)
        except NumberParseException:
            return cls(typed=typed, reason="not a telephone number")
        verdict = phonenumbers.is_possible_number_with_reason(number)
        if verdict != ValidationResult.IS_POSSIBLE:
            return cls(typed=typed, reason=_PROBLEMS.get(verdict, "not a telephone number"))
        return cls(
            typed=typed,
            e164=phonenumbers.format_number(number, PhoneNumberFormat.E164),
            national=phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL),
        )

    @property
    def withheld(self) -> bool:
        return self.reason == "withheld"

    @property
    def tail(self) -> str | None:
        """The last nine digits, None when the number is shorter than that."""
        return tail(self.e164)


@dataclass(frozen=True, slots=True)
class MailAddress:
    """An address in the one spelling that is compared: lower case, the domain as the DNS writes it."""

    address: str

    @classmethod
    def parse(cls, text: str | None) -> "MailAddress | None":
        """None when `text` is no address. Never raises.

        The part before the @ is folded too: the standard allows a host to tell ``Ivan@`` from ``ivan@``, none does.
        """
        plain = clean(text, MAX_ADDRESS + 1).lower()
        local, _, domain = plain.rpartition("@")
        if not local or len(plain) > MAX_ADDRESS or not _LOCAL.fullmatch(local):
            return None
        try:
            host = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return None
        return cls(f"{local}@{host}") if _DOMAIN.fullmatch(host) and len(f"{local}@{host}") <= MAX_ADDRESS else None


def _refusal(plain: str) -> str | None:
    if plain.lower() in WITHHELD:
        return "withheld"
    if len(plain) > MAX_TYPED:
        return "too long to be a telephone number"
    if any(character.isalpha() for character in plain):
        return "letters in the number"
    if sum(character.isdigit() for character in plain) == 0:
        return "no digits"
    return None


def tail(e164: str | None) -> str | None:
    """The last nine digits of an E.164 number, None when it has fewer."""
    digits = (e164 or "").lstrip("+")
    return digits[-TAIL_DIGITS:] if len(digits) >= TAIL_DIGITS else None


def masked(number: str | None) -> str:
    """A number for logs: only its last four digits."""
    return f"…{number[-4:]}" if number else "-"


def spoken(e164: str) -> str:
    """An E.164 number as people write it internationally (``+380 67 123 4567``); as it is when unparsable."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(e164), PhoneNumberFormat.INTERNATIONAL)
    except NumberParseException:
        return e164


def is_region(code: str) -> bool:
    """Whether `code` is a region telephone numbers are known for (``UA``)."""
    return code in phonenumbers.SUPPORTED_REGIONS
