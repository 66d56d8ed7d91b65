"""Words inside names, on either database: in capitals or not, in every alphabet, and signs mean themselves."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.domain import clock
from hub.leads.models import ContactRow
from hub.storage import search
from hub.storage.database import open_engine

NAMES = ("Ганна Ковальчук", "Ģirts Ūdris", "Bob [A]", "50% off_now", "Straße ?*", "a^b-c]")


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("ганна", {0}),
        ("КОВАЛЬ", {0}),
        ("ģIRTS", {1}),
        ("ūdr", {1}),
        ("[a]", {2}),
        ("b", {2, 5}),
        ("%", {3}),
        ("F_N", {3}),
        ("f.n", set()),
        ("?*", {4}),
        ("straße", {4}),
        ("^B-", {5}),
        ("c]", {5}),
        ("*", {4}),
    ],
)
def test_what_is_typed_is_found_as_it_is_meant(database_url: str, word: str, found: set[int]) -> None:
    engine = open_engine(database_url)
    with Session(engine) as session:
        rows = (
            ContactRow(id=place + 1, name=name, tags=[], created_at=clock.now()) for place, name in enumerate(NAMES)
        )
        session.add_all(rows)
        session.commit()
        ids = session.scalars(select(ContactRow.id).where(search.holds(ContactRow.name, word))).all()
    engine.dispose()
    assert {each - 1 for each in ids} == found
