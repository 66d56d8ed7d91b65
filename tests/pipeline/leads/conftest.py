"""The leads stage alone, on a fresh database of either kind."""

from collections.abc import Iterator

import pytest

from hub.storage.database import open_engine
from tests.pipeline.leads.words import Desk


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    engine = open_engine(database_url)
    yield Desk(engine)
    engine.dispose()
