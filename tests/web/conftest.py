"""The company of tests/web/company.py, fresh for each test on either database, and its administrator's browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline.office import Office
from tests.web.company import Browser, Company


@pytest.fixture
def company(database_url: str, tmp_path: Path) -> Iterator[Company]:
    office = Office.opened(database_url, tmp_path)
    yield Company.opened(office)
    office.hub.engine.dispose()


@pytest.fixture
def adam(company: Company) -> Browser:
    return company.browser("Adam")
