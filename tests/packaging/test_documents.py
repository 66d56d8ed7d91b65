"""What the documents name is there: commands, settings, links, make targets, files."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from hub.cli import group
from hub.settings import Settings

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "deploy").rglob("*"))
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
SHIPPED = [ROOT / "docker-compose.yml", ROOT / "Dockerfile", *(path for path in FILES if path.is_file())]
COMMAND = re.compile(r"(?:^|[`|;&(]\s*|bin/)hub ((?:[^`\n#&|]|\\\n)+)", re.MULTILINE)
"""`hub …` where a line or a piece of code begins."""
COMPOSE = re.compile(r"docker compose (?:exec web hub|run --rm migrate) ([^`\n]+)")
PLACEHOLDER = re.compile(r"[A-Z…][A-Z_.…]*")


def paragraphs(path: Path) -> str:
    return path.read_text(encoding="utf-8").replace("\\\n", " ")


def named_commands() -> Iterator[str]:
    for path in DOCUMENTS:
        text = paragraphs(path)
        code = "\n".join(re.findall(r"```\w*\n(.*?)```", text, re.DOTALL) + re.findall(r"`(hub [^`\n]+)`", text))
        for found in COMMAND.findall(code):
            yield found.strip()
    for path in [*DOCUMENTS, *SHIPPED]:
        yield from COMPOSE.findall(path.read_text(encoding="utf-8"))


def unknown(words: list[str]) -> str | None:
    """What of a command line `hub` does not know; None when it knows all of it."""
    command: click.Command = group
    context = click.Context(group)
    while words and isinstance(command, click.Group) and not words[0].startswith("-"):
        word = words.pop(0)
        if PLACEHOLDER.fullmatch(word):
            return None
        found = command.get_command(context, word)
        if found is None:
            return word
        command = found
    options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    return next((word for word in words if word.startswith("--") and word.partition("=")[0] not in options), None)


@pytest.mark.parametrize("line", sorted(set(named_commands())))
def test_a_command_that_is_named_is_there(line: str) -> None:
    assert unknown(shlex.split(line)) is None


def test_commands_are_found_at_all() -> None:
    found = {line.split()[0] for line in named_commands()}
    assert found >= {"init", "serve", "worker", "scheduler", "listen", "connection", "doctor", "replay", "feed"}


@pytest.mark.parametrize("path", [*DOCUMENTS, *SHIPPED], ids=lambda path: path.name)
def test_a_setting_that_is_named_is_there(path: Path) -> None:
    known = {f"HUB_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"HUB_[A-Z][A-Z_]*[A-Z]", path.read_text(encoding="utf-8"))) <= known


def test_every_setting_has_its_line() -> None:
    text = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    assert [name for name in Settings.model_fields if f"| `HUB_{name.upper()}` |" not in text] == []


def test_the_defaults_in_the_documents_are_those_of_the_code() -> None:
    rows = re.findall(r"\| `HUB_(\w+)` \|([^|]*)\|", (ROOT / "docs/settings.md").read_text(encoding="utf-8"))
    told = {name.lower(): default.strip(" `") for name, default in rows}
    fields = Settings.model_fields.items()
    assert told == {name: "" if field.default is None else str(field.default) for name, field in fields}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8"))
    local = [link for link in links if not re.match(r"https?:", link)]
    assert [link for link in local if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_shipped_file_that_is_named_is_there(path: Path) -> None:
    named = re.findall(r"(?<![\w/])deploy/[\w./*-]*\w", path.read_text(encoding="utf-8"))
    assert [name for name in named if not list(ROOT.glob(name))] == []


def test_every_decision_is_in_the_list() -> None:
    listed = (ROOT / "docs/adr/README.md").read_text(encoding="utf-8")
    pages = sorted(path.name for path in (ROOT / "docs/adr").glob("0*.md"))
    assert re.findall(r"\]\((0.*?\.md)\)", listed) == pages


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_make_target_that_is_named_is_there(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE)) <= targets
