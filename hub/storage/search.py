"""Indexes of PostgreSQL alone: the order of cards, what came of calls, words inside text by trigrams (its own pg_trgm).

They stand beside the migrations, which are for both databases; SQLite reads through its smaller
tables, in its own code.
"""

from collections.abc import Mapping
from typing import Any

import structlog
from sqlalchemy import Boolean, ColumnElement, Connection, Engine, literal, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

LATEST = {
    "ix_contacts_latest": "contacts (coalesce(last_contact_at, created_at), id)",
    "ix_calls_result": "calls (disposition, started_at, id) WHERE disposition IS NOT NULL",
    "ix_calls_unsaid": "calls (outcome, started_at, id) WHERE disposition IS NULL",
}
WORDS = {
    "ix_calls_note_words": "calls USING gin (note gin_trgm_ops)",
    "ix_calls_name_words": "calls USING gin (external_name gin_trgm_ops)",
    "ix_calls_tail_digits": "calls USING gin (external_tail gin_trgm_ops)",
    "ix_contacts_name_words": "contacts USING gin (name gin_trgm_ops)",
    "ix_contacts_company_words": "contacts USING gin (company gin_trgm_ops)",
    "ix_contact_mails_words": "contact_mails USING gin (address gin_trgm_ops)",
    "ix_contact_numbers_digits": "contact_numbers USING gin (e164 gin_trgm_ops)",
}
INDEXES = LATEST | WORDS

log = structlog.get_logger()


def prepare(engine: Engine) -> None:
    """Have the indexes, without stopping anybody who writes; the caller sees that only one does this at a time.

    Where the database's owner may not add pg_trgm, searching is slower and that is all.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET lock_timeout = 0"))  # CONCURRENTLY waits for others, others never for it
        _create(connection, LATEST)
        try:
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
        except DBAPIError as error:
            log.warning("searching will be slow: the extension pg_trgm cannot be added", reason=str(error.orig))
        else:
            _create(connection, WORDS)
        connection.invalidate()  # its settings are not for others


def _create(connection: Connection, indexes: Mapping[str, str]) -> None:
    """Those that are missing; one whose making was cut short is there, of no use, and made again."""
    found = connection.execute(
        text("SELECT relname, indisvalid FROM pg_index JOIN pg_class ON oid = indexrelid WHERE relname = ANY(:names)"),
        {"names": list(indexes)},
    )
    whole: dict[str, bool] = {name: valid for name, valid in found}  # noqa: C416 - a row is a tuple, not its type
    for name, what in indexes.items():
        if whole.get(name) is False:
            connection.execute(text(f"DROP INDEX CONCURRENTLY {name}"))
        if not whole.get(name):
            connection.execute(text(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {what}"))


class _Holds(FunctionElement[bool]):
    """Of a column: a pattern of LIKE, and one of GLOB that means the same."""

    name = "holds"
    type = Boolean()
    inherit_cache = True


def holds(column: InstrumentedAttribute[Any], word: str) -> ColumnElement[bool]:
    """Whether `word` stands anywhere in the column, in capitals or not, in every alphabet."""
    like = "".join(f"/{character}" if character in "/%_" else character for character in word)
    return _Holds(column, literal(f"%{like}%"), literal(f"*{''.join(map(_either, word))}*"))


def _either(character: str) -> str:
    """A class of GLOB: the character small and in capitals; what GLOB has a meaning for is one of its own kind."""
    cases = {character, character.lower(), character.upper()}
    return f"[{''.join(sorted(case for case in cases if len(case) == 1))}]" if character != "^" else "^"


@compiles(_Holds)
def _with_trigrams(element: _Holds, compiler: SQLCompiler, **more: object) -> str:
    column, like, _ = element.clauses
    return f"{compiler.process(column, **more)} ILIKE {compiler.process(like, **more)} ESCAPE '/'"


@compiles(_Holds, "sqlite")
def _in_its_own_code(element: _Holds, compiler: SQLCompiler, **more: object) -> str:
    """GLOB knows letters of every alphabet; LIKE would need a function of ours for each row."""
    column, _, glob = element.clauses
    return f"{compiler.process(column, **more)} GLOB {compiler.process(glob, **more)}"


def folded(value: str | None) -> str | None:
    """Lower case in every alphabet: what SQLite's own `lower` does for English alone."""
    return None if value is None else value.lower()
