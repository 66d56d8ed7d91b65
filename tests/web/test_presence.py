"""Who of ours is free, rings, talks or is away."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from hub.domain import clock
from hub.domain.access import Role, Viewer
from hub.reads import presence
from tests.pipeline.office import MONDAY, Office, answered, rang, started
from tests.web.company import Company


@pytest.fixture
def company(database_url: str, tmp_path: Path) -> Iterator[Company]:
    office = Office.opened(database_url, tmp_path)
    with time_machine.travel(MONDAY + timedelta(hours=2), tick=True):
        yield Company.opened(office)
    office.hub.engine.dispose()


def seen(company: Company, viewer: Viewer) -> dict[str, str]:
    with company.office.hub.reading() as session:
        return {each.name: each.doing for each in presence.seen_by(viewer, presence.everybody(session, clock.now()))}


def test_calls_say_who_is_busy_and_pages_who_is_here(company: Company) -> None:
    rita = Viewer(user_id=company.people["Rita"], roles=frozenset({Role.RECEPTION}))
    company.browser("Max")
    company.office.hear(started("c1", 7100), rang("c1", 7101, "101"), answered("c1", 7105, "101"))
    company.office.hear(started("c2", 7100), rang("c2", 7101, "103"), started("c3", 7110), rang("c3", 7111, "101"))
    told = seen(company, rita)
    assert (told["Mira"], told["Oleg"], told["Max"], told["Sofia"]) == ("talking", "ringing", "free", "away")


def test_a_manager_sees_only_what_own_calls_would_tell(company: Company) -> None:
    mira = company.people["Mira"]
    assert set(seen(company, Viewer(user_id=mira, roles=frozenset({Role.MANAGER})))) == {"Mira"}
    team = frozenset(company.people[name] for name in ("Mira", "Max", "Sofia"))
    boss = Viewer(user_id=company.people["Sofia"], roles=frozenset({Role.SUPERVISOR}), team=team)
    assert set(seen(company, boss)) == {"Mira", "Max", "Sofia"}
