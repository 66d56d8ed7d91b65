"""Hub as docker-compose.yml has it, as real processes: its commands, settings, secret files and proxy, all the way.

Only what a container brings is put in by the test: the names of machines, their ports, and the place of files.
"""

import os
import re
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import Engine, text

from hub.storage.database import open_engine
from tests.company import EMAIL, HUB, PASSWORD, Process
from tests.proxy import ShippedProxy
from tests.servers import PostgreSQL, Redis, free_port
from tests.shipped import PROCESSES, ROOT, SERVICES, filled, health, words
from tests.waiting import until

START_SECONDS = 60
NEW = {"event": "newCall", "direction": "in", "from": "442079460123", "to": "442079460000", "user": "101"}
OWNER = "DO $$ BEGIN CREATE ROLE hub LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"


@dataclass
class Installation:
    """Everything that `docker compose up` starts, in a folder."""

    folder: Path
    postgresql: PostgreSQL
    redis: Redis
    port: int = field(default_factory=free_port)
    database: str = field(default_factory=lambda: f"hub_{uuid4().hex}")
    processes: dict[str, Process] = field(default_factory=dict)

    @contextmanager
    def up(self) -> Iterator[None]:
        self._make_secrets()
        self.postgresql.execute(OWNER)
        self.postgresql.execute(f"CREATE DATABASE {self.database} OWNER hub")
        self.does("migrate", *words("migrate"))
        self.processes = {name: self.process(name, self.port) for name in PROCESSES}
        try:
            for process in self.processes.values():
                process.start()
            self.until_healthy()
            yield
        finally:
            self._down()

    def _down(self) -> None:
        for process in self.processes.values():
            if process.alive:
                process.kill9()
        self.engine.dispose()

    def _make_secrets(self) -> None:
        """As the operator does; the database's name and address are those of this machine."""
        (self.folder / "deploy").mkdir()
        script = shutil.copy(ROOT / "deploy/secrets", self.folder / "deploy/secrets")
        subprocess.run(["bash", script], check=True)
        url = self.folder / "secrets/hub_database_url"
        url.write_text(self._placed(url.read_text()))

    def _placed(self, value: str) -> str:
        value = value.replace("@postgres/hub", f"@127.0.0.1:{self.postgresql.port}/{self.database}")
        return value.replace("redis:6379", f"127.0.0.1:{self.redis.port}")

    # ---- services ----

    def process(self, service: str, port: int, **settings: str) -> Process:
        """A service with its own command; `port` is where the web listens."""
        line = [word.replace("0.0.0.0", "127.0.0.1") for word in ported(words(service), port)]  # noqa: S104
        return Process(f"{service}-{port}", line, self.environment(service, **settings), self.folder)

    def environment(self, service: str, **settings: str) -> dict[str, str]:
        """What a service's container has: nothing of HUB_* but the file's, and the secrets it was given."""
        own = self.folder / service
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("HUB_", "PYTEST", "COV"))}
        theirs = {
            name: self._placed(filled(value, **settings)) for name, value in SERVICES[service]["environment"].items()
        }
        places = {"HUB_DATA_DIR": str(own / "data"), "CREDENTIALS_DIRECTORY": str(own / "secrets")}
        for secret in SERVICES[service]["secrets"]:
            (own / "secrets").mkdir(parents=True, exist_ok=True)
            shutil.copy(self.folder / "secrets" / secret, own / "secrets" / secret)
        return plain | theirs | places

    def runs(self, service: str, *line: str) -> subprocess.CompletedProcess[str]:
        """A `hub` command inside a service."""
        command = [str(HUB), *line]
        environment = self.environment(service)
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    def does(self, service: str, *line: str) -> str:
        ended = self.runs(service, *line)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def health(self, service: str) -> bool:
        program, *line = ported(health(service), self.port)
        assert program == "hub"
        return self.runs(service, *line).returncode == 0

    def until_healthy(self) -> None:
        for name in self.processes:
            until(partial(self._healthy, name), seconds=START_SECONDS, what=f"the health of {name}")

    def _healthy(self, service: str) -> bool:
        process = self.processes[service]
        assert process.alive, process.log.read_text()[-3000:]
        return self.health(service)

    @cached_property
    def engine(self) -> Engine:
        return open_engine(self.postgresql.url(self.database))


def ported(line: Sequence[str], port: int) -> list[str]:
    return [str(port) if word == "8000" else word for word in line]


@pytest.fixture(scope="module")
def installation(postgresql: PostgreSQL, redis_server: Redis) -> Iterator[Installation]:
    folder = Path(tempfile.mkdtemp(prefix="hub-shipped-"))
    installed = Installation(folder, postgresql, redis_server)
    try:
        with installed.up():
            installed.does("web", "init", "--admin-email", EMAIL, "--admin-password", PASSWORD)
            yield installed
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def plain(installation: Installation) -> Iterator[ShippedProxy]:
    with ShippedProxy.before(installation.port) as proxy:
        yield proxy


@contextmanager
def signed_in(base: str, verify: ssl.SSLContext | bool = True) -> Iterator[httpx.Client]:
    """A browser of the administrator's, come in by the proxy's door."""
    with httpx.Client(base_url=base, verify=verify, timeout=20) as client:
        found = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/sign-in").text)
        assert found
        form = {"email": EMAIL, "password": PASSWORD, "csrf_token": found[1]}
        assert client.post("/sign-in", data=form, headers={"Referer": f"{base}/sign-in"}).status_code == 303
        assert client.get("/api/v1/me").json()["roles"] == ["administrator"]
        yield client


