"""Deliveries come in any order, twice, many at once: the calls are the same."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.leads.models import LeadRow, TaskRow
from hub.recordings.models import RecordingRow
from hub.telephony.models import CallRow, NodeRow
from tests.pipeline.office import Office, after, answered, hungup, missed, rang, recorded, started, talk


def shown(office: Office) -> list[dict[str, Any]]:
    """The calls but for what depends on when they were first heard of."""
    return [call | {"id": "", "lead_id": None, "contact": None} for call in office.calls()]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.permutations([*talk(), *talk()]), batches=st.integers(1, 8))
def test_a_call_told_in_any_order_and_twice_is_the_same_call(
    sqlite_office: Office, told: list[dict[str, Any]], batches: int
) -> None:
    name = f"call {sqlite_office.connect('acme', f'acme-{len(sqlite_office.ids)}', secret='acme secret')}"
    connection = list(sqlite_office.ids)[-1]
    for number, event in enumerate(told):
        sqlite_office.accept(json.dumps(event | {"call": name}).encode(), to=connection)
        if number % batches == 0:
            sqlite_office.drain(connection)
    sqlite_office.drain(connection)
    (call,) = [call for call in shown(sqlite_office) if call["connection"] == connection]
    assert (call["state"], call["outcome"], call["ring_seconds"], call["talk_seconds"]) == ("ended", "answered", 4, 60)
    assert call["external_number"] == "+380671234567"
    assert [leg["outcome"] for leg in call["legs"]] == ["answered"]


def test_a_call_never_goes_back_to_an_earlier_state(office: Office) -> None:
    office.hear(hungup(), answered())
    assert (office.call()["state"], office.call()["outcome"]) == ("ended", "answered")
    office.hear(rang(), started())
    assert (office.call()["state"], office.call()["outcome"]) == ("ended", "answered")
    assert [row.type for row in office.told()] == ["call.ended"] * 2


def test_a_call_that_looked_missed_leaves_no_work_once_its_answer_is_known(office: Office) -> None:
    office.hear(*missed())
    assert [task.state for task in office.rows(TaskRow)] == ["open"]
    office.hear(answered(at=5))
    assert office.call()["outcome"] == "answered"
    assert [task.state for task in office.rows(TaskRow) if task.state == "open"] == []
    assert len(office.rows(LeadRow)) == 1


def test_a_recording_that_is_told_of_last_and_alone_is_the_calls(office: Office) -> None:
    office.hear(*talk())
    before = len(office.told())
    office.hear(recorded(at=64))
    assert [recording["state"] for recording in office.call()["recordings"]] == ["pending"]
    office.hear(recorded(at=64))
    assert [bool(row.body["recordings"]) for row in office.told()[before:]] == [True]


def test_a_message_is_a_recording_and_the_silence_of_a_missed_call_is_none(office: Office) -> None:
    office.hear(*missed(), *missed("c2", 300), recorded("c1", 19, message=True), recorded("c2", 319, "c2.wav"))
    calls = {call["provider_call_id"]: call for call in office.calls()}
    assert calls["c1"]["outcome"] == "voicemail"
    assert [row.reference for row in office.rows(RecordingRow)] == ["c1.wav"]
    assert (len(calls["c1"]["recordings"]), calls["c2"]["recordings"]) == (1, [])


def test_many_deliveries_at_once_and_one_by_one_give_the_same(office: Office) -> None:
    told = [event for number in range(6) for event in talk(f"c{number}", number * 100, number=f"067123456{number}")]
    office.connect("acme", "second", secret="acme secret")
    office.hear(*told)
    for event in told:
        office.hear(event, to="second")
    first, second = ([call for call in shown(office) if call["connection"] == name] for name in ("acme", "second"))
    assert first == [call | {"connection": "acme"} for call in second]


# ---- channels ----


def born(channel: str, at: float = 0, **more: Any) -> dict[str, Any]:
    """`number`: whose call; `phone`: which of our phones."""
    said = {"number": "0671234567"} if channel.startswith("client") else {"phone": "101"}
    return {"what": "born", "channel": channel, "at": after(at)} | said | more


def bridged(channel: str, other: str, at: float, phone: str = "101") -> dict[str, Any]:
    return {"what": "bridged", "channel": channel, "other": other, "phone": phone, "at": after(at)}


def died(channel: str, at: float) -> dict[str, Any]:
    return {"what": "died", "channel": channel, "at": after(at)}


TRANSFER = (
    *(born("client-1"), born("phone-1", 1), bridged("phone-1", "client-1", 5)),
    *(born("phone-2", 20, phone="101"), born("phone-3", 20, phone="102"), bridged("phone-3", "phone-2", 25, "102")),
    *(bridged("phone-3", "client-1", 40, "102"), died("client-1", 60)),
)
"""101 talks with a client, consults 102 on a second line, and connects them: two conversations become one."""


def test_two_conversations_become_one_and_the_call_that_was_none_is_taken_back(office: Office) -> None:
    office.hear(*TRANSFER[:6], to="exchange")
    consultation = next(call for call in office.calls() if call["provider_call_id"] == "phone-2")
    office.hear(*TRANSFER[6:], to="exchange")
    call = office.call()
    assert (call["provider_call_id"], call["state"], call["talk_seconds"]) == ("client-1", "ended", 55.0)
    assert [leg["extension"] for leg in call["legs"]] == ["101", "101", "102"]
    assert [row.body["id"] for row in office.told() if row.type == "call.withdrawn"] == [consultation["id"]]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.permutations([*TRANSFER, *TRANSFER]), sizes=st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_conversations_that_merge_are_one_call_in_any_order_of_arrival(
    sqlite_office: Office, told: list[dict[str, Any]], sizes: list[int]
) -> None:
    name = f"exchange-{len(sqlite_office.ids)}"
    sqlite_office.connect("exchange", name)
    for lines in _in_pieces(told, sizes):
        sqlite_office.accept(b"\n".join(json.dumps(line).encode() for line in lines), to=name)
        if len(lines) % 2:
            sqlite_office.drain(name)
    sqlite_office.drain(name)
    (call,) = [call for call in shown(sqlite_office) if call["connection"] == name]
    assert (call["provider_call_id"], call["talk_seconds"]) == ("client-1", 55.0)
    rows = [row for row in sqlite_office.rows(CallRow) if row.connection_id == sqlite_office.ids[name]]
    groups = {row.group_id for row in sqlite_office.rows(NodeRow) if row.connection_id == sqlite_office.ids[name]}
    assert {row.group_id for row in rows} == groups


def _in_pieces(lines: list[dict[str, Any]], sizes: list[int]) -> Iterable[list[Mapping[str, Any]]]:
    turn = 0
    while lines:
        size = sizes[turn % len(sizes)]
        yield list(lines[:size])
        lines, turn = lines[size:], turn + 1


def test_the_same_channel_on_two_connections_is_two_calls(office: Office) -> None:
    office.connect("exchange", "branch")
    office.hear(*TRANSFER, to="exchange")
    office.hear(*TRANSFER, to="branch")
    assert sorted(call["connection"] for call in office.calls()) == ["branch", "exchange"]


@pytest.mark.parametrize("name", ["x\x00y", "\ud800", "é" * 500, "a\r\nb"])
def test_hostile_text_is_kept_clean_and_fails_nothing(office: Office, name: str) -> None:
    office.hear(started(name, number=name, name=name, to=name), rang(name, phone=name), hungup(name, reason=name))
    assert office.states() == ["done", "done", "done"]
    call = office.call()
    assert call["external_number"] is None
    assert not any(control in json.dumps(call, ensure_ascii=False) for control in ("\\u0000", "\ud800", "\\r"))
    assert office.rows(LeadRow) == []


@pytest.mark.parametrize(
    "number", ["<unknown>", "anonymous", "+", "", "1" * 40, "abc", "101", None, "sip:anna@example.com"]
)
def test_what_is_no_number_is_a_call_without_a_client(office: Office, number: str | None) -> None:
    office.hear(*missed(number=number))
    call = office.call()
    assert (call["outcome"], call["external_number"], call["contact"], call["lead_id"]) == ("missed", None, None, None)
    assert call["match"]["certainty"] == "not_applicable"
    assert office.rows(LeadRow) == []
