"""The operator's commands beyond the contract: what they print, and that they may be run again."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.storage.database import open_engine
from hub.telephony.models import LineRow
from hub.telephony.providers.asterisk import AsteriskSettings
from tests.cli.conftest import CAPTURES, Operator

ADD = "connection add asterisk pbx --set region=UA --set trunks=PJSIP/pstn-trunk --set lines=+380445551200"
CAPTURE = f"{CAPTURES}/02-inbound-missed-ring-timeout/ami.jsonl"


@pytest.fixture
def ready(operator: Operator) -> Operator:
    """Set up, with a PBX."""
    operator.gets("init")
    operator.gets(ADD)
    return operator


def test_init_may_be_run_again(operator: Operator) -> None:
    line = "init --admin-email admin@example.org --admin-password 'correct horse battery'"
    assert "admin@example.org created" in operator.gets(line)
    assert "was there already; nothing changed" in operator.gets(line)


def test_every_setting_of_a_connector_is_explained(newcomer: Operator) -> None:
    shown = newcomer.gets("connection add asterisk --help")
    for name, setting in AsteriskSettings.model_fields.items():
        assert f"{name} " in shown
        assert setting.description
        assert setting.description.split()[0] in shown


@pytest.mark.parametrize("line", ["--help", "connection add --help", "serve --help", "feed --help", "replay --help"])
def test_help_needs_no_database(newcomer: Operator, line: str) -> None:
    assert "Usage:" in newcomer.types(line, HUB_DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing").output


def test_serve_explains_every_setting_of_the_environment(newcomer: Operator) -> None:
    shown = newcomer.gets("serve --help")
    assert all(name in shown for name in ("HUB_DATA_DIR", "HUB_DATABASE_URL", "HUB_REDIS_URL", "HUB_SECRET_KEY"))


def test_a_file_is_fed_once(ready: Operator) -> None:
    assert ready.gets(f"feed pbx {CAPTURE}").endswith("1 deliveries fed\n")
    assert ready.gets(f"feed pbx {CAPTURE}").endswith("0 deliveries fed, 1 known already\n")
    assert len(ready.reads("calls --json")) == 1


def test_what_nobody_understands_is_said_and_stops_nothing(ready: Operator, tmp_path: Path) -> None:
    strange = tmp_path / "strange.jsonl"
    strange.write_bytes(b'{"at": "\xff\x00"}\nnot json at all\n')
    fed = ready.types(f"feed pbx {strange} {CAPTURE}")
    assert fed.exit_code == 0
    assert fed.stderr.startswith("parked: line ")
    assert len(ready.reads("calls --json")) == 1


def test_a_replay_says_how_much_it_read_and_changes_nothing(ready: Operator) -> None:
    ready.gets(f"feed pbx {CAPTURE}")
    before = [ready.gets(f"{name} --json") for name in ("calls", "leads", "contacts", "tasks")]
    assert ready.gets("replay") == "pbx: 1 deliveries read again\n"
    assert ready.gets("replay --connection pbx --since 2020-01-01T00:00:00+02:00") == "pbx: 1 deliveries read again\n"
    assert ready.gets("replay --since 2040-01-01T00:00:00Z") == "pbx: 0 deliveries read again\n"
    assert [ready.gets(f"{name} --json") for name in ("calls", "leads", "contacts", "tasks")] == before


def test_imported_history_opens_no_lead(ready: Operator) -> None:
    ready.gets(f"feed --history pbx {CAPTURE}")
    assert len(ready.reads("calls --json")) == 1
    assert ready.reads("leads --json") == []


def test_a_list_for_people_is_a_table(ready: Operator) -> None:
    assert ready.gets("calls") == "nothing here yet\n"
    ready.gets(f"feed pbx {CAPTURE}")
    head, row = ready.gets("calls").splitlines()
    assert head.split() == ["started_at", "direction", "outcome", "external_number", "line", "talk_seconds", "reason"]
    assert row.split()[1:4] == ["inbound", "missed", "+380501112233"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("--number 0501112233", 1),
        ("--number 0671234567", 0),
        ("--direction inbound --outcome missed --state ended", 1),
        ("--direction outbound", 0),
        ("--since 2026-11-22T00:00:00Z --until 2026-11-23T00:00:00Z --connection pbx", 1),
        ("--until 2020-01-01T00:00:00Z", 0),
    ],
)
def test_calls_are_filtered(ready: Operator, filters: str, found: int) -> None:
    ready.gets(f"feed pbx {CAPTURE}")
    assert len(ready.reads(f"calls --json {filters}")) == found


def test_a_user_has_a_phone_on_a_connection(ready: Operator) -> None:
    ready.gets("user add olena@example.org --name 'Олена' --role manager --password 'long enough' --extension pbx:101")
    ready.gets(f"feed pbx {CAPTURES}/01-inbound-answered/ami.jsonl")
    assert ready.reads("calls --json")[0]["answered_by"]["user_id"] is not None


def test_a_token_is_printed_alone_and_once(ready: Operator) -> None:
    printed = ready.gets("token create --role manager --name phone --extension 101 --scope calls:originate")
    assert printed.strip() == printed[:-1]
    assert len(printed) > 30
    assert "revoked" in ready.gets("token revoke 1")


def test_connections_are_listed_and_removed(ready: Operator) -> None:
    assert ready.gets("connection list").splitlines()[1].split() == ["pbx", "asterisk", "new"]
    assert "its calls stay" in ready.gets("connection remove pbx")
    assert ready.gets("connection list").splitlines()[1].split() == ["pbx", "asterisk", "removed"]


def test_settings_are_changed_one_by_one(ready: Operator) -> None:
    said = ready.gets("connection set pbx --set port=5099 --set lines=+380445551200,+380445551299")
    assert said == "connection pbx: port, lines changed\n"
    ready.gets("connection set pbx --set host=127.0.0.1")
    assert "127.0.0.1:5099" in ready.is_told("connection test pbx")
    engine = open_engine(ready.settings["HUB_DATABASE_URL"])
    with Session(engine) as session:
        assert set(session.scalars(select(LineRow.number))) == {"+380445551200", "+380445551299"}
    engine.dispose()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("connection set pbx", "nothing to change; name what with --set SETTING=VALUE"),
        ("connection set pbx --set port=none", "port: got 'none'"),
        ("connection set pbx --set colour=red", "colour: no such setting; asterisk knows:"),
        ("connection set nobody --set port=1", "no connection named 'nobody'"),
    ],
)
def test_a_wrong_change_is_explained(ready: Operator, line: str, said: str) -> None:
    assert said in ready.is_told(line)


def test_json_is_one_array_whatever_is_in_it(ready: Operator) -> None:
    for name in ("calls", "leads", "contacts", "tasks"):
        assert json.loads(ready.gets(f"{name} --json")) == []
