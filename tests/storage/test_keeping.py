"""A lived-in Hub goes into a file and comes out of it on either database; a bad file changes nothing."""

import hashlib
import json
import os
import signal
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from hub import keeping, repair
from hub.domain import clock
from hub.domain.access import Role
from hub.domain.errors import Conflict, Invalid, Misconfigured
from hub.keeping import archive, tables
from hub.keeping.manifest import MEMBER
from hub.leads import cards
from hub.people import tokens, users
from hub.storage import schema
from hub.storage.database import open_engine
from hub.storage.leases import Lease
from hub.storage.sealing import Seal
from tests.pipeline.office import Office, missed, talk
from tests.servers import PostgreSQL

Rows = dict[str, list[tuple[Any, ...]]]


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """Calls, cards, leads, tasks, people, a token, sealed settings, and a delivery nobody understands."""
    office = Office.opened(database_url, tmp_path / "data")
    office.hear(*talk("c1"), *missed("c2", 200, number="0501112233", name="Анна ☎ \u2028 O'Brien"))
    office.accept(b"\x00\xff not of this world \xf0")
    office.drain()
    with office.hub.unit_of_work() as session:
        new = users.NewUser(email="o@example.org", name="Olena", roles=frozenset({Role.MANAGER}), password="!")
        users.create_user(session, new, clock.now())
        cards.create(session, cards.CardFields(name="Taras", numbers=["0671112233"]), "UA", clock.now())
    yield office
    office.hub.engine.dispose()


@pytest.fixture
def sqlite_office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    office = Office.opened(sqlite_url, tmp_path / "data")
    office.hear(*talk("c1"), *missed("c2", 200, number="0501112233"))
    yield office
    office.hub.engine.dispose()


@pytest.fixture
def backup(office: Office, tmp_path: Path) -> Path:
    target = tmp_path / "hub.backup"
    keeping.back_up(office.hub.engine, office.hub.seal, target)
    return target


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database, of either kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/elsewhere.db"
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    server.execute("CREATE DATABASE elsewhere")
    yield server.url("elsewhere")
    server.execute("DROP DATABASE elsewhere WITH (FORCE)")


@pytest.fixture
def target(elsewhere: str) -> Iterator[Engine]:
    engine = open_engine(elsewhere)
    yield engine
    engine.dispose()


def rows(engine: Engine) -> Rows:
    """Every row of every table a backup holds."""
    with engine.connect() as connection:
        return {table.name: sorted(map(tuple, connection.execute(select(table))), key=repr) for table in tables.kept()}


def is_empty(engine: Engine) -> bool:
    with engine.connect() as connection:
        return not engine.dialect.has_table(connection, "calls")


# ---- there and back ----


def test_what_was_kept_is_there_row_by_row_on_either_database(office: Office, backup: Path, target: Engine) -> None:
    manifest = keeping.restore(target, office.hub.seal, backup)
    before = rows(office.hub.engine)
    assert rows(target) == before
    assert {part.table: part.rows for part in manifest.parts} == {name: len(found) for name, found in before.items()}
    assert all(before[name] for name in ("calls", "contacts", "leads", "tasks", "users", "connections", "deliveries"))


def test_work_goes_on_where_it_stopped(office: Office, backup: Path, target: Engine) -> None:
    keeping.restore(target, office.hub.seal, backup)
    there = replace(office, hub=replace(office.hub, engine=target))
    before = there.everything()
    repair.replay(there.hub, there.ids["acme"])
    assert there.everything() == before
    there.hear(*talk("c1"))
    assert len(there.calls()) == 2, "a call that is there already is not made twice"
    there.hear(*missed("c3", 400, number="0931112233"))
    assert {call["provider_call_id"] for call in there.calls()} == {"c1", "c2", "c3"}
    with there.hub.unit_of_work() as session:
        settings: Any = there.hub.connections.named(session, "acme").settings
        assert settings.secret.get_secret_value() == "acme secret"
        new = tokens.NewToken(name="script", roles=frozenset({Role.MANAGER}))
        tokens.create(session, new, clock.now())
        users.create_team(session, "Sales")
        cards.create(session, cards.CardFields(name="Vera", numbers=["0671112244"]), "UA", clock.now())


