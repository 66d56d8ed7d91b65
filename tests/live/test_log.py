"""A Hub that is pushed to, signed in to and dialled from says what it did, and nobody's number, secret or words."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.inbox.models import DeliveryRow
from tests.company import EMAIL, PASSWORD, Company
from tests.pipeline.office import started
from tests.pipeline.providers.acme import SIGNATURE, signature
from tests.waiting import until

CLIENT, LINE, DIALLED, BLABBED = "+380671234567", "+380445551200", "+380671234568", "+380671234569"
NAME = "Vasylyna"
ACME_SECRET = "the-secret-of-blabber"
WRONG = "wrong-horse-staple"


@dataclass
class Talk:
    """What was said to a company, and what its processes wrote meanwhile."""

    secrets: list[str]
    lines: list[Mapping[str, Any]]
    text: str


@pytest.fixture(scope="module")
def talk() -> Talk:
    """What an afternoon leaves behind, at the most talkative level."""
    with Company.embedded(acme="tests.live.blabber:Blabber") as company:
        web = company.processes["web"]
        web.stop()
        web.environment = {**web.environment, "HUB_LOG_LEVEL": "DEBUG"}
        company.start()
        company.run("connection", "add", "acme", "loud", "--set", f"secret={ACME_SECRET}")
        secrets = [PASSWORD, WRONG, ACME_SECRET, *_push(company), *_sign_in(company), _click(company)]
        _blab(company)
        text = web.log.read_text()
    return Talk(secrets, [json.loads(line) for line in text.splitlines() if line.startswith("{")], text)


def _push(company: Company) -> list[str]:
    """A call by the generic push, in fields, as JSON and in the address; a stranger's push; an unreadable one."""
    address = company.run("connection", "add", "generic", "desk", "--set", "region=UA").splitlines()[-1]
    path = httpx.URL(address).path
    push, secret = f"{company.url}{path}", path.rsplit("/", 1)[1]
    call = {"callId": "c1", "direction": "in", "from": CLIENT, "to": LINE, "user": "101", "name": NAME}
    statuses = [
        httpx.post(push, data={"event": "newCall"} | call).status_code,
        httpx.post(push, json={"event": "answer"} | call).status_code,
        httpx.get(push, params={"event": "hangup"} | call).status_code,
        httpx.post(push, json={"event": "sideways"} | call).status_code,
        httpx.post(f"{company.url}/hooks/desk/{WRONG}", data=call).status_code,
    ]
    assert statuses == [200, 200, 200, 200, 401]
    until(lambda: _states(company) == {"done": 3, "parked": 1}, seconds=60, what="the pushes worked off")
    return [secret]


def _states(company: Company) -> dict[str, int]:
    with Session(company.engine) as session:
        return dict(session.execute(select(DeliveryRow.state, func.count()).group_by(DeliveryRow.state)).all())


def _sign_in(company: Company) -> list[str]:
    """With a wrong password and the right one, then a look around; the secrets of the cookies."""
    with httpx.Client(base_url=company.url, follow_redirects=True) as client:
        for password in (WRONG, PASSWORD):
            found = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/sign-in").text)
            assert found
            client.post("/sign-in", data={"email": EMAIL, "password": password, "csrf_token": found.group(1)})
        assert client.get("/api/v1/me").status_code == 200
        assert client.get("/search", params={"q": CLIENT}).status_code == 200
        return list(client.cookies.values())


def _click(company: Company) -> str:
    """A click to call that ends in an error full of numbers; the token."""
    token = company.run("token", "create", "--name", "crm", "--role", "administrator", "--extension", "101").strip()
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "one"}
    asked = httpx.post(f"{company.url}/api/v1/calls", json={"number": DIALLED}, headers=headers)
    assert asked.status_code in (200, 201, 202), asked.text
    address = f"{company.url}/api/v1/dials/{asked.json()['id']}"
    until(lambda: httpx.get(address, headers=headers).json()["state"] == "refused", seconds=30, what="the refusal")
    return token


def _blab(company: Company) -> None:
    """A delivery whose reader fails with what it read."""
    body = json.dumps(started("c2", number=BLABBED, name=NAME)).encode()
    headers = {SIGNATURE: signature(body, SecretStr(ACME_SECRET)), "content-type": "application/json"}
    assert httpx.post(f"{company.url}/hooks/loud", content=body, headers=headers).status_code == 200
    until(lambda: _states(company).get("failed") == 1, seconds=60, what="the failure written down")


def test_no_number_is_written_out(talk: Talk) -> None:
    for number in (CLIENT, DIALLED, BLABBED):
        assert number[-9:] not in re.sub(r"[ ().-]", "", talk.text)
    assert f"…{BLABBED[-4:]}" in talk.text
    assert f"…{DIALLED[-4:]}" in talk.text


def test_no_secret_token_password_or_cookie_is_written(talk: Talk) -> None:
    assert len(talk.secrets) >= 6
    assert [secret for secret in talk.secrets if secret in talk.text] == []


def test_nothing_of_what_was_pushed_is_written(talk: Talk) -> None:
    assert NAME not in talk.text
    assert "newCall" not in talk.text


def test_every_line_is_an_object_with_the_ids_to_follow_a_call_by(talk: Talk) -> None:
    told = [line for line in talk.lines if line["event"] == "calls told"]
    assert told
    assert all(line["connection"] and line["deliveries"] and line["calls"] for line in told)
    answered = [line for line in talk.lines if line["event"] == "answered"]
    assert {"/hooks/<name>/<path:path>", "/sign-in", "/api/v1/calls"} <= {line["route"] for line in answered}
    assert all(len(line["request_id"]) == 32 for line in answered)
    assert all("connection" in line for line in answered if line["route"].startswith("/hooks/"))
    assert any(line["event"] == "a connector failed to dial" and len(line["dial"]) == 36 for line in talk.lines)
    assert any(line["event"] == "deliveries failed" and line["deliveries"] for line in talk.lines)
    plain = [line for line in talk.text.splitlines() if not line.startswith("{")]
    assert all(line.startswith("Hub listens on") for line in plain), plain
