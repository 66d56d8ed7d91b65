"""Who somebody is, as far as a number or an address tells. Strings stop here."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import unquote

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType, ValidationResult, timezone

MAX_TYPED = 64
MAX_DIGITS = 15
"""No number of the world has more (E.164); some national plans know longer ones that nobody abroad can dial."""
SHORTEST_TRUSTED = 7
"""A shorter number (without its country code) is believed only where a country gives such out."""
MAX_ADDRESS = 254
TAIL_DIGITS = 9
"""How many last digits make two spellings *probably* the same number."""

WITHHELD = frozenset(
    {"", "<unknown>", "unknown", "anonymous", "restricted", "private", "unavailable", "withheld", "blocked"}
    | {"asterisk", "+266696687", "266696687", "+86282452253", "86282452253"}  # keypad spellings of "anonymous"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
"""The display name before a SIP address: the caller's own words, never the number."""
_URI = re.compile(r"(?:^|<)\s*(?:sips?:([^@>:;]+)[^@>]*@|tel:([^>;]+))", re.IGNORECASE)
"""The user part of a SIP address (without one it names a machine, not a person), or what a tel: names."""
_ACCOUNT = re.compile(r"([^@\s]+)@[\w.:\[\]-]+")
_MACHINE = re.compile(r"<?sips?:", re.IGNORECASE)
_EXTENSION = re.compile(r"\s*(?:;\s*ext=|(?:ext|x|доб|вн)\.?|,{1,3})\s*\d{1,7}$", re.IGNORECASE)
_NUMBER = re.compile(r"[\s(]*[+\uff0b]?[\d\s()\[\]./\u2010-\u2015-]*")
_LOCAL = re.compile(r"[^\s@<>(),;:\\\"\ufffd]{1,64}")
_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")

_UNREADABLE = -1
_PROBLEMS = {
    ValidationResult.TOO_SHORT: "too short to be an outside number",
    ValidationResult.TOO_LONG: "too long to be a telephone number",
    ValidationResult.INVALID_LENGTH: "no number of this length exists there",
    ValidationResult.INVALID_COUNTRY_CODE: "no such country code",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "a local number without its area code",
}
_FOREIGN = {ValidationResult.TOO_LONG, ValidationResult.INVALID_LENGTH, ValidationResult.INVALID_COUNTRY_CODE}


def clean(text: str | None, limit: int) -> str:
    """Text from outside with controls and lone surrogates replaced, trimmed and cut to `limit`."""
    return _CONTROL.sub("\ufffd", (text or "").strip())[:limit].strip()


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
        return _parsed(clean(text, MAX_TYPED + 1), region)

    @property
    def withheld(self) -> bool:
        return self.reason == "withheld"

    @property
    def tail(self) -> str | None:
        """The last nine digits, None when the number is shorter than that."""
        return tail(self.e164)


@lru_cache(maxsize=10_000)  # a call says the same few numbers many times
def _parsed(typed: str, region: str) -> PhoneNumber:
    if len(typed) > MAX_TYPED:
        return PhoneNumber(typed=typed[:MAX_TYPED], reason=_PROBLEMS[ValidationResult.TOO_LONG])
    plain = _plain(typed)
    if problem := _refusal(plain):
        return PhoneNumber(typed=typed, reason=problem)
    number, problem = _understood(plain, region)
    if number is None:
        return PhoneNumber(typed=typed, reason=problem)
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if len(e164) > MAX_DIGITS + 1:
        return PhoneNumber(typed=typed, reason=_PROBLEMS[ValidationResult.TOO_LONG])
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    return PhoneNumber(typed=typed, e164=e164, national=national)


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
        try:
            host = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return None
        address = f"{local}@{host}"
        sound = _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(host) and len(address) <= MAX_ADDRESS
        return cls(address) if sound else None


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


