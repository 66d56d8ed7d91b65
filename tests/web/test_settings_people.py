"""Users and teams in the settings: added, changed, invited, switched off."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hub.people.models import JournalRow, SessionRow, UserRow
from hub.web import acts_admin
from tests.web.company import Browser, Company

ANNA = {
    "name": "Anna Berzina",
    "email": "Anna@Example.org",
    "roles": ["manager"],
    "team_id": "1",
    "phones-acme": "111, 112",
    "language": "lv",
    "timezone": "Europe/Riga",
}
NASTY = ("\x00", "a\r\nb", "<script>alert(1)</script>", "x" * 3000, "'; DROP TABLE users; --", "\u202e", "-1", "9" * 30)
PASSWORD = "correct horse battery"


def add(adam: Browser, **more: Any) -> Any:
    return adam.send("POST", "/settings/users/new", data=ANNA | more)


def row(company: Company, user_id: int) -> UserRow:
    with company.office.hub.reading() as session:
        found = session.get_one(UserRow, user_id)
        session.expunge(found)
        return found


def number(answer: Any) -> int:
    assert answer.status_code == 303, answer.text
    return int(answer.location.rpartition("/")[2])


def journal(company: Company) -> list[tuple[str, Any]]:
    with company.office.hub.reading() as session:
        chosen = select(JournalRow.action, JournalRow.detail).order_by(JournalRow.id)
        return [(action, detail) for action, detail in session.execute(chosen)]


def form(adam: Browser, address: str) -> dict[str, Any]:
    """A form as it stands."""
    page = adam.send("GET", address).text
    filled: dict[str, Any] = dict(re.findall(r'<input[^>]*?name="([\w-]+)"[^>]*?value="([^"]*)"', page))
    filled |= dict(re.findall(r'<select[^>]*?name="(\w+)"[^>]*>.*?<option value="([^"]*)" selected', page))
    filled["roles"] = re.findall(r'name="roles" value="(\w+)" checked', page)
    return filled


def test_a_user_is_added_with_team_and_phones_and_written_down(company: Company, adam: Browser) -> None:
    user_id = number(add(adam))
    anna = row(company, user_id)
    assert (anna.email, anna.name, anna.roles) == ("anna@example.org", "Anna Berzina", ["manager"])
    assert (anna.team_id, anna.language, anna.timezone) == (1, "lv", "Europe/Riga")
    assert journal(company)[-1] == ("user.created", {})
    page = adam.send("GET", f"/settings/users/{user_id}").text
    assert "Anna Berzina is added" in page
    assert 'value="111, 112"' in page


def test_whose_phone_is_taken_is_told(adam: Browser) -> None:
    user_id = number(add(adam, **{"phones-acme": "101"}))
    assert "101 was the phone of Mira until now" in adam.send("GET", f"/settings/users/{user_id}").text


def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(adam: Browser) -> None:
    answer = add(adam, email="no address", roles=[], timezone="Nowhere/At_All", **{"phones-acme": "1 1"})
    assert answer.status_code == 422
    for field in ("email", "roles", "extensions"):
        assert f'id="w-{field}"' in answer.text
    assert "got “no address”, expected an address such as" in answer.text
    assert 'value="Anna Berzina"' in answer.text
    answer = add(adam, email="mira@example.org")
    assert "somebody signs in with this address already" in answer.text


def test_whatever_is_typed_is_answered_in_words(company: Company, adam: Browser) -> None:
    mira = company.people["Mira"]
    for value in NASTY:
        odd = dict.fromkeys(ANNA, value) | {f"phones-{value}": value, "seen": value, "active": value}
        for address in ("/settings/users/new", f"/settings/users/{mira}"):
            answer = adam.send("POST", address, data=odd | {"head_id": value})
            assert answer.status_code in (409, 413, 422), (address, value)
        for address in ("/settings/teams/new", "/settings/teams/1"):
            answer = adam.send("POST", address, data={"name": value, "head_id": value, "seen": value})
            assert answer.status_code in (409, 413, 422), (address, value)
            assert "<script>alert" not in answer.text
    for place in ("", "/in-use", "/invitation"):
        assert adam.send("POST", f"/settings/users/2147483647{place}").status_code == 404


def test_a_change_names_what_was_changed_alone(company: Company, adam: Browser) -> None:
    user_id = number(add(adam))
    address = f"/settings/users/{user_id}"
    assert adam.send("POST", address, data=form(adam, address) | {"email": "ann@example.org"}).status_code == 303
    assert row(company, user_id).email == "ann@example.org"
    assert journal(company)[-1] == ("user.edited", {"fields": ["email"]})
    adam.send("POST", address, data=form(adam, address) | {"phones-acme": "", "team_id": ""})
    assert journal(company)[-1] == ("user.edited", {"fields": ["extensions", "team_id"]})
    answer = adam.send("POST", address, data=form(adam, address) | {"email": "mira@example.org"})
    assert answer.status_code == 422
    assert row(company, user_id).email == "ann@example.org"


def test_the_second_of_two_is_told_and_may_insist(company: Company, adam: Browser) -> None:
    address = f"/settings/users/{company.people['Mira']}"
    opened = form(adam, address)
    adam.send("POST", address, data=opened | {"name": "Mira First"})
    answer = adam.send("POST", address, data=opened | {"name": "Mira Second"})
    assert answer.status_code == 409
    assert "Adam changed this" in answer.text
    assert row(company, company.people["Mira"]).name == "Mira First"
    again = re.search(r'name="seen" value="(\w+)"', answer.text)
    assert again
    adam.send("POST", address, data=opened | {"name": "Mira Second", "seen": again.group(1)})
    assert row(company, company.people["Mira"]).name == "Mira Second"


def test_nobody_changes_their_own_roles_or_switches_themselves_off(company: Company, adam: Browser) -> None:
    me = company.people["Adam"]
    address = f"/settings/users/{me}"
    adam.send("POST", address, data=form(adam, address) | {"roles": ["manager"], "name": "Adam Smith"})
    assert (row(company, me).roles, row(company, me).name) == (["administrator"], "Adam Smith")
    assert adam.send("POST", f"{address}/in-use", data={"active": "no"}).status_code == 403
    assert "Switch off" not in adam.send("GET", address).text


def test_whoever_is_switched_off_is_signed_out_at_once(company: Company, adam: Browser) -> None:
    mira = company.browser("Mira")
    assert mira.send("GET", "/live").status_code == 200
    adam.send("POST", f"/settings/users/{company.people['Mira']}/in-use", data={"active": "no"})
    assert mira.send("GET", "/live").status_code == 303
    with company.office.hub.reading() as session:
        assert not session.scalars(select(SessionRow).where(SessionRow.user_id == company.people["Mira"])).all()
    assert journal(company)[-1] == ("user.edited", {"fields": ["active"]})
    adam.send("POST", f"/settings/users/{company.people['Mira']}/in-use", data={"active": "yes"})
    assert company.browser("Mira").send("GET", "/live").status_code == 200


def invitation(adam: Browser, user_id: int) -> str:
    page = adam.send("POST", f"/settings/users/{user_id}/invitation").text
    found = re.search(r'value="http://localhost(/invitation/[^"]+)"', page)
    assert found
    return found.group(1)


def test_an_invitation_lets_somebody_choose_a_password_once(company: Company, adam: Browser) -> None:
    user_id = number(add(adam))
    link = invitation(adam, user_id)
    assert journal(company)[-1] == ("user.invited", {})
    guest = Browser(company.app.test_client())
    assert "anna@example.org" in guest.send("GET", link).text
    for password, again in (("short", "short"), (PASSWORD, "another one, longer"), ("", "")):
        assert guest.send("POST", link, data={"password": password, "again": again}).status_code == 422
    answer = guest.send("POST", link, data={"password": PASSWORD, "again": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/")
    assert guest.client.get("/live").status_code == 200
    assert journal(company)[-1] == ("user.joined", {})
    assert guest.client.get(link).status_code == 404
    assert PASSWORD not in str(journal(company))


def test_an_invitation_ends(company: Company, adam: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    guest = company.app.test_client()
    link = invitation(adam, company.people["Mira"])
    assert guest.get(link).status_code == 200
    for wrong in ("nothing", link[12:-3] + "abc", "\x00", "x" * 3000):
        assert guest.get(f"/invitation/{wrong}").status_code == 404
    adam.send("POST", f"/settings/users/{company.people['Mira']}/in-use", data={"active": "no"})
    assert guest.get(link).status_code == 404
    adam.send("POST", f"/settings/users/{company.people['Mira']}/in-use", data={"active": "yes"})
    monkeypatch.setattr(acts_admin, "INVITED_FOR", timedelta(seconds=-1))
    assert guest.get(link).status_code == 404


def test_a_team_has_a_name_and_a_head(company: Company, adam: Browser) -> None:
    given = {"name": "North", "head_id": str(company.people["Sofia"])}
    assert adam.send("POST", "/settings/teams/new", data=given).status_code == 303
    page = adam.send("GET", "/settings/teams").text
    assert "North" in page
    assert "Sofia" in page
    assert journal(company)[-1] == ("team.created", {})
    answer = adam.send("POST", "/settings/teams/new", data=given)
    assert answer.status_code == 422
    assert "there is a team of this name already" in answer.text
    opened = form(adam, "/settings/teams/1")
    assert adam.send("POST", "/settings/teams/1", data=opened | {"name": "South"}).status_code == 303
    answer = adam.send("POST", "/settings/teams/1", data=opened | {"name": "East"})
    assert answer.status_code == 409
    assert "Adam changed this" in answer.text
    assert adam.send("GET", "/settings/teams/99").status_code == 404


def test_a_team_goes_when_nobody_belongs_to_it(company: Company, adam: Browser) -> None:
    answer = adam.send("POST", "/settings/teams/2/remove")
    assert answer.status_code == 409
    assert "people belong to it: Oleg; give them another team first" in answer.text
    adam.send("PATCH", f"/api/v1/users/{company.people['Oleg']}", json={"team_id": None})
    line = {"number": "+380445551299", "region": "UA", "team_id": 2}
    line_id = adam.send("POST", "/api/v1/lines", json=line).json["id"]
    answer = adam.send("DELETE", "/api/v1/teams/2")
    assert (answer.status_code, "lines are given to this team" in answer.json["detail"]) == (409, True)
    adam.send("PATCH", f"/api/v1/lines/{line_id}", json={"team_id": None})
    assert adam.send("POST", "/settings/teams/2/remove").status_code == 303
    page = adam.send("GET", "/settings/teams").text
    assert "Support is removed" in page
    assert journal(company)[-1] == ("team.removed", {})
    assert adam.send("DELETE", "/api/v1/teams/2").status_code == 404
    assert adam.send("DELETE", "/api/v1/teams/1").status_code == 409
