"""`hub healthy`: a process that works, one that stands still, one that has ended, one that never was."""

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from hub.pulse import FRESH_SECONDS, Pulse
from tests.cli.conftest import Operator
from tests.servers import free_port

BESIDE = ("worker", "scheduler", "listener")


@pytest.fixture
def data(newcomer: Operator) -> Path:
    return Path(newcomer.settings["HUB_DATA_DIR"])


def said(operator: Operator, line: str) -> tuple[int, str]:
    result = operator.types(f"healthy {line}")
    return result.exit_code, result.stdout.strip()


@pytest.mark.parametrize("process", BESIDE)
def test_a_process_is_healthy_from_its_first_round_to_its_end(newcomer: Operator, data: Path, process: str) -> None:
    assert said(newcomer, process) == (1, f"{process}: does not run")
    with Pulse.of(process, data).beating() as alive:
        assert said(newcomer, process) == (1, f"{process}: does not run")
        alive()
        assert said(newcomer, process) == (0, f"{process}: works")
        others = [said(newcomer, other)[0] for other in BESIDE if other != process]
    assert others == [1, 1]
    assert said(newcomer, process) == (1, f"{process}: does not run")


def test_a_process_that_stands_still_is_not_healthy(newcomer: Operator, data: Path) -> None:
    pulse = Pulse.of("worker", data)
    with pulse.beating() as alive:
        alive()
        long_ago = pulse.path.stat().st_mtime - 4 * FRESH_SECONDS
        os.utime(pulse.path, (long_ago, long_ago))
        assert said(newcomer, "worker") == (1, "worker: has stood still for 120 seconds")
        alive()
        assert said(newcomer, "worker") == (0, "worker: works")


def test_what_a_killed_process_left_is_no_sign_of_the_next(newcomer: Operator, data: Path) -> None:
    pulse = Pulse.of("listener", data)
    pulse.path.parent.mkdir(parents=True)
    pulse.path.touch()
    with pulse.beating():
        assert said(newcomer, "listener") == (1, "listener: does not run")


def test_where_nothing_can_be_written_work_goes_on(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with Pulse.of("worker", tmp_path / "data").beating() as alive:
        alive()
    assert (tmp_path / "data").is_file()


class Answers(BaseHTTPRequestHandler):
    """Ready at /readyz, as long as `status` says so."""

    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/readyz" else 404)
        self.end_headers()
        self.wfile.write(b"the database does not answer")

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def web() -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), type("Own", (Answers,), {})) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_web_is_healthy_when_it_is_ready(newcomer: Operator, web: HTTPServer) -> None:
    line = f"web --port {web.server_port}"
    assert said(newcomer, line) == (0, "web: works")
    web.RequestHandlerClass.status = 503  # type: ignore[attr-defined]  # Answers, a class of this test alone
    assert said(newcomer, line) == (1, "web: answers 503: the database does not answer")


def test_a_web_that_does_not_run_is_not_healthy(newcomer: Operator) -> None:
    status, words = said(newcomer, f"web --port {free_port()}")
    assert status == 1
    assert words.startswith("web: does not answer: ")
