"""The lines scripts rely on, as they are written down, with the real program: each ends with status 0."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.conftest import CAPTURES
from tests.company import HUB
from tests.servers import PostgreSQL, free_port
from tests.waiting import until

INIT = "hub init --admin-email admin@example.org --admin-password 'correct horse battery'"
ADD = (
    r"hub connection add asterisk pbx --set extensions='^1\d\d$' --set trunks=PJSIP/pstn-trunk --set region=UA "
    "--set lines=+380445551200,+380445551201"
)
FEED = f"hub feed pbx {CAPTURES}/01-inbound-answered/ami.jsonl"
TOKEN = "hub token create --role administrator --name script"
LISTS = ("calls", "leads", "contacts", "tasks")


class Shell:
    """A shell on whose PATH `hub` is, in an empty folder."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        plain = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        self.environment = plain | {"PATH": f"{HUB.parent}{os.pathsep}{os.environ['PATH']}"} | settings

    def run(self, line: str) -> str:
        done = subprocess.run(
            ["bash", "-c", line], cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return done.stdout

    def json(self, line: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(self.run(line))
        return rows


@pytest.fixture(params=["data directory", "postgresql"])
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shell]:
    if request.param == "data directory":
        yield Shell(tmp_path)
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    server.execute("CREATE DATABASE contract")
    yield Shell(tmp_path, HUB_DATABASE_URL=server.url("contract"), HUB_DATA_DIR=str(tmp_path / "elsewhere"))
    server.execute("DROP DATABASE contract WITH (FORCE)")


def test_the_lines_scripts_rely_on(shell: Shell) -> None:
    shell.run(INIT)
    shell.run(ADD)
    shell.run(FEED)
    calls, leads, contacts, tasks = (shell.json(f"hub {name} --json") for name in LISTS)
    assert [(call["direction"], call["outcome"], call["external_number"]) for call in calls] == [
        ("inbound", "answered", "+380671234567")
    ]
    assert [lead["id"] for lead in leads] == [calls[0]["lead_id"]]
    assert [contact["id"] for contact in contacts] == [calls[0]["contact"]["id"]]
    assert tasks == []
    shell.run(f"hub feed pbx {CAPTURES}/02-inbound-missed-ring-timeout/ami.jsonl")
    shell.run(
        f"hub feed pbx {CAPTURES}/12-internal-call/ami.jsonl {CAPTURES}/08-outbound-answered-agent-hangs-up/ami.jsonl"
    )
    calls = shell.json("hub calls --json")
    assert [call["started_at"] for call in calls] == sorted(call["started_at"] for call in calls)
    assert {call["direction"] for call in calls} == {"inbound", "outbound", "internal"}
    assert [task["state"] for task in shell.json("hub tasks --json")] == ["open"]
    assert_serves(shell, shell.run(TOKEN))


def assert_serves(shell: Shell, printed: str) -> None:
    """`hub serve` takes traffic, and the token alone was printed: it opens the API."""
    port = free_port()
    serve = f"exec hub serve --host 127.0.0.1 --port {port}"
    with subprocess.Popen(["bash", "-c", serve], cwd=shell.folder, env=shell.environment) as process:
        until(lambda: process.poll() is not None or _ready(port), seconds=60, what="/readyz")
        bearer = {"Authorization": f"Bearer {printed.strip()}"}
        answer = httpx.get(f"http://127.0.0.1:{port}/api/v1/calls", headers=bearer)
        process.terminate()
        process.wait(20)
    assert printed.count("\n") == 1
    assert answer.status_code == 200
    assert len(answer.json()["items"]) == 4


def _ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
