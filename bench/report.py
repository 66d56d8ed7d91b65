"""Figures, what they are held against, and the table they are shown in."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import click


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One figure. `met` None: shown beside the others, no budget speaks of it."""

    what: str
    figure: str
    budget: str = ""
    met: bool | None = None


Bench = Callable[[], Iterator[Reading]]


def at_most(what: str, value: float, limit: float, unit: str) -> Reading:
    return Reading(what=what, figure=f"{_number(value)} {unit}", budget=f"≤ {limit:g} {unit}", met=value <= limit)


def at_least(what: str, value: float, limit: float, unit: str) -> Reading:
    return Reading(what=what, figure=f"{_number(value)} {unit}", budget=f"≥ {limit:g} {unit}", met=value >= limit)


def plain(what: str, figure: str) -> Reading:
    return Reading(what=what, figure=figure)


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[max(ceil(share * len(ordered)) - 1, 0)]


def milliseconds(values: Sequence[float]) -> str:
    """p50, p95, p99 and the worst of some lengths in seconds."""
    shown = [f"{name} {_number(quantile(values, share) * 1000)}" for name, share in SHARES]
    return ", ".join(shown) + " ms"


SHARES = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0))
WIDTH = 52
MARKS = {True: "pass", False: "MISS", None: ""}


def show(reading: Reading) -> None:
    mark = click.style(MARKS[reading.met], fg="green" if reading.met else "red")
    click.echo(f"  {reading.what:<{WIDTH}} {reading.figure:<48} {reading.budget:<14}  {mark}".rstrip())


def _number(value: float) -> str:
    """Three digits that say something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"