def connected(installation: Installation, name: str) -> str:
    """A phone system that pushes; the path and secret of its address."""
    said = installation.does("web", "connection", "add", "generic", name, "--set", "region=GB")
    return "/hooks" + said.splitlines()[-1].partition("/hooks")[2]


def call(client: httpx.Client, name: str) -> dict[str, Any] | None:
    items = client.get("/api/v1/calls").json()["items"]
    return next((one for one in items if one["provider_call_id"] == name), None)


def pushed(client: httpx.Client, address: str, **more: str) -> int:
    return client.post(address, data=NEW | more).status_code


def told_live(client: httpx.Client, address: str, name: str) -> Mapping[str, str]:
    """Push a call while a live desk is open; the event the desk gets, and the stream's headers."""
    cursor = re.search(r'data-cursor="(\d+)"', client.get("/live").text)
    assert cursor
    with client.stream("GET", "/live/events", params={"after": cursor[1]}) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "retry: 1000"  # at once: nobody on the way waits for more
        assert pushed(client, address, callId=name) == 200
        assert any("7946 0123" in line for line in lines if line.startswith("data:"))
        return dict(stream.headers)


def test_a_call_comes_in_by_the_proxy_and_is_told_live_and_in_the_log(
    installation: Installation, plain: ShippedProxy
) -> None:
    address = connected(installation, "desk")
    with signed_in(plain.url) as client:
        assert told_live(client, address, "c-1")["content-type"].startswith("text/event-stream")
        assert pushed(client, address, callId="c-1", event="hangup", cause="cancel") == 200
        until(lambda: (call(client, "c-1") or {}).get("outcome") == "missed", seconds=30, what="the missed call")


def test_the_proxy_believes_no_sender_and_lets_hub_say_what_is_too_large(
    installation: Installation, plain: ShippedProxy
) -> None:
    with httpx.Client(base_url=plain.url, headers={"X-Forwarded-For": "203.0.113.9"}) as stranger:
        found = re.search(r'name="csrf-token" content="([^"]+)"', stranger.get("/sign-in").text)
        assert found
        stranger.post("/sign-in", data={"email": EMAIL, "password": "wrong", "csrf_token": found[1]})
        too_large = stranger.post(connected(installation, "bulky"), content=b"x" * 300_000)
        absurd = stranger.post("/hooks/bulky", content=b"x" * 2_000_000)
        assert stranger.get("/proxy-health").status_code == 204
    with installation.engine.connect() as connection:
        failures = set(connection.scalars(text("SELECT who FROM sign_in_failures WHERE who LIKE 'from:%'")))
    assert failures == {"from:127.0.0.1"}
    assert (too_large.status_code, absurd.status_code) == (413, 413)
    assert "X-Request-Id" in too_large.headers  # Hub's own words
    assert "X-Request-Id" not in absurd.headers


def test_with_a_certificate_everything_goes_encrypted(installation: Installation) -> None:
    port = free_port()
    with ShippedProxy.before(port, "tls") as proxy:
        web = installation.process("web", port, HUB_PUBLIC_URL=proxy.tls_url)
        web.start()
        try:
            trusted = ssl.create_default_context(cafile=str(proxy.certificate))
            until(lambda: ready(proxy.tls_url, trusted), seconds=START_SECONDS, what="the encrypted Hub")
            _goes_encrypted(installation, proxy, trusted)
        finally:
            assert web.stop() == 0


def ready(base: str, trusted: ssl.SSLContext) -> bool:
    return httpx.get(f"{base}/readyz", verify=trusted).status_code == 200


def _goes_encrypted(installation: Installation, proxy: ShippedProxy, trusted: ssl.SSLContext) -> None:
    address = connected(installation, "safe")
    sent_away = httpx.post(f"{proxy.url}{address}", data=NEW, headers={"Host": "hub.example.org"})
    assert (sent_away.status_code, sent_away.headers["Location"]) == (308, f"https://hub.example.org{address}")
    assert "Strict-Transport-Security" not in sent_away.headers
    with signed_in(proxy.tls_url, trusted) as client:
        assert client.get("/readyz").headers["Strict-Transport-Security"].startswith("max-age=")
        assert [cookie.secure for cookie in client.cookies.jar] == [True]
        told_live(client, address, "safe-1")
        until(lambda: call(client, "safe-1"), seconds=30, what="the call")


def test_each_service_ends_when_told_and_its_health_says_so(installation: Installation) -> None:
    for name, process in installation.processes.items():
        assert installation.health(name)
        assert process.stop() == 0, name
        assert not installation.health(name)
        process.start()
    installation.until_healthy()


def test_the_doctor_finds_nothing_broken_in_what_is_shipped(installation: Installation) -> None:
    connected(installation, "ward")
    until(lambda: "✓ a worker is at work" in installation.runs("web", "doctor").stdout, seconds=60, what="a worker")
    said = installation.runs("web", "doctor").stdout
    assert [line for line in said.splitlines() if line.startswith("✕")] == []
