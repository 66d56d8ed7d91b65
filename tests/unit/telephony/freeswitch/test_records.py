"""Pushed records: who may push, what is not understood, and what a record without its neighbours tells."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from hub.domain.calls import LegOutcome
from hub.domain.delivery import Delivery, Fact
from hub.domain.errors import Unauthentic, Unrecognised
from hub.telephony.providers.freeswitch import FreeSwitchConnector, FreeSwitchSettings
from tests.standins.freeswitch import conversations
from tests.standins.freeswitch.channels import posted
from tests.unit.telephony.freeswitch.test_conversations import CLIENT, MONDAY, call, recorded

SECRET = "secret-of-the-test-switch"
SWITCH = FreeSwitchConnector()
RECORD = conversations.answered(MONDAY, CLIENT).legs[0].record()


def pushed(body: bytes = b"{}", path: str = SECRET, proof: str = "", **settings: Any) -> Delivery:
    return Delivery(
        connection_id=1,
        body=body,
        path=path,
        headers={"authorization": proof} if proof else {},
        received_at=datetime(2026, 11, 23, 12, tzinfo=UTC),
        settings=FreeSwitchSettings(secret=SecretStr(SECRET), **settings),
    )


def basic(said: bytes) -> str:
    return f"Basic {b64encode(said).decode()}"


def test_whoever_knows_the_address_may_push_and_the_secret_is_not_kept() -> None:
    SWITCH.verify(pushed())
    kept = SWITCH.kept(pushed(proof=basic(b"pbx:a password")))
    assert (kept.path, dict(kept.headers)) == ("", {})
    for path in ("", "wrong", f"{SECRET}/more", "пароль", SECRET.upper()):
        with pytest.raises(Unauthentic):
            SWITCH.verify(pushed(path=path))


def test_with_a_password_the_address_is_not_enough() -> None:
    asked: dict[str, Any] = {"record_user": "pbx", "record_password": "a password"}
    SWITCH.verify(pushed(proof=basic(b"pbx:a password"), **asked))
    SWITCH.verify(pushed(proof=basic(b"pbx:a password").replace("Basic", "basic"), **asked))
    wrong = ("", "Basic", "Basic ###", "Basic cGJ4", "Bearer cGJ4OmEgcGFzc3dvcmQ=", basic(b"pbx:other"), basic(b"\xff"))
    for proof in wrong:
        with pytest.raises(Unauthentic):
            SWITCH.verify(pushed(proof=proof, **asked))


def test_the_address_is_what_the_module_is_told() -> None:
    shown = SWITCH.addresses(FreeSwitchSettings(secret=SecretStr(SECRET)), "https://hub.example.org/hooks/pbx")
    assert shown == {"url of json_cdr.conf": f"https://hub.example.org/hooks/pbx/{SECRET}"}


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"cdr=", b"cdr=%7B", b"[]", b"null", b"cdr=!!!!", b"\x00\xff", b"[" * 100_000, b"cdr=e30="),
        *(b"{}", b'{"variables": []}', b'{"variables": {"uuid": 7}}', b'{"variables": {"uuid": "no uuid"}}'),
        json.dumps({"variables": {"uuid": "5d0f7f7e-56a7-4be4-8df5-3f3e3fbe3c11", "end_uepoch": "0"}}).encode(),
        json.dumps({"variables": {"uuid": "5d0f7f7e-56a7-4be4-8df5-3f3e3fbe3c11", "end_uepoch": "9" * 30}}).encode(),
    ],
)
def test_what_is_no_record_is_unrecognised(body: bytes) -> None:
    with pytest.raises(Unrecognised):
        SWITCH.translate(pushed(body))


@pytest.mark.parametrize("odd", [None, 7, [], [[]], {}, {"uuid": []}, "text", ["\x00"], [None, {"caller_profile": 3}]])
@pytest.mark.parametrize("part", ["callflow", "app_log", "channel_data", "switchname"])
def test_odd_parts_of_a_record_do_no_harm(part: str, odd: Any) -> None:
    facts = SWITCH.translate(pushed(json.dumps(RECORD | {part: odd}).encode()))
    assert call(one for one in facts if isinstance(one, Fact)).duration_seconds == 68.0


def test_hostile_names_are_cut_and_harmless() -> None:
    leg = conversations.gave_up(MONDAY, CLIENT).legs[0]
    leg.name = "Robert\x00\n" + "x" * 5000
    one = call(recorded([leg]))
    assert one.name is not None
    assert (len(one.name) <= 300, one.name.isprintable()) == (True, True)


def test_without_the_called_legs_records_it_is_still_known_who_picked_up() -> None:
    one = call(recorded(conversations.answered(MONDAY, CLIENT).legs[:1]))
    assert (one.answered_by, one.talk_seconds, one.reason) == ("102", 60.0, None)


def test_without_the_called_legs_records_the_disposition_says_why() -> None:
    root, phone = conversations.rang_out(MONDAY, CLIENT, "USER_BUSY", "phone busy").legs
    assert call(recorded([root])).reason == "phone busy"
    root, _ = conversations.unreached(MONDAY, CLIENT, "USER_BUSY", "busy").legs
    assert call(recorded([root])).outcome == "busy"
    assert call(recorded([phone])).legs[0].outcome is LegOutcome.BUSY


def test_a_called_legs_record_that_comes_first_already_names_the_call() -> None:
    held = conversations.answered(MONDAY, CLIENT)
    first = call(recorded(held.legs[1:]))
    assert (first.id, first.direction, first.ended_at) == (held.call, "inbound", None)
    assert (first.number, first.answered_by) == (CLIENT, "102")


def test_a_record_posted_again_is_the_same_delivery() -> None:
    body, _ = posted(RECORD)
    assert SWITCH.key(pushed(body)) == SWITCH.key(pushed(body))


def test_a_queue_is_named_and_its_agents_belong_to_the_callers_call() -> None:
    held = conversations.answered(MONDAY, CLIENT)
    root, *phones = held.legs
    joined = str(int(MONDAY.timestamp()))
    root.variables = {"cc_queue": "sales@default", "cc_side": "member", "cc_queue_joined_epoch": joined}
    for phone in phones:
        phone.by = None
        phone.variables = {"cc_member_session_uuid": root.id, "cc_side": "agent", "cc_queue": "sales@default"}
    one = call(recorded(held.legs))
    assert (one.id, one.queue, one.answered_by) == (root.id, "sales@default", "102")
    assert {leg.via for leg in one.legs} == {"queue"}


def test_a_recording_is_announced() -> None:
    assert call(recorded(conversations.answered(MONDAY, CLIENT).legs)).recordings == (
        f"/var/lib/freeswitch/recordings/{CLIENT}.wav",
    )
