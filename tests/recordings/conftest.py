"""An office whose phone system keeps its recordings on a web server of this machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.media import Media
from tests.pipeline.office import Office
from tests.recordings.archive import Archive


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    opened = Office.opened(database_url, tmp_path / "data")
    yield opened
    opened.hub.engine.dispose()


@pytest.fixture
def archive(database_url: str, tmp_path: Path) -> Iterator[Archive]:
    """A Hub in this process with a pushing connection, and nothing recorded yet; on both databases."""
    opened = Archive.opened(database_url, tmp_path)
    yield opened
    opened.hub.engine.dispose()


@pytest.fixture
def media() -> Iterator[Media]:
    with Media.running() as server:
        yield server