def test_a_backup_is_one_moment_while_calls_go_on(office: Office, tmp_path: Path, target: Engine) -> None:
    """Between two tables, a call comes in: it is in none of them."""
    before = rows(office.hub.engine)

    def told(part: keeping.Part) -> None:
        if part.table == "connections":
            office.hear(*talk("meanwhile", 900))

    keeping.back_up(office.hub.engine, office.hub.seal, tmp_path / "busy", told)
    assert len(office.calls()) == 3
    keeping.restore(target, office.hub.seal, tmp_path / "busy")
    assert {name: found for name, found in rows(target).items() if name != "deliveries"} == {
        name: found for name, found in before.items() if name != "deliveries"
    }
    assert len(rows(target)["deliveries"]) == len(before["deliveries"])


def test_an_older_hubs_backup_becomes_the_newest_schema(
    office: Office, backup: Path, target: Engine, tmp_path: Path
) -> None:
    older = tmp_path / "older"
    _rewrite(backup, older, _of_the_first_schema)
    keeping.restore(target, office.hub.seal, older)
    assert schema.standing(target).current
    assert len(rows(target)["calls"]) == 2


def test_one_backs_up_before_migrating(elsewhere: str, tmp_path: Path) -> None:
    """This Hub, on a database whose schema is an older one's: its tables and columns are kept, and no others."""
    engine, seal, file = open_engine(elsewhere), Seal("a key"), tmp_path / "before"
    with engine.begin() as connection:
        schema.upgrade(connection, "0001")
        connection.execute(text("INSERT INTO teams (name) VALUES ('Sales')"))
    manifest = keeping.back_up(engine, seal, file)
    engine.dispose()
    assert manifest.schema_revision == "0001"
    assert "comparisons" not in {part.table for part in manifest.parts}
    fresh = open_engine(f"sqlite:///{tmp_path}/fresh.db")
    keeping.restore(fresh, seal, file)
    assert schema.standing(fresh).current
    assert "Sales" in rows(fresh)["teams"][0]
    fresh.dispose()


def _of_the_first_schema(manifest: dict[str, Any], parts: dict[str, list[list[Any]]]) -> None:
    """What a Hub of schema 0001 would have written: tables and columns that came later are not in it."""
    later = {
        "deliveries": {"query"},
        "dials": {"ref"},
        "calls": {"client_rang", "disposition"},
        "contacts": {"version"},
        "users": {"preferences"},
        "recordings": {
            *(
                "connection_id",
                "call_key",
                "source",
                "reason",
                "attempts",
                "renderings",
                "next_at",
                "started_at",
                "tracks",
            ),
            *(
                "media_type",
                "size",
                "sha256",
                "rendition_sha256",
                "rendition_size",
                "peaks_sha256",
                "sound",
                "stored_at",
                "hold_reason",
            ),
        },
        "lines": {
            *("owner_first", "ring_user_ids", "ring_seconds", "voicemail", "record_inbound", "record_outbound"),
            *("keep_inbound_days", "keep_outbound_days"),
        },
    }
    new = {"comparisons", "merges", "recording_events", "saved_views"}
    new |= {"listenings", "listening_spans", "broken_glass", "recording_remarks", "score_questions", "gradings"}
    manifest["schema_revision"] = "0001"
    manifest["parts"] = [part for part in manifest["parts"] if part["table"] not in new]
    for table in new:
        parts.pop(table)
    for part in manifest["parts"]:
        gone = [place for place, (name, _) in enumerate(part["columns"]) if name in later.get(part["table"], ())]
        part["columns"] = [column for place, column in enumerate(part["columns"]) if place not in gone]
        table = part["table"]
        parts[table] = [[value for place, value in enumerate(row) if place not in gone] for row in parts[table]]


