"""Indexes of PostgreSQL alone: the order of cards, and words inside text by trigrams (its own pg_trgm).

They stand beside the migrations, which are for both databases; SQLite reads through its smaller tables.
"""

from collections.abc import Mapping

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

LATEST = {"ix_contacts_latest": "contacts (coalesce(last_contact_at, created_at), id)"}
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


def prepare(connection: Connection) -> None:
    """Have the indexes; where the database's owner may not add pg_trgm, searching is slower and that is all."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('hub search indexes'))"))
    _create(connection, LATEST)
    try:
        with connection.begin_nested():
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    except DBAPIError as error:
        log.warning("searching will be slow: the extension pg_trgm cannot be added", reason=str(error.orig))
        return
    _create(connection, WORDS)


def _create(connection: Connection, indexes: Mapping[str, str]) -> None:
    for name, what in indexes.items():
        connection.execute(text(f"CREATE INDEX IF NOT EXISTS {name} ON {what}"))


def folded(value: str | None) -> str | None:
    """Lower case in every alphabet: what SQLite's own `lower` does for English alone."""
    return None if value is None else value.lower()
