"""Where a benchmark runs: a durable PostgreSQL, Redis, folders, and Hub's own processes."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from urllib.error import URLError
from urllib.request import urlopen

from hub.storage.schema import migrate
from tests.servers import PostgreSQL, Redis, free_port
from tests.waiting import until

HUB = Path(sys.executable).with_name("hub")
START_SECONDS = 30
STOP_SECONDS = 30


class BenchPostgreSQL(PostgreSQL):
    """As in production: every commit is on the disk. Memory as its manual advises for a machine of 8 GB."""

    name = "bench-postgresql"
    settings: ClassVar[Sequence[str]] = (
        "shared_buffers=2GB",
        "effective_cache_size=6GB",
        "maintenance_work_mem=1GB",
        "max_wal_size=8GB",
        "random_page_cost=1.1",
    )

    def create(self, database: str) -> str:
        """A database at the newest schema; its address."""
        self.execute(f"CREATE DATABASE {database}")
        migrate(self.url(database))
        return self.url(database)


@dataclass
class Installation:
    """Hub on a database: its environment, and the processes started in it."""

    variables: Mapping[str, str]
    port: int = field(default_factory=free_port)
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def data_dir(self) -> Path:
        return Path(self.variables["HUB_DATA_DIR"])

    @property
    def database_url(self) -> str:
        return self.variables.get("HUB_DATABASE_URL") or f"sqlite:///{self.data_dir / 'hub.db'}"

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "HUB_LOG_LEVEL": "ERROR", **self.variables}

    def run(self, *arguments: str) -> str:
        """One command to its end; what it printed."""
        done = subprocess.run(
            [HUB, *arguments], env=self.environment, check=True, capture_output=True, text=True, timeout=600
        )
        return done.stdout

    def calls(self) -> list[Mapping[str, Any]]:
        """The whole call log."""
        return list(json.loads(self.run("calls", "--json")))

    def start(self, *arguments: str) -> None:
        """One of Hub's processes, to run until `stop`."""
        self.spawn(str(HUB), *arguments)

    def spawn(self, *command: str) -> None:
        """Any process, in Hub's environment."""
        log = self.data_dir / "processes.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                command, env=self.environment, stdout=output, stderr=output, start_new_session=True
            )
        self._running.append(process)

    def serve(self, *options: str) -> None:
        """The web, until it takes traffic."""
        self.start("serve", "--port", str(self.port), *options)
        until(self.ready, seconds=START_SECONDS, what="hub serve")

    def ready(self) -> bool:
        try:
            with urlopen(f"{self.url}/readyz", timeout=2) as answer:  # noqa: S310 - our own address
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def stop(self) -> None:
        for process in self._running:
            os.killpg(process.pid, signal.SIGTERM)
        for process in self._running:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._running.clear()


@contextmanager
def embedded() -> Iterator[Installation]:
    """Everything in one process on SQLite."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        yield from _installed({"HUB_DATA_DIR": folder})


@contextmanager
def many() -> Iterator[Installation]:
    """PostgreSQL and Redis; the processes are for the benchmark to start."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="hub-bench-"))
        database = stack.enter_context(BenchPostgreSQL.running())
        broker = stack.enter_context(Redis.running())
        database.execute("CREATE DATABASE hub")
        yield from _installed(
            {"HUB_DATA_DIR": folder, "HUB_DATABASE_URL": database.url("hub"), "HUB_REDIS_URL": broker.url}
        )


def _installed(variables: Mapping[str, str]) -> Iterator[Installation]:
    place = Installation(variables)
    try:
        place.run("init", "--admin-email", ADMINISTRATOR, "--admin-password", PASSWORD)
        yield place
    finally:
        place.stop()


ADMINISTRATOR = "admin@example.org"
PASSWORD = "correct horse battery"  # noqa: S105 - of an installation that lives for a minute
