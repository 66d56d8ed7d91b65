"""`hub healthy`: whether one process works, for whoever restarts or counts processes."""

import sys
from http.client import HTTPConnection, HTTPException

import click

from hub.pulse import FRESH_SECONDS, Pulse
from hub.settings import load

BESIDE = ("worker", "scheduler", "listener")
ANSWER_SECONDS = 3.0


@click.command()
@click.argument("process", type=click.Choice(["web", *BESIDE]))
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Where the web listens.")
def healthy(process: str, port: int) -> None:
    """Whether PROCESS works, on this machine or in this container. Exit status 1 when it does not.

    The web is asked; the others leave a sign in the data directory with every round of their work.
    """
    problem = _web(port) if process == "web" else _beside(process)
    click.echo(f"{process}: {problem or 'works'}")
    sys.exit(problem is not None)


def _beside(process: str) -> str | None:
    age = Pulse.of(process, load().data_dir).age()
    if age is None:
        return "does not run"
    return None if age < FRESH_SECONDS else f"has stood still for {age:.0f} seconds"


def _web(port: int) -> str | None:
    connection = HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        return None if answer.status == 200 else f"answers {answer.status}: {answer.read(200).decode(errors='replace')}"
    except (OSError, HTTPException) as error:
        return f"does not answer: {error}"
    finally:
        connection.close()
