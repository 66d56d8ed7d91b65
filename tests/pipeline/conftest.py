"""The office: a Hub in this process, on either database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline.office import Office


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    opened = Office.opened(database_url, tmp_path)
    yield opened
    opened.hub.engine.dispose()


@pytest.fixture
def sqlite_office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    """On SQLite alone, for properties that are tried many times."""
    opened = Office.opened(sqlite_url, tmp_path)
    yield opened
    opened.hub.engine.dispose()
