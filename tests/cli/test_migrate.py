"""`hub migrate` as the operator meets it, and what every process says of a schema that is not its own."""

from pathlib import Path

import pytest
from sqlalchemy import text

from hub.app import create_app
from hub.storage import schema
from hub.storage.database import open_engine
from tests.cli.conftest import Operator
from tests.pipeline.office import Office

OLDER, NEWER = "0001", "9999"


def _pretend(operator: Operator, revision: str) -> None:
    """The database says it has this schema."""
    engine = open_engine(operator.settings["HUB_DATABASE_URL"])
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})
    engine.dispose()


def test_an_empty_database_becomes_whole_and_stays_so(newcomer: Operator) -> None:
    unmade = newcomer.types("migrate --check")
    assert (unmade.exit_code, "no tables yet" in unmade.stdout) == (1, True)
    assert newcomer.gets("migrate") == f"schema none → {schema.newest()}\n"
    assert newcomer.gets("migrate") == f"schema {schema.newest()}, the newest\n"
    assert newcomer.gets("migrate --check") == f"schema {schema.newest()}, the newest\n"
    assert newcomer.gets("calls") == "nothing here yet\n"


@pytest.mark.parametrize(
    ("revision", "said"),
    [
        (OLDER, f"the database has schema 0001, this Hub needs {schema.newest()}; run `hub migrate`\n"),
        (NEWER, f"the database has schema 9999, of a newer Hub than this one ({schema.newest()}); update Hub\n"),
    ],
)
def test_check_changes_nothing_and_says_how_it_stands(operator: Operator, revision: str, said: str) -> None:
    _pretend(operator, revision)
    checked = operator.types("migrate --check")
    assert (checked.exit_code, checked.stdout) == (1, said)


def test_a_newer_hubs_database_is_refused_by_migrate_alone(operator: Operator) -> None:
    _pretend(operator, NEWER)
    assert "of a newer Hub than this one" in operator.is_told("migrate")
    assert operator.gets("calls") == "nothing here yet\n"


@pytest.mark.parametrize("line", ["serve", "worker", "scheduler", "listen", "calls"])
def test_nothing_starts_on_an_older_schema(operator: Operator, line: str) -> None:
    _pretend(operator, OLDER)
    told = operator.is_told(line, HUB_REDIS_URL="redis://127.0.0.1:1/0")
    assert told.endswith(f"hub: the database has schema 0001, this Hub needs {schema.newest()}; run `hub migrate`\n")


@pytest.mark.parametrize(("revision", "status"), [(OLDER, 503), (NEWER, 200)])
def test_readyz_says_when_the_schema_is_too_old(operator: Operator, tmp_path: Path, revision: str, status: int) -> None:
    office = Office.opened(operator.settings["HUB_DATABASE_URL"], tmp_path)
    client = create_app(office.hub, secret="of the tests", public_url="http://localhost", streams=1).test_client()
    assert client.get("/readyz").status_code == 200
    _pretend(operator, revision)
    answer = client.get("/readyz")
    assert answer.status_code == status
    assert ("run `hub migrate`" in answer.get_json()["status"]) == (status == 503)
    office.hub.engine.dispose()
