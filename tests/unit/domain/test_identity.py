"""Numbers and addresses as the world spells them: never an exception, never a wrong match."""

import string

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hub.domain.identity import MAX_TYPED, MailAddress, PhoneNumber, clean, masked, spoken, tail

ANNA = "+380671234567"
REGIONS = st.sampled_from(["UA", "LV", "RU", "US", "GB", "DE", "XX", ""])


@pytest.mark.parametrize(
    "typed",
    [
        "0671234567",
        "067 123 45 67",
        "(067)123-45-67",
        "067.123.45.67",
        "+380671234567",
        "+38 (067) 123-45-67",
        "(+380) 67 1234567",
        "+3800671234567",  # the trunk prefix left in by whoever added the country code
        "380671234567",
        "00380671234567",
        "810380671234567",
        "8 067 123 45 67",
        "٠٦٧١٢٣٤٥٦٧",
        "０６７１２３４５６７",
        "\u202a+380671234567\u202c",  # as copied from an address book of a telephone
        "067\u00a0123\u00a045\u00a067",
        "sip:0671234567@10.0.0.1",
        "sips:+380671234567@pbx.example.org:5061;transport=tls",
        "sip:%2B380671234567@10.0.0.1",
        "sip:0671234567:secret@10.0.0.1",
        "sip:+380671234567;npdi@10.0.0.1",
        '"Anna" <sip:0671234567@10.0.0.1:5060;user=phone>',
        '"<sip:0501112233@spoofed>" <sip:0671234567@10.0.0.1>',
        "Anna <sip:0671234567@10.0.0.1>",
        "0671234567@10.0.0.1",
        "tel:+380671234567",
        "tel:0671234567;phone-context=+380",
        "0671234567;ext=12",
        "+380671234567 ext. 5",
        "067-123-45-67 доб 5",
        "0671234567,,123",
        "0671234567\n",
    ],
)
def test_one_number_however_it_is_spelled(typed: str) -> None:
    number = PhoneNumber.parse(typed, "UA")
    assert (number.e164, number.national, number.reason) == (ANNA, "067 123 4567", None)
    assert number.tail == "671234567"


@pytest.mark.parametrize(
    ("typed", "region", "e164"),
    [
        ("89161234567", "RU", "+79161234567"),
        ("81048123456789", "RU", "+48123456789"),
        ("67123456", "LV", "+37167123456"),
        ("380671234567", "LV", ANNA),
        ("380671234567", "", ANNA),
        ("00380671234567", "US", ANNA),
        ("020 7946 0123", "GB", "+442079460123"),
        ("(202) 555-0123", "US", "+12025550123"),
        ("+800 1234 5678", "UA", "+80012345678"),
        ("60123", "SH", "+29060123"),  # where numbers are that short
    ],
)
def test_the_region_of_the_line_decides(typed: str, region: str, e164: str) -> None:
    assert PhoneNumber.parse(typed, region).e164 == e164


@pytest.mark.parametrize("typed", [None, "", " ", "<unknown>", "Anonymous", "RESTRICTED", "+266696687", "unavailable"])
def test_a_withheld_number_is_known_as_such(typed: str | None) -> None:
    number = PhoneNumber.parse(typed, "UA")
    assert number.withheld
    assert number.e164 is None


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("sip:anonymous@anonymous.invalid", "withheld"),
        ('"Anna" <sip:anonymous@10.0.0.1>', "withheld"),
        ("101", "too short to be an outside number"),
        ("112", "too short to be an outside number"),
        ("60123", "a local number without its area code"),
        ("+38060123", "a local number without its area code"),
        ("+", "no digits"),
        ("1" * 40, "not a telephone number"),
        ("1" * 400, "too long to be a telephone number"),
        ("abc", "letters in the number"),
        ("1-800-FLOWERS", "letters in the number"),
        ("s", "letters in the number"),
        ("0671234567\x00", "signs that stand in no number"),
        ("067\ud800123 45 67", "signs that stand in no number"),
        ("++380671234567", "signs that stand in no number"),
        ("*43", "signs that stand in no number"),
        ("#31#0671234567", "signs that stand in no number"),
        ("0671234567; DROP TABLE", "letters in the number"),
        ("0671234567/0501112233", "not a telephone number"),
        ("192.168.100.200", "the address of a machine"),
        ("sip:192.168.100.200:5060", "the address of a machine"),
        ("<sip:pbx.example.org>", "the address of a machine"),
        ("0", "not a telephone number"),
        ("+99912345678", "no such country code"),
        ("+81" + "9" * 17, "too long to be a telephone number"),
        ("212555012345678", "too long to be a telephone number"),
    ],
)
def test_what_is_no_number_says_why(typed: str, reason: str) -> None:
    number = PhoneNumber.parse(typed, "UA")
    assert (number.e164, number.national, number.reason, number.tail) == (None, None, reason, None)


