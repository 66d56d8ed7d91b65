"""The invented sales company of the web tests, asked without the web, on either database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline.office import Office
from tests.web.company import Company


@pytest.fixture
def company(database_url: str, tmp_path: Path) -> Iterator[Company]:
    office = Office.opened(database_url, tmp_path)
    yield Company.opened(office)
    office.hub.engine.dispose()