def zones_of(e164: str) -> tuple[str, ...]:
    """Time zones this number may be in, none when nothing is known of it."""
    try:
        zones = timezone.time_zones_for_number(phonenumbers.parse(e164))
    except NumberParseException:
        return ()
    return tuple(zone for zone in zones if zone != timezone.UNKNOWN_TIMEZONE)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a number was given out: `region` as ISO 3166 has it (``UA``), and whether certainly to a mobile phone."""

    region: str
    mobile: bool


@lru_cache(maxsize=10_000)
def origin_of(e164: str) -> Origin | None:
    """None when nothing is known of it, or when it belongs to no country (satellites, services)."""
    try:
        number = phonenumbers.parse(e164)
    except NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(number)
    if region is None or not region.isalpha():
        return None
    return Origin(region, mobile=phonenumbers.number_type(number) == PhoneNumberType.MOBILE)


def is_region(code: str) -> bool:
    """Whether `code` is a region telephone numbers are known for (``UA``)."""
    return code in phonenumbers.SUPPORTED_REGIONS


def _plain(typed: str) -> str:
    """The number without the address or name around it, its extension, and invisible marks of writing direction."""
    visible = "".join(character for character in typed if unicodedata.category(character) != "Cf")
    unnamed = _QUOTED.sub("", visible).strip()
    if uri := list(_URI.finditer(unnamed)):
        unnamed = unquote(uri[-1].group(1) or uri[-1].group(2))
    elif account := _ACCOUNT.fullmatch(unnamed):
        unnamed = account.group(1)
    return _EXTENSION.sub("", unnamed).strip()


def _refusal(plain: str) -> str | None:
    """Why this cannot be a number; what may be one holds nothing that a parser would have to skip."""
    if plain.lower() in WITHHELD:
        return "withheld"
    if _MACHINE.match(plain) or _is_ip_address(plain):
        return "the address of a machine"
    if any(character.isalpha() for character in plain):
        return "letters in the number"
    if not _NUMBER.fullmatch(plain):
        return "signs that stand in no number"
    if not any(character.isdigit() for character in plain):
        return "no digits"
    return None


def _is_ip_address(text: str) -> bool:
    try:
        return bool(ip_address(text))
    except ValueError:
        return False


def _understood(plain: str, region: str) -> tuple[phonenumbers.PhoneNumber | None, str]:
    """The number, or None and the reason."""
    number, verdict = _read(plain, region)
    if number is not None and verdict == ValidationResult.IS_POSSIBLE:
        return (None, _PROBLEMS[ValidationResult.TOO_SHORT]) if _is_inside(number) else (number, "")
    if verdict in _FOREIGN and (foreign := _as_exchanges_write(plain, region)):
        return foreign, ""
    return None, _PROBLEMS.get(verdict, "not a telephone number")


def _read(plain: str, region: str | None) -> tuple[phonenumbers.PhoneNumber | None, int]:
    try:
        number = phonenumbers.parse(plain, region)
    except NumberParseException as error:
        unknown = error.error_type == NumberParseException.INVALID_COUNTRY_CODE
        return None, ValidationResult.INVALID_COUNTRY_CODE if unknown else _UNREADABLE
    return number, phonenumbers.is_possible_number_with_reason(number)


def _is_inside(number: phonenumbers.PhoneNumber) -> bool:
    """Short enough for an extension or a service of somebody's own, and given out by no country.

    By length alone 1001 could be a number of Germany, and other plans leave such room too.
    """
    digits = phonenumbers.national_significant_number(number)
    return len(digits) < SHORTEST_TRUSTED and not phonenumbers.is_valid_number(number)


def _as_exchanges_write(plain: str, region: str) -> phonenumbers.PhoneNumber | None:
    """A number that has no place in `region`: international without its plus or behind 00 or 810, or behind the old 8.

    These are guesses, so the number must be one that is given out, and only one guess may come true.
    """
    digits = phonenumbers.normalize_digits_only(plain)
    if "+" in plain or "\uff0b" in plain:
        return None
    guesses = [f"+{digits}", *(f"+{digits.removeprefix(prefix)}" for prefix in ("00", "810"))]
    guesses += [digits[1:]] if digits.startswith("80") else []
    found = {guess: number for guess in guesses if (number := _given_out(guess, region))}
    return next(iter(found.values())) if len({str(number) for number in found.values()}) == 1 else None


def _given_out(spelling: str, region: str) -> phonenumbers.PhoneNumber | None:
    number, _ = _read(spelling, region)
    return number if number is not None and phonenumbers.is_valid_number(number) else None
