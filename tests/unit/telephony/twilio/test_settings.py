"""What an administrator may say of a Twilio account, how phones are spelled, and passes for browsers."""

from datetime import timedelta
from typing import Any

import jwt
import pytest
from pydantic import ValidationError

from hub.domain import clock
from hub.domain.errors import Invalid, Misconfigured
from tests.standins.twilio.exchange import ACCOUNT
from tests.unit.telephony.twilio.hub_side import CONNECTOR, settings

KEY, APP, SECRET = "SK" + "1" * 32, "AP" + "2" * 32, "a secret of a key that does not exist"


@pytest.mark.parametrize(
    ("setting", "value", "why"),
    [
        ("account_sid", "AC12", "AC"),
        ("auth_token", "", "at least 1"),
        ("public_url", "hub.example.org", "expects an address"),
        ("public_url", "ftp://hub.example.org", "expects an address"),
        ("public_url", "https://anna:secret@hub.example.org", "without user"),
        ("public_url", "https://my_hub.example.org", "without _"),
        ("public_url", "https://hub.example.org/?a=b", "without user"),
        ("public_url", "https://hub.example.org:port", "expects an address"),
        ("api_base", "http://api.example.com", "expects https"),
        ("api_key_sid", "SK1", "SK"),
        ("region", "XX", "two-letter"),
        ("lines", "020 7946 0000", "\\+442079460000"),
        ("caller_id", "anna", "\\+442079460000"),
        ("fallback_phone", "101", "client:anna"),
        ("language", "English please", "match"),
        ("recording_channels", "DialVerb=left", "us-client"),
        ("voicemail_seconds", "0", "greater"),
        ("flavour", "sweet", "not permitted"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_with_what_is_expected(setting: str, value: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        settings(**{setting: value})


def test_settings_are_kept_in_one_spelling() -> None:
    said = settings(
        public_url="https://hub.example.org/",
        api_base="http://127.0.0.1:9999/",
        lines="+44 20 7946 0000, +44 (20) 7946-0001",
        region="gb",
        recording_channels="DialVerb=client-us, Trunking=us-client",
    )
    assert (said.public_url, said.api_base) == ("https://hub.example.org", "http://127.0.0.1:9999")
    assert (said.lines, said.shown, said.region) == (("+442079460000", "+442079460001"), "+442079460000", "GB")
    assert said.channels == {"DialVerb": "client-us", "Trunking": "us-client"}


@pytest.mark.parametrize(
    ("typed", "spelled"),
    [
        ("client:anna", "client:anna"),
        (" client:Anna_2 ", "client:Anna_2"),
        ("sip:Anna@Example.SIP.twilio.com", "sip:Anna@example.sip.twilio.com"),
        ("sip:anna@example.sip.twilio.com:5061;transport=tls", "sip:anna@example.sip.twilio.com"),
        ("+44 20 7946 0199", "+442079460199"),
    ],
)
def test_a_phone_has_one_spelling(typed: str, spelled: str) -> None:
    assert CONNECTOR.phone(typed) == spelled


@pytest.mark.parametrize(
    "typed", ["", "101", "anna", "client:", "client:anna@example.com", "sip:", "sip:anna", "+12", "+"]
)
def test_what_is_no_phone_is_refused_with_what_is_expected(typed: str) -> None:
    with pytest.raises(Invalid, match="expected client:anna"):
        CONNECTOR.phone(typed)


def _with_phones(**more: Any) -> Any:
    return settings(api_key_sid=KEY, api_key_secret=SECRET, app_sid=APP, **more)


def test_a_browser_gets_a_pass_for_its_own_name_alone() -> None:
    phone = CONNECTOR.browser_phone(_with_phones(home_region="ie1"), "client:anna")
    assert phone is not None
    assert (phone.kind, phone.identity) == ("twilio", "anna")
    assert timedelta(minutes=55) < phone.expires_at - clock.now() <= timedelta(hours=1)
    said = jwt.decode(phone.token, SECRET, algorithms=["HS256"])
    voice = {"incoming": {"allow": True}, "outgoing": {"application_sid": APP}}
    assert said["grants"] == {"identity": "anna", "voice": voice}
    assert (said["iss"], said["sub"]) == (KEY, ACCOUNT)
    assert abs(said["exp"] - phone.expires_at.timestamp()) < 5
    header = jwt.get_unverified_header(phone.token)
    assert (header["cty"], header["twr"]) == ("twilio-fpa;v=1", "ie1")


def test_other_phones_are_no_browsers() -> None:
    assert CONNECTOR.browser_phone(_with_phones(), "+442079460199") is None


def test_without_a_key_and_an_app_there_are_no_browsers() -> None:
    with pytest.raises(Misconfigured, match="api_key_sid, api_key_secret, app_sid: not set"):
        CONNECTOR.browser_phone(settings(), "client:anna")
