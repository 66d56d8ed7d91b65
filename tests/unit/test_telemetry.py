"""What leaves in the log: ids as they are, numbers cut, secrets gone."""

import json
import logging

import pytest

from hub.telemetry import HIDDEN, formatter, mask, masked

UUID = "01a207da-a7a0-7860-974d-d406f24d2828"


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("call from +380671234567", "call from +…4567"),
        ("0671234567 rang", "…4567 rang"),
        ("(067) 123-45-67", "(…4567"),
        ("SIP/380671234567-00000017", "SIP/…4567-…0017"),
        ("From=%2B380671234567&To=x", "From=%2B…4567&To=x"),
        ("call0671234567", "call…4567"),
        ("tel:+44 20 7946 0123;ext=7", "tel:+…0123;ext=7"),
    ],
)
def test_numbers_keep_four_digits(said: str, left: str) -> None:
    assert masked(said) == left


@pytest.mark.parametrize(
    "said",
    [
        *(UUID, UUID.replace("-", ""), "2026-11-26T10:00:00.123Z", "2026-11-26 10:00:00+02:00", "192.168.100.101:5038"),
        *("1700000000.42", "line 123456", "phone 101", "port 27015", "5432"),
    ],
)
def test_ids_moments_and_addresses_are_kept(said: str) -> None:
    assert masked(said) == said


@pytest.mark.parametrize(
    ("said", "gone"),
    [
        ("POST /hooks/desk/abcDEF_123-xyz?event=newCall", "abcDEF"),
        ("GET /hooks/desk?from=someone", "someone"),
        ("token hub_Zm9vYmFyYmF6cXV4", "Zm9v"),
        ("Authorization: Bearer abcdefgh12", "abcdefgh"),
        ("redis://:s3cret@127.0.0.1:6379/0", "s3cret"),
        ("postgresql://hub:s3cret@db/hub", "s3cret"),
        ("{'auth_token': 'abc def', 'x': 1}", "abc def"),
        ("password=hunter22&next=/", "hunter22"),
        ("api_key: abcdef", "abcdef"),
        ('body=b\'{"from": "Anna"}\'', "Anna"),
    ],
)
def test_secrets_are_gone(said: str, gone: str) -> None:
    assert gone not in masked(said)
    assert HIDDEN in masked(said)


def test_every_value_of_a_line_is_looked_at() -> None:
    line = {
        "event": "rang 0671234567",
        "auth_token": "abc",
        "raw": b"0671234567",
        "deep": {"numbers": ["+380671234567", 7], "password": "x"},
        "error": ValueError("no route to 0671234567"),
        "request_id": "12345678901234567890123456789012",
        "deliveries": [1234567890],
    }
    said = json.dumps(mask(None, "info", line))
    assert "0671234567" not in said
    assert "380671234567" not in said
    assert json.loads(said)["deep"] == {"numbers": ["+…4567", 7], "password": HIDDEN}
    assert json.loads(said)["auth_token"] == json.loads(said)["raw"] == HIDDEN
    assert json.loads(said)["request_id"] == line["request_id"]
    assert json.loads(said)["deliveries"] == [1234567890]


def test_what_libraries_say_has_the_same_form() -> None:
    record = logging.LogRecord("kombu", logging.WARNING, "", 0, "lost %s", ("redis://:s3cret@localhost",), None)
    said = json.loads(formatter().format(record))
    assert said["event"] == f"lost redis://:{HIDDEN}@localhost"
    assert (said["level"], said["logger"]) == ("warning", "kombu")