@pytest.mark.parametrize("region", ["DE", "AT", "GB", "LU", "NU", "SH"])
@pytest.mark.parametrize("typed", ["101", "1001", "2000", "0000"])
def test_an_extension_is_no_number_even_where_numbers_may_be_that_short(typed: str, region: str) -> None:
    assert PhoneNumber.parse(typed, region).e164 is None


def test_what_was_typed_is_kept_within_bounds_and_storable() -> None:
    assert PhoneNumber.parse("067 123 45 67", "UA").typed == "067 123 45 67"
    assert PhoneNumber.parse("9" * 400, "UA").typed == "9" * MAX_TYPED
    assert PhoneNumber.parse("a\x00\ud800b", "UA").typed == "a\ufffd\ufffdb"


@given(st.text(max_size=90), REGIONS)
@example("\ud800", "UA")
@example("+" * 64, "UA")
@example("٠" * 64, "UA")
def test_any_text_gives_a_number_or_a_reason(text: str, region: str) -> None:
    number = PhoneNumber.parse(text, region)
    assert (number.e164 is None) != (number.reason is None)
    assert len(number.typed) <= MAX_TYPED
    number.typed.encode("utf-8")
    if number.e164:
        assert number.e164[0] == "+"
        assert number.e164[1:].isdecimal()
        assert 2 <= len(number.e164) <= 16


@given(st.text(alphabet=string.digits + '+ ()-./;,*#@:<>xsiptelext=%"', max_size=40), REGIONS)
def test_no_digit_is_invented_and_none_but_prefixes_is_lost(text: str, region: str) -> None:
    """Whatever matches ends with the digits somebody typed: a stranger's number never comes out."""
    number = PhoneNumber.parse(text, region)
    if number.e164:
        typed = phonenumbers.normalize_digits_only(text)
        assert number.e164[-4:] in typed


@given(st.sampled_from(["UA", "LV", "RU", "US", "GB", "DE", "PL", "KZ", "IT", "AR", "MX"]), REGIONS)
def test_what_the_world_writes_is_read_back_anywhere(home: str, region: str) -> None:
    sample = phonenumbers.example_number(home)
    assert sample
    e164 = phonenumbers.format_number(sample, phonenumbers.PhoneNumberFormat.E164)
    assert PhoneNumber.parse(e164, region).e164 == e164
    assert PhoneNumber.parse(spoken(e164), region).e164 == e164
    national = phonenumbers.format_number(sample, phonenumbers.PhoneNumberFormat.NATIONAL)
    assert PhoneNumber.parse(national, home).e164 == e164


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("anna@example.com", "anna@example.com"),
        (" Anna.Koval@Example.COM ", "anna.koval@example.com"),
        ("anna+tag@example.com", "anna+tag@example.com"),
        ("Пошта@приклад.укр", "пошта@xn--80aikifvh.xn--j1amh"),
    ],
)
def test_an_address_has_one_spelling(typed: str, address: str) -> None:
    assert MailAddress.parse(typed) == MailAddress(address)


@pytest.mark.parametrize(
    "typed",
    [
        None,
        "",
        "anna",
        "@example.com",
        "anna@",
        "anna@example",
        "anna@example..com",
        "an na@example.com",
        "Anna <anna@example.com>",
        "anna@example.com, boris@example.com",
        "anna@example.com\r\nBcc: x@example.com",
        "anna@-example.com",
        "a" * 65 + "@example.com",
        "anna@" + "x" * 64 + ".com",
        "anna@" + "x." * 150 + "com",
        "anna\x00@example.com",
        "anna\ud800@example.com",
        "anna@exam\ud800ple.com",
    ],
)
def test_what_is_no_address_is_none(typed: str | None) -> None:
    assert MailAddress.parse(typed) is None


@given(st.text(max_size=300))
@example("a@" + "." * 200)
@example("a@\u0378.com")
def test_any_text_is_an_address_or_none(text: str) -> None:
    found = MailAddress.parse(text)
    if found:
        assert MailAddress.parse(found.address) == found
        assert len(found.address) <= 254


def test_small_helpers() -> None:
    assert tail(ANNA) == "671234567"
    assert tail("+29012345") is None
    assert tail(None) is None
    assert masked(ANNA) == "…4567"
    assert masked(None) == "-"
    assert spoken(ANNA) == "+380 67 123 4567"
    assert spoken("101") == "101"
    assert clean("  a\x00b\ud800c  ", 4) == "a\ufffdb\ufffd"
