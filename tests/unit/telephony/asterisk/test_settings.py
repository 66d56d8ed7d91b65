"""What an administrator may say of a PBX, and what is said back when it is wrong."""

import pytest
from pydantic import ValidationError

from hub.telephony.providers.asterisk import AsteriskSettings
from tests.unit.telephony.asterisk.captures import SETTINGS


def test_freepbx_needs_nothing_but_the_way_in() -> None:
    settings = AsteriskSettings.model_validate({"host": "pbx", "username": "hub", "secret": "s", "port": "5038"})
    assert settings.is_extension("101")
    assert not settings.is_extension("02079460000")
    assert settings.is_inbound("from-trunk-pjsip-operator")
    assert settings.is_internal("from-internal-xfer")
    assert not settings.is_inbound("from-internal")


def test_lists_are_typed_with_commas() -> None:
    settings = AsteriskSettings.model_validate({"trunks": "PJSIP/one, DAHDI/g0,", "lines": ["+442079460000"]})
    assert (settings.trunks, settings.lines) == (("PJSIP/one", "DAHDI/g0"), ("+442079460000",))
    assert settings.is_trunk("PJSIP/one")
    assert settings.is_trunk("DAHDI/g0/02079460123")
    assert not settings.is_trunk("PJSIP/one-more")


@pytest.mark.parametrize("shown", ["380445551200", "+380445551200", "0445551200", "+380 (44) 555-12-00"])
def test_a_line_is_spelled_as_it_was_configured(shown: str) -> None:
    assert SETTINGS.line(shown) == "+380445551200"


@pytest.mark.parametrize("shown", ["+380445559999", "5551200", "s"])
def test_a_line_nobody_configured_stays_as_shown(shown: str) -> None:
    assert SETTINGS.line(shown) == shown


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("extensions", "^1(", "expects a regular expression such as"),
        ("feature_codes", "*xx", "expects a regular expression such as"),
        ("lines", "+44 20 7946 0000, reception", "'reception' is none"),
        ("region", "Ukraine", "expects a two-letter country code such as GB"),
        ("timezone", "Kyiv", "expects a time zone name such as Europe/Kyiv"),
        ("timezone", "../etc/passwd", "expects a time zone name"),
        ("host", "pbx\r\nAction: Originate", "expects a host name or an address"),
        ("port", "99999", "less than or equal to 65535"),
        ("trunk", "PJSIP/one", "Extra inputs are not permitted"),
    ],
)
def test_a_wrong_value_is_told_what_was_expected(name: str, value: str, expected: str) -> None:
    with pytest.raises(ValidationError) as refused:
        AsteriskSettings.model_validate({name: value})
    (problem,) = refused.value.errors()
    assert problem["loc"] == (name,)
    assert expected in problem["msg"]


def test_settings_are_the_same_after_being_stored() -> None:
    assert AsteriskSettings.model_validate_json(SETTINGS.model_dump_json()) == SETTINGS


def test_the_secret_is_not_shown() -> None:
    assert "hush" not in repr(AsteriskSettings.model_validate({"secret": "hush", "cdr": "mysql://u:hush@pbx/db"}))
