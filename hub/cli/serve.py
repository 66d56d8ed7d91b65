"""`hub serve`: the web, and in the embedded way everything else. `hub demo`: the same for an invented company."""

from collections.abc import Callable
from functools import partial

import click

from hub import telemetry
from hub.cli.common import get_ready_to_stay
from hub.settings import Settings, load
from hub.unit_of_work import Hub


def _settings_help() -> str:
    rows = []
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f" [{field.default}]"
        rows.append(f"  HUB_{name.upper():<24} {field.description}{default}")
    return "Serve Hub.\n\n\b\nSettings, from the environment:\n" + "\n".join(rows)


EVERYWHERE = "0.0.0.0"  # noqa: S104 - compared with, not listened on
host = click.option("--host", default="127.0.0.1", show_default=True)
port = click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))


@click.command(help=_settings_help())
@host
@port
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Web processes (with Redis).")
def serve(host: str, port: int, workers: int) -> None:
    settings = _ready(load())
    _serve(settings, f"{host}:{port}", workers)


def _ready(settings: Settings) -> Settings:
    """Until Hub serves, its log says only what is wrong: the first lines belong to whoever started it."""
    telemetry.start("WARNING")
    get_ready_to_stay(settings)
    return settings


def _serve(settings: Settings, address: str, workers: int, beside: Callable[[Hub], None] | None = None) -> None:
    from hub.serving import Server  # noqa: PLC0415 - `hub serve --help` need not load a web server

    click.echo(f"Hub listens on http://{address}")
    Server(settings, address, workers, beside).run()


@click.command()
@host
@port
@click.option(
    "--speed", default=1.0, show_default=True, type=click.FloatRange(1, 60), help="How many times as fast time passes."
)
def demo(host: str, port: int, speed: float) -> None:
    """Serve an invented company with two phone systems, at the pace of a working day or faster.

    What the phone systems meant to happen stands in diary.jsonl beside the data.
    """
    from hub import demo as company  # noqa: PLC0415 - only the demo needs it

    settings = _ready(company.own_place(load()))
    company.set_clock(settings, speed)
    company.prepare(settings)
    click.echo(company.WELCOME)
    here = "127.0.0.1" if host == EVERYWHERE else host
    beside = partial(company.play, address=f"http://{here}:{port}", folder=settings.data_dir)
    _serve(settings, f"{host}:{port}", 1, beside)
