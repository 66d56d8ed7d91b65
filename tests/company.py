"""A running Hub, with real processes: everything in one on SQLite, or each part its own on PostgreSQL and Redis."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import httpx
from sqlalchemy import Engine

from hub.storage.database import open_engine
from tests.servers import PostgreSQL, Redis, free_port
from tests.waiting import until

ROOT = Path(__file__).parents[1]
HUB = Path(sys.executable).with_name("hub")
START_SECONDS = 60
STOP_SECONDS = 20
COMMAND_SECONDS = 120
EMAIL, PASSWORD = "admin@example.org", "correct horse battery"


@dataclass
class Process:
    """One `hub` process; it keeps its name and command over every death."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        # setpriv: the kernel ends it when this test process is gone, however that ended.
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig=KILL", str(HUB), *self.command], env=self.environment, stdout=log, stderr=log
            )

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError(f"{self.name} does not run")
        return self._process.pid

    def kill9(self) -> None:
        """What a power cut does: the process and all its children, at once."""
        self._signal(signal.SIGKILL, *_family(self.pid))
        self._wait()

    def kill9_alone(self) -> None:
        """The process itself; its children are left to find out."""
        self._signal(signal.SIGKILL, self.pid)
        self._wait()

    def stop(self) -> int:
        """In order; the exit status."""
        family = _family(self.pid)
        self._signal(signal.SIGTERM, self.pid)
        status = self._wait()
        self._signal(signal.SIGKILL, *family[1:])
        return status

    def pause(self) -> None:
        self._signal(signal.SIGSTOP, *_family(self.pid))

    def resume(self) -> None:
        self._signal(signal.SIGCONT, *_family(self.pid))

    def _signal(self, number: int, *pids: int) -> None:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _wait(self) -> int:
        if self._process is None:
            return 0
        status = self._process.wait(STOP_SECONDS)
        self._process = None
        return status


@dataclass
class Company:
    """Hub as a company runs it. `providers` are phone systems installed beside it, by entry point name."""

    settings: Mapping[str, str]
    folder: Path
    providers: Mapping[str, str] = field(default_factory=dict)
    processes: dict[str, Process] = field(default_factory=dict)
    port: int = field(default_factory=free_port)

    @classmethod
    @contextmanager
    def embedded(cls, **providers: str) -> Iterator[Self]:
        """Everything inside `hub serve`, on SQLite."""
        with _folder() as folder:
            company = cls({}, folder, providers)
            company.processes["web"] = company._process("web", "serve", "--port", str(company.port))
            with company._open():
                yield company

    @classmethod
    @contextmanager
    def many(cls, postgresql: PostgreSQL, redis: Redis, **providers: str) -> Iterator[Self]:
        """Web, worker, scheduler and listener as processes of their own."""
        with _folder() as folder:
            database = f"hub_{folder.name[-8:].replace('-', '_').lower()}"
            postgresql.execute(f"CREATE DATABASE {database}")
            company = cls({"HUB_DATABASE_URL": postgresql.url(database), "HUB_REDIS_URL": redis.url}, folder, providers)
            web = company._process("web", "serve", "--port", str(company.port), "--workers", "1")
            beside = (("worker", "worker"), ("scheduler", "scheduler"), ("listener", "listen"))
            company.processes = {"web": web} | {name: company._process(name, command) for name, command in beside}
            with company._open():
                yield company

    def add(self, name: str, *command: str) -> None:
        """One more process, started."""
        self.processes[name] = self._process(name, *command)
        self.processes[name].start()

    def _process(self, name: str, *command: str) -> Process:
        return Process(name, command, self.environment, self.folder)

    @cached_property
    def environment(self) -> dict[str, str]:
        """What the processes see: nothing of HUB_* but what this company says."""
        self._install(self.providers)
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("HUB_", "PYTEST", "COV"))}
        places = {"HUB_DATA_DIR": str(self.folder / "data"), "PYTHONPATH": f"{self.folder}{os.pathsep}{ROOT}"}
        return plain | places | dict(self.settings)

    def _install(self, providers: Mapping[str, str]) -> None:
        """What pip leaves behind of a distribution that brings these phone systems."""
        info = self.folder / "invented-1.0.dist-info"
        info.mkdir()
        lines = "\n".join(f"{name} = {value}" for name, value in providers.items())
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: invented\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[hub.providers]\n{lines}\n")

    @contextmanager
    def _open(self) -> Iterator[None]:
        self.run("init", "--admin-email", EMAIL, "--admin-password", PASSWORD)
        try:
            self.start()
            yield
        finally:
            for process in self.processes.values():
                if process.alive:
                    process.kill9()
            if "engine" in self.__dict__:
                self.engine.dispose()

    # ---- processes ----

    def start(self) -> None:
        for process in self.processes.values():
            process.start()
        self.until_ready()

    def until_ready(self) -> None:
        until(self._ready, seconds=START_SECONDS, what=f"{self.url}/readyz")

    def _ready(self) -> bool:
        for process in self.processes.values():
            if not process.alive:
                raise RuntimeError(f"{process.name} ended:\n{process.log.read_text()[-3000:]}")
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200
        return False

    def logs(self) -> str:
        """The last words of every process, for a test that failed."""
        return "\n".join(f"== {name}\n{one.log.read_text()[-3000:]}" for name, one in self.processes.items())

    # ---- asking ----

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @cached_property
    def engine(self) -> Engine:
        """The company's database, for looking behind the scenes."""
        return open_engine(self.settings.get("HUB_DATABASE_URL") or f"sqlite:///{self.folder / 'data' / 'hub.db'}")

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A `hub` command, however it ends."""
        return subprocess.run(
            [str(HUB), *arguments],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )

    def run(self, *arguments: str) -> str:
        """What a command that must succeed prints."""
        ended = self.command(*arguments)
        if ended.returncode != 0:
            raise RuntimeError(f"hub {' '.join(arguments)}: {ended.returncode}\n{ended.stdout}\n{ended.stderr}")
        return ended.stdout

    def json(self, *arguments: str) -> list[dict[str, Any]]:
        """What a command prints with --json."""
        rows: list[dict[str, Any]] = json.loads(self.run(*arguments, "--json"))
        return rows


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="hub-company-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _family(pid: int) -> list[int]:
    """A process and all that came of it, parents first."""
    return [pid, *(member for child in _children(pid) for member in _family(child))]


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):  # it may end while we look
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            found += map(int, children.read_text().split())
    return found
