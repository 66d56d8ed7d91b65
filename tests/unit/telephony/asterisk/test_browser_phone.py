"""Which extensions of a PBX can be phones in the browser, and what they need for it."""

import pytest
from pydantic import ValidationError

from hub.telephony.providers.asterisk.browser import browser_phone
from hub.telephony.providers.asterisk.settings import AsteriskSettings

ADDRESS = "wss://pbx.example.com:8089/ws"


def settings(**more: str) -> AsteriskSettings:
    return AsteriskSettings.model_validate(
        {"host": "pbx.lan", "phone_address": ADDRESS, "phone_secrets": "101=s=cret, 102=other"} | more
    )


def test_a_browser_gets_where_to_who_and_its_password() -> None:
    phone = browser_phone(settings(), "101")
    assert phone is not None
    assert (phone.kind, phone.identity, phone.token) == ("sip", "sip:101@pbx.lan", "s=cret")
    assert (phone.address, phone.hosts) == (ADDRESS, ("wss://pbx.example.com:8089",))


def test_the_domain_may_be_another() -> None:
    phone = browser_phone(settings(phone_domain="sip.example.com"), "102")
    assert phone is not None
    assert phone.identity == "sip:102@sip.example.com"


def test_an_extension_without_a_password_and_a_pbx_without_an_address_are_none() -> None:
    assert browser_phone(settings(), "103") is None
    assert browser_phone(settings(phone_address=""), "101") is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"phone_address": "https://pbx.example.com"},
        {"phone_address": "wss://pbx.example.com; script-src *"},
        {"phone_address": "wss://pbx.example.com/ws\r\nSet-Cookie: a=b"},
        {"phone_domain": "sip.example.com;lr"},
        {"phone_secrets": "101"},
        {"phone_secrets": "=secret"},
    ],
)
def test_what_could_slip_into_a_header_is_no_setting(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        settings(**wrong)
