"""`hub worker`, `hub scheduler`, `hub listen`: the processes of the many-machine way."""

import signal
import threading

import click

from hub import bootstrap, listening, telemetry
from hub import worker as processes
from hub.cli.common import get_ready_to_stay
from hub.domain.errors import Misconfigured
from hub.pulse import Pulse
from hub.settings import Settings, load


def _settings() -> Settings:
    """Settings for a process of the many-machine way, on a schema it can work with; alone it would share nothing."""
    settings = load()
    if settings.embedded:
        raise Misconfigured("HUB_REDIS_URL: is not set; without it `hub serve` runs everything by itself")
    telemetry.start(settings.log_level)
    get_ready_to_stay(settings)
    return settings


def _until_told() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


@click.command()
def worker() -> None:
    """Work off jobs until told to stop."""
    settings = _settings()
    _, celery = bootstrap.build_with_jobs(settings)
    with Pulse.of("worker", settings.data_dir).beating() as alive:
        processes.work(celery, alive)


@click.command()
def scheduler() -> None:
    """Start periodic jobs; of several schedulers one is at work."""
    settings = _settings()
    hub, celery = bootstrap.build_with_jobs(settings)
    with Pulse.of("scheduler", settings.data_dir).beating() as alive:
        processes.schedule(hub, celery, _until_told(), alive)


@click.command()
def listen() -> None:
    """Hold the lines to phone systems; of several listeners one holds each line."""
    settings = _settings()
    hub, _ = bootstrap.build_with_jobs(settings)
    with Pulse.of("listener", settings.data_dir).beating() as alive:
        listening.run(hub, _until_told(), alive)
