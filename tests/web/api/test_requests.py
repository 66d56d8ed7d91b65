"""What the API refuses before it acts, and the problem document it answers with."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.app import create_app
from hub.domain.access import Role
from hub.web.auth import signed_in
from hub.web.problems import CODES, HTTP, PLAIN
from tests.pipeline.office import Office
from tests.web.company import Company, Program


@pytest.fixture(scope="module")
def company(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("company")
    shutil.copyfile(sqlite_template, folder / "hub.db")
    office = Office.opened(f"sqlite:///{folder / 'hub.db'}", folder)
    yield Company.opened(office)
    office.hub.engine.dispose()


@pytest.fixture(scope="module")
def program(company: Company) -> Program:
    return company.program(Role.ADMINISTRATOR, extension="101")


NESTED = b'{"name":' + b"[" * 40 + b"]" * 40 + b"}"
TWICE = b'{"name": "Anna", "name": "Boris"}'
MANY = json.dumps({"name": "Anna", **{f"field{number}": 1 for number in range(250)}}).encode()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"null", 422),
        (b"[]", 422),
        (b'"name"', 422),
        (b"{}", 422),
        (b'{"name": "Anna", "surname": "K"}', 422),
        (b'{"name": ""}', 422),
        (b'{"name": "  \\u00a0 "}', 422),
        (b'{"name": 12}', 422),
        (b'{"name": null}', 422),
        (b'{"name": "' + b"x" * 201 + b'"}', 422),
        (b'{"name": "Anna", "owner_id": NaN}', 400),
        (b'{"name": "Anna", "owner_id": Infinity}', 400),
        (b'{"name": "Anna", "owner_id": 1e999}', 400),
        (b'{"name": "Anna", "owner_id": 99999999999999999999999}', 400),
        (b'{"name": "Anna", "owner_id": 9223372036854775807}', 422),
        (b'{"name": "Anna", "owner_id": "1"}', 422),
        (b'{"name": "Anna", "owner_id": true}', 422),
        (b'{"name": "\xff"}', 400),
        (b'{"name": "\\ud800"}', 400),
        (NESTED, 400),
        (TWICE, 400),
        (MANY, 400),
        (b'{"name": "' + b"x" * 300_000 + b'"}', 413),
        (b'{"name": "Anna", "owner_id": 999999}', 409),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bodies_that_cannot_be_used(program: Program, body: bytes, status: int) -> None:
    refused = program.send("POST", "/api/v1/contacts", data=body, content_type="application/json")
    assert refused.status_code == status
    assert refused.mimetype == "application/problem+json"


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/xml"])
def test_other_content_types_are_refused(program: Program, content_type: str) -> None:
    refused = program.send("POST", "/api/v1/contacts", data=b'{"name": "Anna"}', content_type=content_type)
    assert refused.status_code == 415


def test_controls_are_replaced_and_kept_as_text(program: Program) -> None:
    made = program.send("POST", "/api/v1/contacts", json={"name": "An\0na\x07", "note": "=1+1"}).json
    assert (made["name"], made["note"]) == ("An\ufffdna\ufffd", "=1+1")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=ten", "limit"),
        ("limit=%2010", "limit"),
        ("limit=1_0", "limit"),
        ("limit=10&limit=20", "limit"),
        ("cursor=abc", "cursor"),
        ("cursor=", "cursor"),
        ("cursor=" + "%00" * 32, "cursor"),
        ("since=yesterday", "since"),
        ("since=2026-11-22", "since"),
        ("since=1763774645", "since"),
        ("since=2026-11-22T10:00:00", "since"),
        ("direction=sideways", "direction.0"),
        ("recorded=yes", "recorded"),
        ("user=0", "user"),
        ("user=2147483648", "user"),
        ("min_talk=-1", "min_talk"),
        ("min_talk=NaN", "min_talk"),
        ("colour=red", "colour"),
    ],
)
def test_queries_that_cannot_be_used(program: Program, query: str, field: str) -> None:
    refused = program.send("GET", f"/api/v1/calls?{query}")
    assert (refused.status_code, refused.json["code"]) == (422, "invalid")
    assert refused.json["errors"][0]["field"] == field


@pytest.mark.parametrize(
    "query",
    [
        "cursor=" + "A" * 32,
        "cursor=" + "_" * 32,
        "since=0001-01-01T00:00:00%2B23:59",
        "until=9999-12-31T23:59:59-23:59",
        "text=%25_%5C%27%22",
        "text=%00%FF",
        "number=%3Cunknown%3E",
        "number=%2B",
        "number=" + "9" * 40,
        "number=sip:anna@example.org",
        "tag=%25",
        "line=%27",
    ],
)
def test_queries_that_look_bad_and_are_not(program: Program, query: str) -> None:
    assert program.send("GET", f"/api/v1/calls?{query}").status_code == 200


NUMBERS = ["<unknown>", "anonymous", "+", "9" * 40, "call me", "sip:101@pbx", "+380671234567\r\nAction: Logoff", ""]


@pytest.mark.parametrize("number", NUMBERS)
def test_what_is_no_number_is_not_dialled(company: Company, program: Program, number: str) -> None:
    refused = program.send("POST", "/api/v1/calls", json={"number": number}, headers={"Idempotency-Key": "k"})
    assert refused.status_code == 422
    assert company.office.bell.dials == []


@pytest.mark.parametrize("field", ["number", "extension"])
@pytest.mark.parametrize("evil", ["101\r\nAction: Command", "101\n", "101\0", "Local/101@x", "101,2", "101&PJSIP/9"])
def test_no_ami_syntax_in_a_click(company: Company, program: Program, field: str, evil: str) -> None:
    body = {"number": "+380671234567", "extension": "101"} | {field: evil}
    assert program.send("POST", "/api/v1/calls", json=body, headers={"Idempotency-Key": "k"}).status_code == 422
    assert company.office.bell.dials == []


@pytest.mark.parametrize("key", [None, "", "with space", "x" * 101, "ключ"])
def test_a_click_needs_its_key(program: Program, key: str | None) -> None:
    headers = {} if key is None else {"Idempotency-Key": key.encode().decode("latin-1")}
    refused = program.send("POST", "/api/v1/calls", json={"number": "+380671234567"}, headers=headers)
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "Idempotency-Key")


def test_a_number_no_country_has_does_not_fit(program: Program) -> None:
    refused = program.send("POST", "/api/v1/calls", json={"number": "+99912345"}, headers={"Idempotency-Key": "k"})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (409, "number")


def test_problems_are_documents(program: Program) -> None:
    problem = program.send("GET", "/api/v1/calls/nothing").json
    assert list(problem) == ["type", "title", "status", "code", "detail", "request_id", "errors"]
    assert (problem["status"], problem["code"], problem["title"]) == (404, "not_found", "Not Found")
    docs, _, anchor = problem["type"].partition("#")
    assert f'id="{anchor}"' in program.send("GET", docs).text


def test_every_code_is_explained() -> None:
    assert {*HTTP.values(), *(code for _, code in PLAIN.values())} <= set(CODES)


def test_another_method_is_refused_with_those_there_are(program: Program) -> None:
    refused = program.send("DELETE", "/api/v1/calls")
    assert refused.status_code == 405
    assert set(refused.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_head_and_options(program: Program) -> None:
    head = program.send("HEAD", "/api/v1/calls")
    assert (head.status_code, head.data) == (200, b"")
    assert program.send("OPTIONS", "/api/v1/calls").status_code == 200


def _broken() -> str:
    raise RuntimeError("SELECT secret FROM /etc/passwd")


def test_our_own_mistake_tells_nothing_of_the_inside(company: Company, program: Program) -> None:
    app = create_app(company.office.hub, secret="s" * 32, public_url="http://localhost", streams=1)
    app.add_url_rule("/api/v1/broken", "broken", signed_in(_broken))
    answer = Program(app.test_client(), program.secret).send("GET", "/api/v1/broken")
    assert (answer.status_code, answer.json["code"]) == (500, "internal")
    assert "secret" not in answer.text
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]
