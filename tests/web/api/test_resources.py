"""What programs do over the API, from one end to the other."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.domain.access import Permission, Role
from hub.web.api.csv_lines import safe
from tests.pipeline.office import Office, started
from tests.web.company import Browser, Company, Program

KEYS = [
    *("id", "connection", "provider_call_id", "direction", "state", "outcome", "reason", "external_number"),
    *("external_name", "typed_number", "line", "queue", "started_at", "answered_at", "ended_at", "ring_seconds"),
    *("talk_seconds", "hold_seconds", "duration_seconds", "hung_up_by", "initiated_by", "answered_by", "legs"),
    *("contact", "match", "lead_id", "recordings", "tags", "note"),
]


@pytest.fixture
def company(database_url: str, tmp_path: Path) -> Iterator[Company]:
    office = Office.opened(database_url, tmp_path)
    yield Company.opened(office)
    office.hub.engine.dispose()


@pytest.fixture
def crm(company: Company) -> Program:
    return company.program(Role.ADMINISTRATOR, extension="101")


@pytest.fixture
def mira(company: Company) -> Browser:
    return company.browser("Mira")


@pytest.fixture
def adam(company: Company) -> Browser:
    return company.browser("Adam")


def test_a_call_is_what_the_design_says_key_by_key(company: Company, crm: Program) -> None:
    call = crm.send("GET", f"/api/v1/calls/{company.things['Mira'].call}").json
    mine = {"extension": "101", "user_id": company.people["Mira"]}
    assert list(call) == KEYS
    assert list(call["legs"][0]) == ["extension", "user_id", "rang_at", "answered_at", "left_at", "outcome", "via"]
    assert (call["started_at"], call["ended_at"]) == ("2026-11-23T10:00:00.000Z", "2026-11-23T10:01:05.000Z")
    assert (call["ring_seconds"], call["talk_seconds"], call["duration_seconds"]) == (4.0, 60.0, 65.0)
    assert (call["answered_by"], call["initiated_by"], call["hung_up_by"]) == (mine, None, "client")
    assert (call["external_number"], call["typed_number"]) == ("+380671234500", "0671234500")
    assert call["contact"]["id"] == company.things["Mira"].contact
    assert list(call["match"]) == ["certainty", "why", "candidates"]


def test_what_people_write_about_a_call(company: Company, mira: Browser) -> None:
    path = f"/api/v1/calls/{company.things['Mira'].call}"
    noted = mira.send("PATCH", path, json={"note": "wants\r\ntwo", "tags": ["VIP", "VIP", "hot"]}).json
    assert (noted["note"], noted["tags"]) == ("wants\ntwo", ["VIP", "hot"])
    assert mira.send("PATCH", path, json={"note": None}).json["tags"] == ["VIP", "hot"]
    assert mira.send("GET", path).json["note"] is None
    assert [call["id"] for call in mira.send("GET", "/api/v1/calls?tag=VIP").json["items"]] == [noted["id"]]


def test_a_correction_is_remembered(company: Company, crm: Program) -> None:
    things = company.things
    linked = crm.send(
        "POST", f"/api/v1/calls/{things['Mira'].call}/contact", json={"contact_id": things["Max"].contact}
    )
    assert linked.json["contact"]["id"] == things["Max"].contact
    company.office.hear(started("again", 900, "0671234500"))
    (newest, *_) = crm.send("GET", "/api/v1/calls?limit=1").json["items"]
    assert (newest["provider_call_id"], newest["contact"]["id"]) == ("again", things["Max"].contact)


def test_a_call_without_a_number_is_linked_alone(company: Company, crm: Program) -> None:
    company.office.hear(started("hidden", 900, "anonymous"))
    hidden = crm.send("GET", "/api/v1/calls?limit=1").json["items"][0]
    path = f"/api/v1/calls/{hidden['id']}/contact"
    linked = crm.send("POST", path, json={"contact_id": company.things["Max"].contact}).json
    assert (hidden["contact"], linked["contact"]["id"]) == (None, company.things["Max"].contact)


def _click(sender: Any, key: str, number: str = "+380671234500") -> Any:
    return sender.send("POST", "/api/v1/calls", json={"number": number}, headers={"Idempotency-Key": key})


def test_a_double_click_is_one_call(company: Company, mira: Browser) -> None:
    first, again, other = _click(mira, "a"), _click(mira, "a"), _click(mira, "b")
    assert [answer.status_code for answer in (first, again, other)] == [202, 202, 202]
    assert first.json == again.json
    assert company.office.bell.dials == [first.json["id"], other.json["id"]]
    assert mira.send("GET", f"/api/v1/dials/{first.json['id']}").json["state"] == "asked"
    assert company.browser("Max").send("GET", f"/api/v1/dials/{first.json['id']}").status_code == 404


def test_a_client_card_from_making_to_its_line_of_time(company: Company, mira: Browser) -> None:
    made = mira.send(
        "POST", "/api/v1/contacts", json={"name": "Ганна", "numbers": ["050 111 22 33"], "mails": ["Hanna@Example.org"]}
    ).json
    assert (made["owner_id"], made["numbers"][0]["e164"]) == (company.people["Mira"], "+380501112233")
    path = f"/api/v1/contacts/{made['id']}"
    assert mira.send("PATCH", path, json={"company": "Ромашка"}).json["name"] == "Ганна"
    for remark, status in (("x" * 5000, 200), ("x" * 5001, 422), ("likes tea\nwith milk", 200)):
        assert mira.send("PATCH", path, json={"note": remark}).status_code == status
    assert mira.send("GET", path).json["note"] == "likes tea\nwith milk", "as on the page"
    assert mira.send("POST", f"{path}/notes", json={"text": "likes tea"}).status_code == 204
    assert [entry["note"]["text"] for entry in mira.send("GET", f"{path}/timeline").json["items"]] == ["likes tea"]
    for asked in ("0501112233", "ганна", "РОМАШКА", "hanna@ex"):
        found = mira.send("GET", "/api/v1/contacts", query_string={"q": asked}).json["items"]
        assert [card["id"] for card in found] == [made["id"]], asked


def test_a_card_changed_meanwhile_is_not_overwritten(company: Company, mira: Browser, crm: Program) -> None:
    path = f"/api/v1/contacts/{company.things['Mira'].contact}"
    read = mira.send("GET", path)
    assert read.headers["ETag"] == '"1"'
    theirs = crm.send("PATCH", path, json={"company": "Acme"}, headers={"If-Match": read.headers["ETag"]})
    assert (theirs.status_code, theirs.headers["ETag"]) == (200, '"2"')
    late = mira.send("PATCH", path, json={"company": "Other"}, headers={"If-Match": read.headers["ETag"]})
    assert (late.status_code, late.json["code"]) == (412, "stale")
    assert mira.send("GET", path).json["company"] == "Acme"
    for anything in ({}, {"If-Match": "*"}):
        assert mira.send("PATCH", path, json={"company": "Other"}, headers=anything).status_code == 200
    assert mira.send("PATCH", path, json={}, headers={"If-Match": "yesterday"}).status_code == 422


def test_the_line_of_time_of_a_caller(company: Company, mira: Browser) -> None:
    path = f"/api/v1/contacts/{company.things['Mira'].contact}/timeline"
    kinds = {entry["kind"] for entry in mira.send("GET", path).json["items"]}
    assert {"call", "lead"} <= kinds
    (entry,) = mira.send("GET", f"{path}?kind=call").json["items"]
    assert entry["call"]["id"] == company.things["Mira"].call
    page = mira.send("GET", f"{path}?limit=1").json
    assert page["next"] != mira.send("GET", f"{path}?limit=1&cursor={page['next']}").json["next"]


def test_a_lead_is_worked_and_closed(company: Company, mira: Browser) -> None:
    path = f"/api/v1/leads/{company.things['Mira'].lead}"
    assert mira.send("PATCH", path, json={"status": "in_work"}).json["status"] == "in_work"
    assert mira.send("PATCH", path, json={"status": "rejected"}).status_code == 409
    rejected = mira.send("PATCH", path, json={"status": "rejected", "reason": "too dear"}).json
    assert (rejected["reject_reason"], rejected["closed_at"] is not None) == ("too dear", True)
    contact = {"contact_id": company.things["Mira"].contact}
    again = mira.send("POST", "/api/v1/leads", json=contact)
    assert (again.status_code, again.json["owner_id"]) == (201, company.people["Mira"])
    assert mira.send("POST", "/api/v1/leads", json=contact).status_code == 409


def test_a_promise_is_made_handed_over_and_closed(company: Company, mira: Browser) -> None:
    wanted = {"title": "Call back", "due_at": "2026-12-01T12:00:00+02:00", "contact_id": company.things["Mira"].contact}
    made = mira.send("POST", "/api/v1/tasks", json=wanted).json
    assert (made["due_at"], made["owner_id"]) == ("2026-12-01T10:00:00.000Z", company.people["Mira"])
    path = f"/api/v1/tasks/{made['id']}"
    handed = mira.send("PATCH", path, json={"owner_id": company.people["Max"]}).json
    assert handed["owner_id"] == company.people["Max"]
    closed = company.browser("Max").send("POST", f"{path}/close", json={"reason": "done"}).json
    assert (closed["state"], closed["closed_by"]) == ("closed", company.people["Max"])
    assert mira.send("POST", f"{path}/close", json={"reason": "done"}).status_code == 409


def test_users_and_their_phones(company: Company, adam: Browser) -> None:
    phone = {"connection": "acme", "number": "199"}
    new = {"email": "Nina@Example.org", "name": "Nina", "roles": ["manager"], "extensions": [phone]}
    made = adam.send("POST", "/api/v1/users", json=new)
    assert (made.status_code, made.json["email"], made.json["extensions"]) == (201, "nina@example.org", [phone])
    assert adam.send("POST", "/api/v1/users", json=new).status_code == 409
    path = f"/api/v1/users/{made.json['id']}"
    assert adam.send("PATCH", path, json={"extensions": []}).json["extensions"] == []
    unknown = [{"connection": "nowhere", "number": "1"}]
    assert adam.send("PATCH", path, json={"extensions": unknown}).status_code == 404
    own = f"/api/v1/users/{company.people['Adam']}"
    assert adam.send("PATCH", own, json={"roles": ["manager"]}).status_code == 403
    assert adam.send("GET", "/api/v1/me").json["roles"] == ["administrator"]


def test_a_token_is_shown_once_and_revoked(company: Company, adam: Browser) -> None:
    made = adam.send("POST", "/api/v1/tokens", json={"name": "crm", "roles": ["reception"], "scopes": ["calls:read"]})
    fresh = made.json
    program = Program(company.app.test_client(), fresh["secret"])
    assert program.send("GET", "/api/v1/calls").status_code == 200
    assert program.send("GET", "/api/v1/leads").status_code == 403
    assert fresh["secret"] not in adam.send("GET", "/api/v1/tokens").text
    assert adam.send("DELETE", f"/api/v1/tokens/{fresh['token']['id']}").status_code == 204
    assert program.send("GET", "/api/v1/calls").status_code == 401


def test_lines_with_their_hours(adam: Browser) -> None:
    hours = {"mon": [["09:00", "13:00"], ["14:00", "18:00"]], "holidays": ["2026-12-25"]}
    line = {"number": "044 555 12 88", "region": "UA", "name": "Sales", "timezone": "Europe/Kyiv", "hours": hours}
    made = adam.send("POST", "/api/v1/lines", json=line).json
    assert (made["number"], made["hours"]["mon"]) == ("+380445551288", hours["mon"])
    path = f"/api/v1/lines/{made['id']}"
    assert adam.send("PATCH", path, json={"hours": None}).json["hours"] is None
    assert adam.send("PATCH", path, json={"timezone": "Mars/Olympus"}).status_code == 409
    assert adam.send("PATCH", path, json={"hours": {"mon": [["9", "18"]]}}).status_code == 422


def test_whom_a_line_rings_and_what_would_happen_if(company: Company, adam: Browser) -> None:
    line = {"number": "044 555 12 77", "region": "UA", "name": "Sales"}
    path = f"/api/v1/lines/{adam.send('POST', '/api/v1/lines', json=line).json['id']}"
    rule = {"ring_user_ids": [company.people["Max"]], "ring_seconds": 40, "record_inbound": "announced"}
    assert adam.send("PATCH", path, json=rule).json.items() >= rule.items()
    asked = {"connection": "acme", "from": "067 123 45 00", "to": "+380445551277"}
    told = adam.send("GET", "/api/v1/route", query_string=asked).json
    assert (told["stages"], told["ring_seconds"], told["record"]) == ([["101"], ["102"]], 40, "announced")
    assert "owner first, then as line Sales says" in told["why"]
    stranger = adam.send("GET", "/api/v1/route", query_string=asked | {"from": "anonymous"}).json
    assert (stranger["stages"], stranger["name"]) == ([["102"]], None)
    for wrong, status in (
        ({"ring_user_ids": [999_999]}, 409),
        ({"ring_seconds": 4}, 422),
        ({"record_inbound": "x"}, 422),
    ):
        assert adam.send("PATCH", path, json=wrong).status_code == status


def test_secrets_of_connections_are_written_and_never_read(adam: Browser) -> None:
    new = {"kind": "acme", "name": "second", "settings": {"secret": "very secret word"}}
    made = adam.send("POST", "/api/v1/connections", json=new)
    assert (made.status_code, made.json["secrets"], made.json["settings"]) == (201, ["secret"], {"region": "UA"})
    assert "very secret word" not in adam.send("GET", "/api/v1/connections").text
    path = "/api/v1/connections/second"
    assert adam.send("PATCH", path, json={"settings": {"region": "LV"}}).json["secrets"] == ["secret"]
    assert adam.send("PATCH", path, json={"settings": {"colour": "red"}}).status_code == 409
    assert adam.send("PATCH", path, json={"enabled": False}).json["enabled"] is False
    assert adam.send("POST", f"{path}/test").json["reached"] is True
    assert adam.send("GET", "/api/v1/connections/third").status_code == 404


def test_the_lines_a_connection_names_are_lines_of_the_company(adam: Browser) -> None:
    new = {"kind": "generic", "name": "shop", "settings": {"lines": "+442079460001", "region": "GB"}}
    assert adam.send("POST", "/api/v1/connections", json=new).status_code == 201
    more = {"settings": {"lines": "+442079460001,+442079460002"}}
    assert adam.send("PATCH", "/api/v1/connections/shop", json=more).status_code == 200
    numbers = [line["number"] for line in adam.send("GET", "/api/v1/lines").json["items"]]
    assert {"+442079460001", "+442079460002"} <= set(numbers)


def test_parked_deliveries_are_seen_and_tried_again(company: Company, adam: Browser) -> None:
    company.office.hear({"event": "dance", "call": "c", "at": "2026-11-23T10:00:00+00:00"})
    (parked,) = adam.send("GET", "/api/v1/deliveries?state=parked&connection=acme").json["items"]
    assert (parked["reason"], "dance" in parked["beginning"]) == ("acme event 'dance'", True)
    assert adam.send("GET", "/api/v1/connections/acme").json["health"]["parked"] == 1
    path = f"/api/v1/deliveries/{parked['id']}/replay"
    assert adam.send("POST", path).status_code == 202
    assert company.office.bell.rung[-1] == company.office.ids["acme"]
    assert adam.send("POST", path).status_code == 409


def test_the_feed_of_changes(company: Company, crm: Program) -> None:
    after, told = "0", []
    while page := crm.send("GET", f"/api/v1/changes?after={after}&limit=200").json:
        told += page["items"]
        if page["next"] == after:
            break
        after = page["next"]
    ended = {change["body"]["id"] for change in told if change["type"] == "call.ended"}
    assert ended == {things.call for things in company.things.values()}
    assert all(change["body"]["id"] for change in told)


def test_csv_is_whole_and_safe(company: Company, crm: Program, mira: Browser) -> None:
    call = company.things["Mira"].call
    mira.send("PATCH", f"/api/v1/calls/{call}", json={"note": '=HYPERLINK("x")', "tags": ["+1", "b"]})
    answer = crm.send("GET", "/api/v1/calls.csv")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(answer.text))}
    assert answer.mimetype == "text/csv"
    assert len(rows) == 7
    assert (rows[call]["note"], rows[call]["tags"]) == ('\'=HYPERLINK("x")', "'+1, b")
    assert (rows[call]["number"], rows[call]["person"], rows[call]["talk_seconds"]) == ("+380671234500", "Mira", "60.0")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        ("plain", "plain"),
        ("+380671234567", "+380671234567"),
        (-12.5, "-12.5"),
        ("=1+1", "'=1+1"),
        ("  =1+1", "'  =1+1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\t@SUM(A1)", "'\t@SUM(A1)"),
        ("-1+1", "'-1+1"),
        ("+1 (202) 555", "'+1 (202) 555"),
        ("%x", "'%x"),
        ("|calc", "'|calc"),
    ],
)
def test_cells_a_spreadsheet_would_run(cell: object, text: str) -> None:
    assert safe(cell) == text


def test_scopes_are_the_permissions(company: Company) -> None:
    program = company.program(Role.ADMINISTRATOR, scopes=frozenset({Permission.LEADS_READ}))
    assert program.send("GET", "/api/v1/me").json["permissions"] == ["leads:read"]
    assert program.send("GET", "/api/v1/users").status_code == 403


def test_the_document_and_its_page(company: Company) -> None:
    client = company.app.test_client()
    document = client.get("/api/openapi.json").json
    assert document is not None
    assert document["openapi"].startswith("3.1")
    page = client.get("/api/docs").text
    for path, methods in document["paths"].items():
        for method in methods:
            assert f"{method.upper()} {path}" in page
