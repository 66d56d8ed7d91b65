"""The guide through a first start: each step turns green by what is there, or by an administrator's word."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub import bootstrap
from hub.app import create_app
from hub.domain.access import Role
from hub.leads.rules import seed_rules
from hub.people import users
from hub.people.users import NewUser
from hub.settings import Settings
from hub.telephony import lines
from tests.pipeline.office import MONDAY, Bell, Office
from tests.web.company import PUBLIC, Browser, Company


@pytest.fixture
def new(database_url: str, tmp_path: Path) -> Iterator[Company]:
    """A Hub as `hub init` leaves it: rules, and one administrator."""
    hub = bootstrap.build(Settings(database_url=database_url, data_dir=tmp_path))
    app = create_app(hub, secret="a secret of the tests alone", public_url=PUBLIC, streams=1)
    company = Company(Office(hub, Bell()), app)
    with hub.unit_of_work() as session:
        seed_rules(session)
        admin = NewUser(email="adam@example.org", name="Adam", roles=frozenset({Role.ADMINISTRATOR}))
        company.people["Adam"] = users.create_user(session, admin, MONDAY).id
    yield company
    hub.engine.dispose()


def steps(adam: Browser) -> dict[str, bool]:
    """Each step by its title, and whether it is done."""
    page = adam.send("GET", "/settings/guide").text
    found = re.findall(r'<h3>([^<]+) <span class="unseen">(done|not done yet)</span>', page)
    return {title: state == "done" for title, state in found}


def test_an_administrator_of_a_new_hub_lands_in_the_guide(new: Company) -> None:
    adam = new.browser("Adam")
    assert adam.send("GET", "/").location == "/settings/guide"
    assert list(steps(adam)) == ["Company", "Phone system", "Lines", "People and extensions", "Rules", "The first call"]
    assert not any(steps(adam).values())
    assert "Set-up, next: Company" in adam.send("GET", "/settings/users").text


def test_each_step_turns_green_by_what_is_there(new: Company) -> None:
    adam = new.browser("Adam")
    adam.send("POST", "/settings/guide/company/right")
    given = {"name": "desk", "s-region": "UA"}
    adam.send("POST", "/settings/connections/new/generic", data=given)
    assert steps(adam)["Phone system"]
    adam.send("POST", "/settings/lines/new", data={"number": "+380445551200", "region": "UA", "timezone": "UTC"})
    assert steps(adam)["Lines"]
    anna = {"name": "Anna", "email": "anna@example.org", "roles": ["manager"], "language": "en", "timezone": "UTC"}
    adam.send("POST", "/settings/users/new", data=anna)
    assert not steps(adam)["People and extensions"]
    with new.office.hub.unit_of_work() as session:
        desk = new.office.hub.connections.named(session, "desk")
        lines.assign(session, desk.id, "101", new.people["Adam"])
    assert steps(adam)["People and extensions"]
    adam.send("POST", "/settings/guide/rules/right")
    assert [title for title, done in steps(adam).items() if not done] == ["The first call"]


def test_the_guide_is_put_away_and_taken_out_again(new: Company) -> None:
    adam = new.browser("Adam")
    adam.send("POST", "/settings/guide/away", data={"away": "yes"})
    assert adam.send("GET", "/").location == "/calls"
    assert "Set-up, next" not in adam.send("GET", "/settings/users").text
    adam.send("POST", "/settings/guide/away", data={"away": "no"})
    assert adam.send("GET", "/").location == "/settings/guide"


def test_only_a_step_that_is_looked_at_is_right_by_somebodys_word(new: Company) -> None:
    adam = new.browser("Adam")
    for step in ("phones", "nothing", "%00", "x" * 300):
        assert adam.send("POST", f"/settings/guide/{step}/right").status_code == 404
    assert adam.send("POST", "/settings/guide/company/right").status_code == 303
    assert steps(adam)["Company"]


def test_what_holds_for_the_company_is_shown_with_where_it_stands(new: Company) -> None:
    page = new.browser("Adam").send("GET", "/settings/company").text
    assert "HUB_REGION" in page
    assert "http://localhost" in page
