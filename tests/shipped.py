"""What Hub is run with, read as those who run it read it: docker-compose.yml, systemd's units, command lines."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import yaml

from hub.cli import group

ROOT = Path(__file__).parents[1]
COMPOSE: Mapping[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: Mapping[str, Mapping[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"] == "commhub"]
PROCESSES = [name for name in OURS if name != "migrate"]
SYSTEMD = ROOT / "deploy/systemd"
VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")


def words(service: str) -> Sequence[str]:
    """The `hub` command line of a service of ours, without `hub`."""
    return [str(word) for word in SERVICES[service]["command"]]


def health(service: str) -> Sequence[str]:
    """The command that says whether a service works."""
    how, *command = SERVICES[service]["healthcheck"]["test"]
    assert how == "CMD"
    return [str(word) for word in command]


def filled(text: str, **values: str) -> str:
    """A value of docker-compose.yml with `${NAME:-default}` replaced as Compose does it."""
    return VARIABLE.sub(lambda found: values.get(found[1]) or found[2], text)


def seconds(text: str) -> int:
    """`15s` in figures."""
    number, unit = re.fullmatch(r"(\d+)([sm])", text).groups()  # type: ignore[union-attr]  # a wrong form ends the test
    return int(number) * {"s": 1, "m": 60}[unit]


def understood(line: Sequence[str]) -> None:
    """Let `hub`'s own parser read a command line, without running it; click.UsageError says what it does not know."""
    command: click.Command = group
    context = click.Context(group)
    rest = list(line)
    while isinstance(command, click.Group):
        if not rest:
            raise click.UsageError("the command is left out")
        name, found, rest = command.resolve_command(context, rest)
        if found is None:
            raise click.UsageError(f"there is no {name}")
        command = found
    command.make_context(command.name, rest, parent=context)


@dataclass(frozen=True)
class Unit:
    """A systemd unit: every line in order, as section, key and value."""

    name: str
    lines: Sequence[tuple[str, str, str]]

    def all(self, key: str) -> Sequence[str]:
        return [value for _, name, value in self.lines if name == key]

    def one(self, key: str) -> str:
        (value,) = self.all(key)
        return value


def unit(path: Path) -> Unit:
    lines, section = [], ""
    for line in path.read_text().splitlines():
        if found := re.fullmatch(r"\[(\w+)\]", line):
            section = found[1]
        elif line and not line.startswith("#"):
            key, is_, value = line.partition("=")
            assert is_, f"{path.name}: {line!r} is no setting"
            assert section, f"{path.name}: {line!r} stands in no section"
            lines.append((section, key, value))
    return Unit(path.name, lines)


UNITS = {path.name: unit(path) for path in sorted(SYSTEMD.iterdir()) if path.suffix in {".service", ".target"}}
"""By file name."""
