"""The page of the generic connector is enough: its own lines, typed into a shell, are a call in the log."""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.company import Company
from tests.servers import PostgreSQL, Redis
from tests.waiting import until

PAGE = Path(__file__).parents[2] / "docs" / "connectors" / "generic.md"
LINES = ("--set", "region=GB", "--set", "lines=+442079460000")


@dataclass(frozen=True)
class Desk:
    """A running company with a phone system that pushes to it."""

    company: Company
    push: str

    def curl(self, *fields: str, **more: str) -> subprocess.CompletedProcess[str]:
        data = [part for field in fields for part in ("--data-urlencode", field)]
        return self.shell('curl -sS -w "\\n%{http_code}" "$PUSH" "$@"', *data, **more)

    def shell(self, script: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "PUSH": self.push, **variables}
        command = ["bash", "-euo", "pipefail", "-c", script, "shell", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    def call(self, name: str) -> dict[str, Any]:
        """That call, once it is over."""
        until(lambda: name in self.ended(), seconds=60, what=f"the end of {name}")
        return self.ended()[name]

    def ended(self) -> dict[str, dict[str, Any]]:
        return {call["provider_call_id"]: call for call in self.company.json("calls", "--state", "ended")}


@pytest.fixture(scope="module", params=["one process", "many processes"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    opened = Company.embedded() if request.param == "one process" else Company.many(*_servers(request))
    with opened as company:
        said = company.run("connection", "add", "generic", "desk", *LINES)
        yield Desk(company, _here(company, said))


def _servers(request: pytest.FixtureRequest) -> tuple[PostgreSQL, Redis]:
    return request.getfixturevalue("postgresql"), request.getfixturevalue("redis_server")


def _here(company: Company, said: str) -> str:
    """The push address, alone on the last line, at the place where this company's Hub can be reached."""
    address = said.splitlines()[-1]
    assert re.fullmatch(r"http://\S+/hooks/desk/[A-Za-z0-9_-]{32,}", address)
    assert company.run("connection", "show", "desk").splitlines()[-1] == address
    return re.sub(r"^http://[^/]+", company.url, address)


def shell_blocks() -> list[str]:
    return re.findall(r"^ *```sh\n(.*?)^ *```", PAGE.read_text(), re.DOTALL | re.MULTILINE)


def test_the_lines_of_the_page_are_calls(desk: Desk) -> None:
    by_hand, as_json, signed = shell_blocks()
    for block in (by_hand, as_json):
        typed = desk.shell(block)
        assert typed.returncode == 0, typed.stderr
    talk, busy = desk.call("try-1"), desk.call("try-2")
    assert (talk["direction"], talk["outcome"], talk["external_number"]) == ("inbound", "answered", "+442079460123")
    assert (talk["line"], talk["answered_by"]["extension"]) == ("+442079460000", "101")
    assert (busy["direction"], busy["outcome"], busy["external_number"]) == ("outbound", "busy", "+442079460124")
    secret = "between the desk and us"
    said = desk.company.run("connection", "add", "generic", "signed", *LINES, "--set", f"hmac_secret={secret}")
    strict = Desk(desk.company, re.sub(r"^http://[^/]+", desk.company.url, said.splitlines()[-1]))
    assert strict.shell(signed, HMAC_SECRET=secret).returncode == 0
    assert strict.shell(signed, HMAC_SECRET="something else").returncode != 0
    assert strict.call("try-3")["outcome"] == "missed"


def test_late_doubled_and_swapped_pushes_are_one_call_and_one_lead(desk: Desk) -> None:
    who = ("callId=mixed", "direction=in", "from=442079460177", "to=442079460000")
    new = ("event=newCall", *who, "user[]=101", "user[]=102", "timestamp=2026-11-23T10:00:00Z")
    answer = ("event=answer", *who, "user=102", "timestamp=2026-11-23T10:00:08Z")
    hangup = ("event=hangup", *who, "cause=normalClearing", "timestamp=2026-11-23T10:01:08Z")
    for fields in (hangup, answer, hangup, new, answer, new):
        assert desk.curl(*fields).stdout == "{}\n200"
    until(lambda: _is_whole(desk, "mixed"), seconds=60, what="the whole call")
    call = desk.call("mixed")
    assert (call["ring_seconds"], call["talk_seconds"], call["duration_seconds"]) == (8.0, 60.0, 68.0)
    assert [(leg["extension"], leg["outcome"]) for leg in call["legs"]] == [("101", "cancelled"), ("102", "answered")]
    assert [lead["id"] for lead in desk.company.json("leads")].count(call["lead_id"]) == 1
    calls = desk.company.json("calls", "--connection", "desk")
    assert [one["provider_call_id"] for one in calls].count("mixed") == 1


def _is_whole(desk: Desk, name: str) -> bool:
    call = desk.ended().get(name)
    return call is not None and len(call["legs"]) == 2 and call["answered_at"] is not None


@pytest.mark.parametrize(
    "fields",
    [
        ("event=dtmf", "callId=odd"),
        ("event=newCall", "direction=in"),
        ("event=newCall", "callId=odd", "direction=sideways"),
        ("event=newCall", "callId=odd", "direction=in", "timestamp=yesterday"),
    ],
)
def test_what_is_not_understood_is_kept_and_shown(desk: Desk, fields: tuple[str, ...]) -> None:
    assert desk.curl(*fields, "note=" + "".join(fields)).stdout == "{}\n200"
    assert desk.ended().get("odd") is None


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"event": "newCall"', "application/json"),
        (b"\xff\xfe\x00", "application/json"),
        (b"[" * 50_000, "application/json"),
        (b'{"a": NaN, "event": 1e999}', "application/json"),
        (b'{"callId": "\\ud800\\u0000", "event": "hangup"}', "application/json"),
        (b"%ff%00=%zz&event=newCall&callId=%00&direction=in", "application/x-www-form-urlencoded"),
        (b"&".join(b"f%d=1" % number for number in range(9000)), "application/x-www-form-urlencoded"),
        (b"", "text/plain"),
    ],
)
def test_no_bytes_are_our_fault(desk: Desk, body: bytes, content_type: str, tmp_path: Path) -> None:
    (tmp_path / "body").write_bytes(body)
    said = desk.shell(
        'curl -sS -o /dev/null -w "%{http_code}" "$PUSH" --data-binary @"$1" -H "Content-Type: $2"',
        *(str(tmp_path / "body"), content_type),
    )
    assert said.stdout == "200"


def test_who_does_not_know_the_secret_is_counted_alone(desk: Desk) -> None:
    for address in (f"{desk.push}x", desk.push.rsplit("/", 1)[0]):
        assert desk.curl("event=newCall", "callId=stranger", "direction=in", PUSH=address).stdout.endswith("401")
    assert desk.ended().get("stranger") is None


def test_a_body_that_is_too_large_is_refused(desk: Desk) -> None:
    large = desk.shell('head -c 300000 /dev/zero | curl -sS -o /dev/null -w "%{http_code}" "$PUSH" --data-binary @-')
    assert large.stdout == "413"


def test_a_get_without_an_event_says_that_the_address_is_right(desk: Desk) -> None:
    asked = desk.shell('curl -fsS "$PUSH"; curl -fsS "$PUSH?event=hangup&callId=by-get&cause=cancel"')
    assert "right address" in asked.stdout
    assert desk.call("by-get")["outcome"] == "missed"
