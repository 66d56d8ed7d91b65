"""What the documents and the container files name is there: commands, settings, links, make targets, files."""

import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from hub.cli import group
from hub.settings import Settings

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
DEPLOYED = [ROOT / name for name in ("docker-compose.yml", "Dockerfile", "deploy/nginx.conf", "deploy/secrets")]
COMPOSE: Mapping[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: Mapping[str, Mapping[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"] == "commhub"]
COMMAND = re.compile(r"(?:^|[`|;&(]\s*|bin/)hub ((?:[^`\n#&|]|\\\n)+)", re.MULTILINE)
"""`hub …` where a line or a piece of code begins."""
PLACEHOLDER = re.compile(r"[A-Z…][A-Z_.…]*")


def paragraphs(path: Path) -> str:
    return path.read_text(encoding="utf-8").replace("\\\n", " ")


def named_commands() -> Iterator[str]:
    for path in DOCUMENTS:
        text = paragraphs(path)
        code = "\n".join(re.findall(r"```\w*\n(.*?)```", text, re.DOTALL) + re.findall(r"`(hub [^`\n]+)`", text))
        for found in COMMAND.findall(code):
            yield found.strip()
    for path in [*DOCUMENTS, *DEPLOYED]:
        yield from re.findall(r"docker compose run --rm migrate ([^`\n]+)", path.read_text(encoding="utf-8"))


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


@pytest.mark.parametrize("service", OURS)
def test_a_service_of_ours_runs_a_command_that_is_there(service: str) -> None:
    assert unknown([str(word) for word in SERVICES[service]["command"]]) is None


@pytest.mark.parametrize("path", [*DOCUMENTS, *DEPLOYED], ids=lambda path: path.name)
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


def test_every_decision_is_in_the_list() -> None:
    listed = (ROOT / "docs/adr/README.md").read_text(encoding="utf-8")
    pages = sorted(path.name for path in (ROOT / "docs/adr").glob("0*.md"))
    assert re.findall(r"\]\((0.*?\.md)\)", listed) == pages


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_make_target_that_is_named_is_there(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE)) <= targets


def test_only_the_proxy_can_be_reached() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert SERVICES["database"]["networks"] == SERVICES["redis"]["networks"] == ["inside"]


def test_the_database_is_migrated_once_before_anything_runs() -> None:
    for name in OURS:
        waits = SERVICES[name]["depends_on"]
        wanted = {"database": "service_healthy"} if name == "migrate" else {"migrate": "service_completed_successfully"}
        assert {other: waits[other]["condition"] for other in wanted} == wanted


def test_what_others_wait_for_has_a_health_check() -> None:
    healthy = {
        other
        for service in SERVICES.values()
        for other, wait in service.get("depends_on", {}).items()
        if wait["condition"] == "service_healthy"
    }
    assert healthy
    assert [name for name in healthy if "healthcheck" not in SERVICES[name]] == []


def test_redis_keeps_what_it_is_told() -> None:
    words = SERVICES["redis"]["command"]
    assert words[words.index("--appendonly") + 1] == "yes"
    assert words[words.index("--maxmemory-policy") + 1] == "noeviction"


def test_secrets_are_files_that_the_script_makes(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    script = tmp_path / "deploy/secrets"
    script.write_bytes((ROOT / "deploy/secrets").read_bytes())
    first, made = _made_by(script), _made_by(script)
    assert first == made  # what is there stays
    assert set(made) == set(COMPOSE["secrets"])
    assert made["hub_database_url"] == f"postgresql://hub:{made['database_password']}@database/hub"
    assert len(made["hub_secret_key"]) >= 40


def _made_by(script: Path) -> Mapping[str, str]:
    subprocess.run(["bash", script], check=True)
    return {path.name: path.read_text() for path in (script.parents[1] / "secrets").iterdir()}


def test_no_secret_stands_in_the_compose_file() -> None:
    environment = {name for service in SERVICES.values() for name in service.get("environment", {})}
    assert [name for name in environment if re.search(r"PASSWORD$|SECRET|DATABASE_URL", name)] == []


def test_secrets_of_ours_are_settings() -> None:
    names = {secret.removeprefix("hub_") for name in OURS for secret in SERVICES[name]["secrets"]}
    assert names <= set(Settings.model_fields)


def test_the_image_runs_as_an_ordinary_user() -> None:
    *_, last = re.findall(r"^USER (\w+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert last == "hub"


def test_the_image_is_built_from_files_that_are_there() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert copied
    assert [name for line in copied for name in line.split() if not (ROOT / name).exists()] == []
