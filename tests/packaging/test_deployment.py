"""The files Hub is run with name only what is there, and give nobody more than it needs."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path

import click
import pytest

from hub.app import MAX_BODY
from hub.domain.recordings import MAX_BYTES
from hub.settings import Settings
from tests.proxy import SHIPPED, ShippedProxy
from tests.servers import free_port, program
from tests.shipped import COMPOSE, OURS, PROCESSES, ROOT, SERVICES, SYSTEMD, UNITS, health, seconds, understood, words

THEIRS = ["postgres", "redis", "proxy"]
LONG = [*PROCESSES, *THEIRS]
MANY = [f"hub-{name}.service" for name in PROCESSES]
UNITS_OF_OURS = [name for name in UNITS if name.endswith(".service")]
PROGRAM = "/opt/hub/bin/hub"
LAST_WORDS = {"web": 5, "worker": 10, "scheduler": 3, "listener": 10, "hub": 10}
"""Seconds a process takes to end in order, at most."""


# ---- docker-compose.yml ----


def test_the_services_are_those_that_were_promised() -> None:
    assert set(SERVICES) == {"postgres", "redis", "migrate", "web", "worker", "scheduler", "listener", "proxy"}


@pytest.mark.parametrize("service", OURS)
def test_a_service_runs_a_command_that_is_there(service: str) -> None:
    understood(words(service))


def test_a_command_that_is_not_there_would_be_noticed() -> None:
    for line in (["wrok"], ["worker", "--fast"], ["serve", "--port", "none"], ["healthy", "cook"], ["connection"]):
        with pytest.raises(click.UsageError):
            understood(line)


@pytest.mark.parametrize("service", PROCESSES)
def test_health_is_asked_for_with_a_command_that_is_there(service: str) -> None:
    hub, *line = health(service)
    understood(line)
    assert (hub, line[:2]) == ("hub", ["healthy", service])


@pytest.mark.parametrize("service", LONG)
def test_whatever_runs_on_has_a_health_check_an_end_and_limits(service: str) -> None:
    one = SERVICES[service]
    check = one["healthcheck"]
    assert seconds(check["timeout"]) <= seconds(check["interval"]) <= 30
    assert one["restart"] == "unless-stopped"
    assert one["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
    assert one["mem_limit"]
    assert seconds(one.get("stop_grace_period", "10s")) > LAST_WORDS.get(service, 5)


@pytest.mark.parametrize("service", SERVICES)
def test_nobody_has_more_rights_than_it_needs(service: str) -> None:
    one = SERVICES[service]
    assert (one["read_only"], one["cap_drop"], one["init"]) == (True, ["ALL"], True)
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert "cap_add" not in one or service == "proxy"
    assert "privileged" not in one
    assert "user" in one or service in {*OURS, "proxy"}  # the image of ours has its own ordinary user


def test_only_the_proxy_can_be_reached() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    alone = [name for name, service in SERVICES.items() if service["networks"] == ["inside"]]
    assert set(alone) == {"postgres", "redis", "migrate", "scheduler"}


def test_the_database_is_made_once_before_anything_runs() -> None:
    for name in OURS:
        waits = SERVICES[name]["depends_on"]
        wanted = {"postgres": "service_healthy"} if name == "migrate" else {"migrate": "service_completed_successfully"}
        assert {other: waits[other]["condition"] for other in wanted} == wanted


def test_what_others_wait_for_can_be_waited_for() -> None:
    waits = [
        (other, wait["condition"]) for one in SERVICES.values() for other, wait in one.get("depends_on", {}).items()
    ]
    assert {other for other, condition in waits if condition == "service_healthy"} <= set(LONG)
    assert {other for other, condition in waits if condition != "service_healthy"} == {"migrate"}


def test_redis_keeps_what_it_is_told() -> None:
    command = SERVICES["redis"]["command"]
    assert command[command.index("--appendonly") + 1] == "yes"
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    assert SERVICES["redis"]["volumes"] == ["redis:/data"]


def test_what_is_mounted_is_there() -> None:
    mounted = [volume.rpartition(":")[0] if volume.endswith(":ro") else volume for volume in _volumes()]
    sources = {volume.rpartition(":")[0] for volume in mounted}
    named = {source for source in sources if not source.startswith("./")}
    assert named == set(COMPOSE["volumes"])
    files = {source for source in sources if source.startswith("./deploy")}
    assert {source.replace("${PROXY:-plain}", kind) for source in files for kind in ("plain", "tls")} == {
        f"./deploy/nginx/{path.name}" for path in SHIPPED.iterdir()
    }


def _volumes() -> list[str]:
    return [volume for service in SERVICES.values() for volume in service.get("volumes", [])]


def test_versions_are_pinned() -> None:
    images = [SERVICES[name]["image"] for name in THEIRS]
    images += re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert [image for image in images if not re.fullmatch(r"\w+:\d+\.\d+(\.\d+)?-[\w-]+", image)] == []


def test_settings_are_known_and_no_secret_stands_among_them() -> None:
    known = {f"HUB_{name.upper()}" for name in Settings.model_fields}
    assert {name for service in OURS for name in SERVICES[service]["environment"]} <= known
    everything = {name for service in SERVICES.values() for name in service.get("environment", {})}
    assert [name for name in everything if re.search(r"PASSWORD$|SECRET|DATABASE_URL", name)] == []
    for service in OURS:
        assert {secret.removeprefix("hub_") for secret in SERVICES[service]["secrets"]} <= set(Settings.model_fields)


def test_secrets_are_files_that_the_script_makes(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    script = tmp_path / "deploy/secrets"
    script.write_bytes((ROOT / "deploy/secrets").read_bytes())
    first, made = _made_by(script), _made_by(script)
    assert first == made  # what is there stays
    assert set(made) == set(COMPOSE["secrets"])
    assert {Path(one["file"]).name for one in COMPOSE["secrets"].values()} == set(made)
    assert made["hub_database_url"] == f"postgresql://hub:{made['database_password']}@postgres/hub"
    assert len(made["hub_secret_key"]) >= 40
    assert (tmp_path / "certificate/webroot").is_dir()


def _made_by(script: Path) -> Mapping[str, str]:
    subprocess.run(["bash", script], check=True)
    return {path.name: path.read_text() for path in (script.parents[1] / "secrets").iterdir()}


# ---- Dockerfile ----


def test_the_image_runs_as_an_ordinary_user() -> None:
    text = (ROOT / "Dockerfile").read_text()
    *_, last = re.findall(r"^USER (\w+)$", text, re.MULTILINE)
    assert last == "hub"
    assert re.search(r"useradd --system --uid \d{5} .*hub ", text, re.MULTILINE)


def test_the_image_is_hub_and_its_health_is_each_service_s_own() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"^ENTRYPOINT (.*)$", text, re.MULTILINE) == ['["hub"]']
    understood(re.findall(r'"([^"]+)"', re.findall(r"^CMD (.*)$", text, re.MULTILINE)[0]))
    assert "HEALTHCHECK" not in text


def test_the_image_is_built_from_files_that_are_there_and_sent() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    files = [name.rstrip("/") for line in copied for name in line.split()]
    needed = [*files, "hub/cli", "hub/web/static", "pyproject.toml", "README.md", "frontend/src"]
    assert files
    assert [name for name in needed if not (ROOT / name).exists() or _ignored(name)] == []


@pytest.mark.parametrize("name", ["secrets/hub_secret_key", "certificate/privkey.pem", ".env", ".git/config", "data/x"])
def test_nothing_secret_gets_into_the_image(name: str) -> None:
    assert _ignored(name)


def _ignored(name: str) -> bool:
    """As .dockerignore has it: a pattern is of the whole path from the top, or of a folder above it."""
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    parts = Path(name).parts
    above = ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]
    return any(fnmatch(one, line.removeprefix("**/")) for line in lines for one in above)


# ---- the proxy ----


@pytest.mark.parametrize("kind", ["plain", "tls"])
def test_nginx_takes_the_settings_of_the_proxy(kind: str) -> None:
    proxy = ShippedProxy(kind, free_port())
    try:
        said = proxy.checked()
        assert said.returncode == 0, said.stderr
        assert "[warn]" not in said.stderr
    finally:
        shutil.rmtree(proxy.folder)


def test_the_proxy_lets_hub_itself_refuse_what_is_too_large_and_limits_no_sender() -> None:
    text = "".join(path.read_text() for path in SHIPPED.iterdir())
    usual, recordings = sorted(int(size) for size in re.findall(r"client_max_body_size (\d+)m;", text))
    assert MAX_BODY < usual << 20 <= 8 * MAX_BODY
    assert MAX_BYTES < recordings * 1_000_000 <= MAX_BYTES * 1.01
    assert not re.search(r"limit_req|limit_conn|proxy_cache ", text)


def test_the_proxy_finds_what_compose_starts() -> None:
    text = "".join(path.read_text() for path in SHIPPED.iterdir())
    (service, port), *others = set(re.findall(r"http://(\w+):(\d+)", text))
    line = words(service)
    assert not others
    assert line[line.index("--port") + 1] == port
    published = {port.partition(":")[2] for port in SERVICES["proxy"]["ports"]}
    assert published == set(re.findall(r"listen (\d+)", text))


# ---- systemd ----


@pytest.mark.parametrize("name", UNITS_OF_OURS)
def test_a_unit_runs_a_command_that_is_there(name: str) -> None:
    path, *line = shlex.split(UNITS[name].one("ExecStart"))
    assert path == PROGRAM
    understood(line)


@pytest.mark.parametrize("process", [*PROCESSES, "migrate"])
def test_a_unit_runs_what_its_service_runs(process: str) -> None:
    _, *line = shlex.split(UNITS[f"hub-{process}.service"].one("ExecStart"))
    anywhere, here = "0.0.0.0", "127.0.0.1"  # noqa: S104 - in a container the proxy is elsewhere, here it is beside it
    assert line == [word.replace(anywhere, here) for word in words(process)]


def test_systemd_itself_has_nothing_to_say_against_the_units(tmp_path: Path) -> None:
    assert _verified(tmp_path) == (0, "")
    worker = tmp_path / "hub-worker.service"
    worker.write_text(worker.read_text() + "Colour=green\n")
    assert "Colour" in _verified(tmp_path, worker)[1]


def _verified(folder: Path, *changed: Path) -> tuple[int, str]:
    for name in [] if changed else UNITS:
        (folder / name).write_text((SYSTEMD / name).read_text().replace(PROGRAM, "/bin/true"))
    command = [program("systemd-analyze"), "verify", "--man=no", "--recursive-errors=no"]
    files = sorted(path for path in folder.iterdir() if path.name in UNITS)
    said = subprocess.run([*command, *files], capture_output=True, text=True, check=False)
    return said.returncode, said.stderr


@pytest.mark.parametrize("name", UNITS_OF_OURS)
def test_a_unit_has_no_more_rights_than_it_needs(name: str) -> None:
    unit = UNITS[name]
    assert (unit.one("User"), unit.one("NoNewPrivileges"), unit.one("CapabilityBoundingSet")) == ("hub", "yes", "")
    assert (unit.one("ProtectSystem"), unit.one("PrivateTmp"), unit.one("StateDirectory")) == ("strict", "yes", "hub")
    assert unit.one("RestrictAddressFamilies").split() == ["AF_UNIX", "AF_INET", "AF_INET6"]


@pytest.mark.parametrize("name", ["hub.service", *MANY])
def test_a_unit_is_started_again_and_has_time_to_end(name: str) -> None:
    unit = UNITS[name]
    process = name.removesuffix(".service").removeprefix("hub-")
    assert (unit.one("Restart"), unit.one("StartLimitIntervalSec")) == ("always", "0")
    assert int(unit.one("TimeoutStopSec")) > LAST_WORDS[process]
    assert unit.one("KillMode") == "mixed"  # the process itself ends its children in order


@pytest.mark.parametrize("name", UNITS_OF_OURS)
def test_the_secrets_of_a_unit_are_settings_from_files_of_their_name(name: str) -> None:
    given = [credential.partition(":")[::2] for credential in UNITS[name].all("LoadCredential")]
    assert [path for secret, path in given if path != f"/etc/hub/secrets/{secret}"] == []
    many = [] if name == "hub.service" else ["hub_database_url"]
    assert [secret for secret, _ in given] == ["hub_secret_key", *many]


def test_every_unit_waits_for_the_database_and_goes_with_the_target() -> None:
    for name in MANY:
        assert UNITS[name].one("Requires") == "hub-migrate.service"
        assert "hub-migrate.service" in UNITS[name].one("After").split()
    assert [name for name in UNITS if name not in {"hub.service", "hub.target"} and not UNITS[name].all("PartOf")] == []
    assert sorted(UNITS["hub.target"].one("Wants").split()) == sorted(MANY)
    assert UNITS["hub-migrate.service"].one("Type") == "oneshot"


def test_one_process_and_many_are_never_started_together() -> None:
    assert UNITS["hub.service"].one("Conflicts") == "hub.target"
    assert UNITS["hub.target"].one("Conflicts") == "hub.service"


def test_the_settings_of_the_units_are_known_and_hold_no_secret() -> None:
    lines = [line for line in (SYSTEMD / "hub.env").read_text().splitlines() if not line.startswith("#")]
    names = {line.partition("=")[0] for line in lines}
    assert names <= {f"HUB_{name.upper()}" for name in Settings.model_fields}
    assert not names & {"HUB_SECRET_KEY", "HUB_DATABASE_URL"}
    assert {UNITS[name].one("EnvironmentFile") for name in UNITS_OF_OURS} == {"/etc/hub/hub.env"}


def test_the_operator_s_command_has_the_units_user_settings_and_secrets() -> None:
    script = SYSTEMD / "hub"
    text = script.read_text()
    subprocess.run(["bash", "-n", script], check=True)
    assert "source /etc/hub/hub.env" in text
    assert "CREDENTIALS_DIRECTORY=/etc/hub/secrets\n" in text
    assert re.search(rf'--reuid=hub .*{PROGRAM} "\$@"$', text, re.MULTILINE)
