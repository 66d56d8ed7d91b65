"""`hub backup` and `hub restore` as the operator types them."""

from pathlib import Path

from click.testing import CliRunner

from hub.cli import group
from tests.cli.conftest import CAPTURES, Operator

ADD = "connection add asterisk pbx --set region=UA --set trunks=PJSIP/pstn-trunk --set lines=+380445551200"
CAPTURE = f"{CAPTURES}/02-inbound-missed-ring-timeout/ami.jsonl"


def _lived_in(operator: Operator) -> None:
    operator.gets("init")
    operator.gets(ADD)
    operator.gets(f"feed pbx {CAPTURE}")


def test_there_and_back_in_words(operator: Operator, newcomer: Operator, tmp_path: Path) -> None:
    _lived_in(operator)
    key, file = {"HUB_SECRET_KEY": "a key for both"}, tmp_path / "hub.backup"
    operator.settings |= key
    said = operator.gets(f"backup {file}")
    assert "1 calls" in said
    assert "keep HUB_SECRET_KEY" in said
    assert "exists; nothing was written" in operator.is_told(f"backup {file}")
    newcomer.settings |= key | {"HUB_DATABASE_URL": f"sqlite:///{tmp_path}/elsewhere.db"}
    assert newcomer.gets(f"restore {file}").startswith("restored: 1 calls")
    assert newcomer.reads("calls --json") == operator.reads("calls --json")
    assert "the database is not empty" in newcomer.is_told(f"restore {file}")
    assert newcomer.gets(f"restore {file} --replace --yes").startswith("restored: 1 calls")


def test_nothing_is_thrown_away_unasked(operator: Operator, tmp_path: Path) -> None:
    _lived_in(operator)
    operator.settings["HUB_SECRET_KEY"] = "a key"
    operator.gets(f"backup {tmp_path}/hub.backup")
    line = ["restore", f"{tmp_path}/hub.backup", "--replace"]
    asked = CliRunner().invoke(group, line, input="n\n", env=operator.settings)
    assert asked.exit_code == 1
    assert "Everything in the database is thrown away. Go on?" in asked.output
    assert len(operator.reads("calls --json")) == 1
