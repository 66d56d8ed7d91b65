"""`python -m bench [NAME…]`: run the benchmarks, print a table; exit status 1 when a budget was missed."""

import importlib
import os
import platform
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import click

from bench.report import Bench, Reading, show

NAMES = (
    "match",
    "search",
    "call_log",
    "cel_import",
    "asterisk_live",
    "accept_webhook",
    "overload",
    "live_desk",
    "boards",
    "serve_start",
    "first_page",
    "recordings_processing",
    "range_playback",
)
LONG = ("demo_diary",)
"""Run only when named."""


@click.command()
@click.argument("names", nargs=-1, type=click.Choice((*NAMES, *LONG)))
@click.option("--explain", is_flag=True, help="call_log: print the plan of every query too.")
def main(names: Sequence[str], explain: bool) -> None:
    """Measure Hub against its budgets, all but the long ones, or NAMES.

    Servers and data are made for the run and removed."""
    if explain:
        os.environ["BENCH_EXPLAIN"] = "1"
    click.echo(
        f"{datetime.now(UTC):%Y-%m-%d} · {os.cpu_count()} cores · {_memory()} GB · Python {platform.python_version()}"
    )
    missed = [reading for name in names or NAMES for reading in _run(name) if reading.met is False]
    click.echo(f"\n{len(missed)} missed" if missed else "\nall within budget")
    sys.exit(bool(missed))


def _run(name: str) -> list[Reading]:
    click.secho(f"\n{name}", bold=True)
    bench: Bench = importlib.import_module(f"bench.{name}").run
    began, readings = time.monotonic(), []
    for reading in bench():
        show(reading)
        readings.append(reading)
    click.echo(f"  ({time.monotonic() - began:.0f} s)")
    return readings


def _memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30))


main(prog_name="python -m bench")