# ---- what a file may not do ----

Change = Callable[[dict[str, Any], dict[str, list[list[Any]]]], None]


def _rewrite(source: Path, target: Path, change: Change) -> None:
    """The same backup with something changed and its sums made right again."""
    with zipfile.ZipFile(source) as archive:
        manifest = json.loads(archive.read(MEMBER))
        parts = {
            part["table"]: [json.loads(line) for line in archive.read(f"tables/{part['table']}.jsonl").splitlines()]
            for part in manifest["parts"]
        }
    change(manifest, parts)
    with zipfile.ZipFile(target, "w") as archive:
        for part in manifest["parts"]:
            lines = b"".join(json.dumps(row).encode() + b"\n" for row in parts[part["table"]])
            part |= {"rows": len(parts[part["table"]]), "sha256": hashlib.sha256(lines).hexdigest()}
            archive.writestr(f"tables/{part['table']}.jsonl", lines)
        archive.writestr(MEMBER, json.dumps(manifest))


def _newer(manifest: dict[str, Any], _parts: Any) -> None:
    manifest["schema_revision"] = "9999"


def _another_format(manifest: dict[str, Any], _parts: Any) -> None:
    manifest["version"] = 2


def _a_strange_table(manifest: dict[str, Any], parts: Any) -> None:
    manifest["parts"].append({"table": "pg_authid", "columns": [["rolname", "text"]], "rows": 0, "sha256": "0" * 64})
    parts["pg_authid"] = [["nobody"]]


def _a_path(manifest: dict[str, Any], parts: Any) -> None:
    parts["../../etc/passwd"] = parts[manifest["parts"][0]["table"]]
    manifest["parts"][0]["table"] = "../../etc/passwd"


def _a_short_row(_manifest: Any, parts: dict[str, list[list[Any]]]) -> None:
    parts["calls"][0].pop()


def _a_wrong_value(_manifest: Any, parts: dict[str, list[list[Any]]]) -> None:
    parts["deliveries"][0] = ["not a number" if isinstance(value, int) else value for value in parts["deliveries"][0]]


def _a_word_for_a_number(_manifest: Any, parts: dict[str, list[list[Any]]]) -> None:
    parts["calls"][0] = ["many" if isinstance(value, int) else value for value in parts["calls"][0]]


def _another_kind(manifest: dict[str, Any], _parts: Any) -> None:
    part = next(part for part in manifest["parts"] if part["table"] == "calls")
    part["columns"] = [[name, "text" if kind == "int" else kind] for name, kind in part["columns"]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_a_word_for_a_number, "tables/calls.jsonl has a line that is no row of it"),
        (_another_kind, "the backup's calls has columns Hub does not know"),
        (_newer, "of a newer Hub"),
        (_another_format, "manifest.json is not one this Hub can read"),
        (_a_strange_table, "no table of Hub's"),
        (_a_path, "manifest.json is not one this Hub can read: parts.0.table"),
        (_a_short_row, "tables/calls.jsonl has a line that is no row of it"),
        (_a_wrong_value, "deliveries.jsonl"),
    ],
)
def test_a_file_that_was_changed_changes_nothing(
    office: Office, backup: Path, target: Engine, tmp_path: Path, change: Change, said: str
) -> None:
    changed = tmp_path / "changed"
    _rewrite(backup, changed, change)
    with pytest.raises(Invalid, match=said):
        keeping.restore(target, office.hub.seal, changed)
    assert is_empty(target)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.999])
def test_a_file_that_was_cut_short_changes_nothing(
    sqlite_office: Office, target: Engine, tmp_path: Path, share: float
) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    keeping.back_up(sqlite_office.hub.engine, sqlite_office.hub.seal, whole)
    said = whole.read_bytes()
    cut.write_bytes(said[: int(len(said) * share)])
    with pytest.raises(Invalid, match="cut short"):
        keeping.restore(target, sqlite_office.hub.seal, cut)
    assert is_empty(target)


