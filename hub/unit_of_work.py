"""One transaction across every stage: leaving the block commits, an exception undoes."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.orm import Session


@contextmanager
def unit_of_work(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session, session.begin():
        yield session
