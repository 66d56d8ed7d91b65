"""What cannot be done is said in a sentence: which setting, what it got, what it expects; exit status 2."""

from pathlib import Path

import pytest

from hub.cli import common
from tests.cli.conftest import CAPTURES, Operator

NOWHERE = "postgresql://hub:opensesame@127.0.0.1:1/hub"

SETTINGS = [
    ("HUB_REGION", "XX", "expected a two-letter region such as UA or LV"),
    ("HUB_TIMEZONE", "Mars/Base", "expected a time zone such as Europe/Kyiv"),
    ("HUB_THREADS", "0", "greater than or equal to 2"),
    ("HUB_THREADS", "many", "valid integer"),
    ("HUB_LEAD_WINDOW_DAYS", "400", "less than or equal to 365"),
    ("HUB_LOG_LEVEL", "LOUD", "DEBUG|INFO|WARNING|ERROR"),
    ("HUB_DATABASE_URL", "nonsense", "expected an address such as postgresql://user:password@host/name"),
    ("HUB_DATABASE_URL", "mysql://hub@db/hub", "expected sqlite or postgresql"),
    ("HUB_DATABASE_URL", "sqlite:////no/such/folder/hub.db", "expected a database that is running"),
    ("HUB_REDIS_URL", "redis.example.org", "expected an address such as redis://127.0.0.1:6379/0"),
    ("HUB_DATA_DIR", "/dev/null/data", "expected a folder Hub may write to"),
]


@pytest.mark.parametrize(("name", "value", "expected"), SETTINGS)
@pytest.mark.parametrize("line", ["init", "calls --json", "serve"])
def test_a_wrong_setting_is_named_with_what_it_got_and_what_it_expects(
    newcomer: Operator, line: str, name: str, value: str, expected: str
) -> None:
    told = newcomer.is_told(line, **{name: value})
    assert told.startswith(f"hub: {name}: got ")
    assert expected in told
    assert value.partition(":")[0] in told


def test_a_database_that_does_not_answer_is_named_without_its_password(newcomer: Operator) -> None:
    told = newcomer.is_told("calls", HUB_DATABASE_URL=NOWHERE)
    assert "postgresql://hub:***@127.0.0.1:1/hub" in told
    assert "refused" in told
    assert "opensesame" not in told
    assert "opensesame" not in newcomer.is_told("calls", HUB_DATABASE_URL=NOWHERE.replace("1/hub", "port/hub"))


@pytest.mark.parametrize("line", ["serve", "worker"])
def test_a_process_that_stays_waits_for_its_database_and_then_says_so(
    newcomer: Operator, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.setattr(common, "PATIENCE_SECONDS", 0.5)
    told = newcomer.is_told(line, HUB_DATABASE_URL=NOWHERE, HUB_REDIS_URL="redis://127.0.0.1:1/0")
    assert told.splitlines()[-1].startswith("hub: HUB_DATABASE_URL: got ")


def test_an_empty_database_shared_by_many_processes_is_made_by_init_alone(newcomer: Operator, tmp_path: Path) -> None:
    settings = {"HUB_DATABASE_URL": f"sqlite:///{tmp_path}/empty.db", "HUB_REDIS_URL": "redis://127.0.0.1:1/0"}
    assert "run `hub init` first" in newcomer.is_told("calls", **settings)


@pytest.mark.parametrize("line", ["worker", "scheduler", "listen"])
def test_processes_of_the_many_process_way_need_a_redis(newcomer: Operator, line: str) -> None:
    assert newcomer.is_told(line).startswith("hub: HUB_REDIS_URL: is not set")


def test_secrets_sealed_with_another_key_are_not_guessed_at(newcomer: Operator) -> None:
    newcomer.gets("connection add asterisk pbx --set host=pbx --set username=hub --set secret=opensesame")
    told = newcomer.is_told("connection list", HUB_SECRET_KEY="another key")
    assert told.startswith("hub: HUB_SECRET_KEY: stored secrets do not open with it")


CONNECTIONS = [
    ("--set colour=red", "colour: no such setting; asterisk knows: host, port"),
    ("--set 'extensions=('", "extensions: got '(': expects a regular expression"),
    ("--set port=99999", "port: got '99999': Input should be less than or equal to 65535"),
    ("--set region=ZZ", "region: got 'ZZ': expects a two-letter country code"),
    ("--set timezone=Nowhere", "timezone: got 'Nowhere': expects a time zone name"),
    ("--set lines=abc", "lines: got 'abc': expects telephone numbers"),
    ("--set region", "--set 'region': expected SETTING=VALUE"),
]


@pytest.mark.parametrize(("arguments", "expected"), CONNECTIONS)
def test_a_wrong_setting_of_a_connection_is_named_too(newcomer: Operator, arguments: str, expected: str) -> None:
    assert expected in newcomer.is_told(f"connection add asterisk pbx {arguments}")
    assert newcomer.gets("connection list") == "nothing here yet\n"


LINES = [
    ("connection add nosuch pbx", "no phone system of kind 'nosuch'; there are: asterisk"),
    ("connection add asterisk 'p bx'", "name: got 'p bx': expected letters, digits"),
    ("connection add asterisk", "Missing argument 'NAME'"),
    ("connection test pbx", "no connection named 'pbx'; `hub connection list` shows them"),
    ("connection remove pbx", "no connection named 'pbx'"),
    (f"feed pbx {CAPTURES}/connection.json", "no connection named 'pbx'"),
    ("feed pbx /no/such/file", "does not exist"),
    ("calls --since yesterday", "--since: got 'yesterday': expected a time such as 2026-11-22T10:00:00+02:00"),
    ("calls --until 2026-11-22T10:00:00", "--until: got '2026-11-22T10:00:00': expected a time"),
    ("calls --direction up", "'up' is not one of 'inbound', 'outbound', 'internal'"),
    ("replay --since x", "--since: got 'x'"),
    ("replay --connection pbx", "no connection named 'pbx'"),
    ("token create --role boss --name x", "'boss' is not one of"),
    ("token create --role manager", "Missing option '--name'"),
    ("user add nobody --role manager --password 'long enough'", "got 'nobody': expected an address"),
    ("user add a@example.org --role manager --password short", "a password has 10 to 200 characters"),
    ("user add a@example.org --role manager --password 'long enough' --extension x", "expected CONNECTION:NUMBER"),
    ("init --admin-email nobody --admin-password 'long enough'", "got 'nobody': expected an address"),
    ("serve --port 0", "0 is not in the range"),
    ("nosuch", "No such command 'nosuch'"),
]


@pytest.mark.parametrize(("line", "expected"), LINES)
def test_what_cannot_be_done_is_said_plainly(newcomer: Operator, line: str, expected: str) -> None:
    assert expected in newcomer.is_told(line)


def test_two_connections_do_not_share_a_name(newcomer: Operator) -> None:
    newcomer.gets("connection add asterisk pbx")
    assert "a connection named 'pbx' exists already" in newcomer.is_told("connection add asterisk pbx")
