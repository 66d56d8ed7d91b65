"""Words inside text, found fast: on PostgreSQL by trigrams (its own pg_trgm); SQLite reads through its smaller tables.

These indexes exist on PostgreSQL alone, so they stand beside the migrations, which are for both.
"""

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

INDEXES = {
    "ix_calls_note_words": "calls USING gin (note gin_trgm_ops)",
    "ix_calls_name_words": "calls USING gin (external_name gin_trgm_ops)",
    "ix_calls_tail_digits": "calls USING gin (external_tail gin_trgm_ops)",
    "ix_contacts_name_words": "contacts USING gin (name gin_trgm_ops)",
    "ix_contacts_company_words": "contacts USING gin (company gin_trgm_ops)",
    "ix_contact_numbers_digits": "contact_numbers USING gin (e164 gin_trgm_ops)",
}

log = structlog.get_logger()


def prepare(connection: Connection) -> None:
    """Have the indexes; where the database's owner may not add pg_trgm, searching is slower and that is all."""
    try:
        with connection.begin_nested():
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    except DBAPIError as error:
        log.warning("searching will be slow: the extension pg_trgm cannot be added", reason=str(error.orig))
        return
    for name, what in INDEXES.items():
        connection.execute(text(f"CREATE INDEX IF NOT EXISTS {name} ON {what}"))


def folded(value: str | None) -> str | None:
    """Lower case in every alphabet: what SQLite's own `lower` does for English alone."""
    return None if value is None else value.lower()