def test_a_flipped_byte_anywhere_changes_nothing(sqlite_office: Office, tmp_path: Path) -> None:
    whole, flipped = tmp_path / "whole", tmp_path / "flipped"
    keeping.back_up(sqlite_office.hub.engine, sqlite_office.hub.seal, whole)
    said, engine = whole.read_bytes(), open_engine(f"sqlite:///{tmp_path}/elsewhere.db")
    before = rows(sqlite_office.hub.engine)
    for place in range(0, len(said), max(len(said) // 60, 1)):
        flipped.write_bytes(said[:place] + bytes([said[place] ^ 0x55]) + said[place + 1 :])
        try:
            keeping.restore(engine, sqlite_office.hub.seal, flipped, replacing=True)
        except (Invalid, Misconfigured):
            continue
        assert rows(engine) == before, f"byte {place} made other rows"
    engine.dispose()


def test_any_other_byte_in_the_frame_is_no_backup_or_the_same(sqlite_office: Office, tmp_path: Path) -> None:
    """Each byte of a zip's headers of its own, in ways that change versions, flags, packings, sizes and names."""
    whole, changed = tmp_path / "whole", tmp_path / "changed"
    keeping.back_up(sqlite_office.hub.engine, sqlite_office.hub.seal, whole)
    said, same = whole.read_bytes(), archive.inspect(whole)
    header, directory, end = said.index(b"PK\3\4"), said.index(b"PK\1\2"), said.rindex(b"PK\5\6")
    places = [*range(header, header + 60), *range(directory, directory + 80), *range(end, len(said))]
    for place, flip in product(places, (0x01, 0x02, 0x04, 0x06, 0x08, 0x55, 0x80, 0xFF)):
        changed.write_bytes(said[:place] + bytes([said[place] ^ flip]) + said[place + 1 :])
        with suppress(Invalid):
            assert archive.inspect(changed) == same, f"byte {place} with {flip:#x} made another"


def test_other_files_are_no_backups(sqlite_office: Office, target: Engine, tmp_path: Path) -> None:
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(Invalid, match=r"is no backup of Hub: it has no manifest.json"):
        keeping.restore(target, sqlite_office.hub.seal, other)
    with pytest.raises(Invalid, match="there is no file"):
        keeping.restore(target, sqlite_office.hub.seal, tmp_path / "nowhere")


# ---- what a restore may not do ----


def test_a_database_with_something_in_it_is_left_alone(office: Office, backup: Path) -> None:
    before = rows(office.hub.engine)
    with pytest.raises(Conflict, match="the database is not empty"):
        keeping.restore(office.hub.engine, office.hub.seal, backup)
    assert rows(office.hub.engine) == before


def test_unless_it_is_to_go(office: Office, backup: Path) -> None:
    before = rows(office.hub.engine)
    office.hear(*talk("later", 5_000))
    keeping.restore(office.hub.engine, office.hub.seal, backup, replacing=True)
    assert rows(office.hub.engine) == before


def test_a_hub_that_works_is_not_replaced_under_its_feet(office: Office, backup: Path) -> None:
    Lease(office.hub.engine, "scheduler", "somebody", timedelta(minutes=1)).take()
    with pytest.raises(Conflict, match="Hub works on this database; stop its processes"):
        keeping.restore(office.hub.engine, office.hub.seal, backup, replacing=True)


def test_other_programs_tables_are_left_alone(backup: Path, office: Office, target: Engine) -> None:
    with target.begin() as connection:
        connection.execute(text("CREATE TABLE invoices (number integer)"))
    with pytest.raises(Conflict, match="tables that are not this Hub's: invoices"):
        keeping.restore(target, office.hub.seal, backup, replacing=True)


def test_and_so_are_those_beside_hubs_own(office: Office, backup: Path) -> None:
    with office.hub.engine.begin() as connection:
        connection.execute(text("CREATE TABLE invoices (number integer)"))
    before = rows(office.hub.engine)
    with pytest.raises(Conflict, match="tables that are not this Hub's: invoices"):
        keeping.restore(office.hub.engine, office.hub.seal, backup, replacing=True)
    assert rows(office.hub.engine) == before


def test_without_the_key_the_secrets_are_not_pretended_to_be_there(
    office: Office, backup: Path, target: Engine
) -> None:
    other = Seal("another key")
    with pytest.raises(Misconfigured, match="is not the key this backup's secrets were sealed with"):
        keeping.restore(target, other, backup)
    assert is_empty(target)
    keeping.restore(target, other, backup, any_key=True)
    assert rows(target) == rows(office.hub.engine)


# ---- the file itself ----


def test_a_backup_is_its_owners_alone_and_takes_nobodys_place(office: Office, backup: Path) -> None:
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with pytest.raises(Conflict, match="exists; nothing was written"):
        keeping.back_up(office.hub.engine, office.hub.seal, backup)


def test_where_nothing_can_be_written_that_is_said(sqlite_office: Office, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot be written"):
        keeping.back_up(sqlite_office.hub.engine, sqlite_office.hub.seal, tmp_path / "no folder" / "file")


def test_nothing_half_stays_when_it_fails_on_the_way(office: Office, backup: Path, tmp_path: Path) -> None:
    class Failed(Exception):
        pass

    def told(part: keeping.Part) -> None:
        if part.table == "deliveries":
            raise Failed

    with pytest.raises(Failed):
        keeping.back_up(office.hub.engine, office.hub.seal, tmp_path / "failed", told)
    assert [path.name for path in tmp_path.iterdir() if "failed" in path.name] == []
    office.hear(*talk("later", 5_000))
    before = rows(office.hub.engine)
    with pytest.raises(Failed):
        keeping.restore(office.hub.engine, office.hub.seal, backup, replacing=True, told=told)
    assert rows(office.hub.engine) == before


@pytest.mark.parametrize("table", ["connections", "calls", tables.kept()[-1].name])
def test_one_that_is_killed_leaves_no_backup_and_the_next_is_whole(office: Office, tmp_path: Path, table: str) -> None:
    target = tmp_path / "hub.backup"
    _killed_at(table, keeping.back_up, office, target)
    left = [path.name for path in tmp_path.iterdir() if "hub.backup" in path.name]
    assert [name.startswith(".") and name.endswith(".unfinished") for name in left] == [True]
    manifest = keeping.back_up(office.hub.engine, office.hub.seal, target)
    assert archive.inspect(target) == manifest


@pytest.mark.parametrize("table", ["connections", "calls", tables.kept()[-1].name])
def test_a_restore_that_is_killed_changes_nothing(office: Office, backup: Path, table: str) -> None:
    office.hear(*talk("later", 5_000))
    before = rows(office.hub.engine)
    _killed_at(table, _restore_over, office, backup)
    assert rows(office.hub.engine) == before
    assert schema.standing(office.hub.engine).current


Told = Callable[[keeping.Part], None]
Work = Callable[[Engine, Seal, Path, Told], Any]


def _restore_over(engine: Engine, seal: Seal, source: Path, told: Told) -> None:
    keeping.restore(engine, seal, source, replacing=True, told=told)


def _killed_at(table: str, work: Work, office: Office, file: Path) -> None:
    """The work in a process of its own, which is killed once it has done this table."""
    url = office.hub.engine.url.render_as_string(hide_password=False)
    process = get_context("spawn").Process(target=_die_at, args=(table, work, url, office.hub.seal, file))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL


def _die_at(table: str, work: Work, url: str, seal: Seal, file: Path) -> None:
    def told(part: keeping.Part) -> None:
        if part.table == table:
            os.kill(os.getpid(), signal.SIGKILL)

    work(open_engine(url), seal, file, told)
