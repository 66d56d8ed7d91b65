"""Tokens, the journal and the doctor in the settings."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from hub import doctor
from hub.doctor import Finding, Level, phones, work
from hub.doctor.findings import Patient
from hub.domain import clock
from hub.people.models import JournalRow, TokenRow
from hub.settings import Settings
from hub.web.pages.settings.doctor import EXAMINATION
from tests.web.company import Browser, Company, Program

NASTY = ("\x00", "a\r\nb", "<script>alert(1)</script>", "x" * 5000, "-1", "9" * 30, "0001-01-01", "9999-12-31", "%")


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page))


def make(adam: Browser) -> str:
    given = {"name": "CRM", "roles": ["administrator"], "scopes": ["calls:read", "leads:read"], "extension": "101"}
    page = adam.send("POST", "/settings/tokens", data=given).text
    found = re.search(r'value="(hub_[^"]+)"', page)
    assert found, page
    return found.group(1)


def test_a_token_is_shown_once_works_within_its_rights_and_is_taken_back(company: Company, adam: Browser) -> None:
    secret = make(adam)
    assert secret not in adam.send("GET", "/settings/tokens").text
    crm = Program(company.app.test_client(), secret)
    assert crm.send("GET", "/api/v1/calls").status_code == 200
    assert crm.send("GET", "/api/v1/tasks").status_code == 403
    page = words(adam.send("GET", "/settings/tokens").text)
    assert "CRM phone 101 Administrator read calls, read clients and leads" in page
    with company.office.hub.reading() as session:
        row = session.scalars(select(TokenRow)).one()
        assert secret not in str(session.execute(select(JournalRow.detail)).all())
    assert adam.send("POST", f"/settings/tokens/{row.id}/revoke").status_code == 303
    assert crm.send("GET", "/api/v1/calls").status_code == 401
    page = words(adam.send("GET", "/settings/tokens").text)
    assert "The token opens nothing any more" in page
    assert "1 token was taken back" in page


def test_what_is_wrong_with_a_token_stands_at_its_field(company: Company, adam: Browser) -> None:
    answer = adam.send("POST", "/settings/tokens", data={"name": "", "roles": [], "extension": "1 0 1"})
    assert answer.status_code == 422
    for field in ("name", "roles", "extension"):
        assert f'id="w-{field}"' in answer.text
    for value in NASTY:
        given = {"name": value, "roles": [value], "scopes": [value], "extension": value}
        answer = adam.send("POST", "/settings/tokens", data=given)
        assert answer.status_code in (413, 422), value
        assert "<script>alert" not in answer.text
    with company.office.hub.reading() as session:
        assert session.scalar(select(TokenRow.id)) is None


def entry(user_id: int | None, action: str, subject: str, **detail: object) -> JournalRow:
    return JournalRow(at=clock.now(), user_id=user_id, action=action, subject=subject, detail=detail)


def fill(company: Company, count: int) -> None:
    """So many entries of Adam about users, one of Mira about a card."""
    with company.office.hub.unit_of_work() as session:
        for number in range(count):
            session.add(entry(company.people["Adam"], "user.edited", f"user:{number}", fields=["name"]))
        session.add(entry(company.people["Mira"], "contact.edited", "contact:1"))


def test_the_journal_tells_who_did_what_and_when(company: Company, adam: Browser) -> None:
    fill(company, 3)
    page = words(adam.send("GET", "/settings/journal").text)
    assert "Mira changed a card contact:1" in page
    assert "Adam changed a user user:2 name" in page
    mine = words(adam.send("GET", f"/settings/journal?who={company.people['Mira']}").text)
    assert "changed a card" in mine
    assert "changed a user" not in mine
    users = words(adam.send("GET", "/settings/journal?kind=user").text)
    assert "changed a card" not in users
    assert "changed a user" in users
    assert "Nobody did such a thing" in adam.send("GET", "/settings/journal?until=2020-01-01").text
    assert "changed a user" in words(adam.send("GET", "/settings/journal?since=2020-01-01").text)


def test_the_journal_is_paged_and_takes_any_filter(company: Company, adam: Browser) -> None:
    fill(company, 60)
    page = adam.send("GET", "/settings/journal?kind=user").text
    older = re.search(r'href="([^"]*at=[^"]*)"', page)
    assert older
    assert page.count("changed a user") == 50
    assert adam.send("GET", older.group(1).replace("&amp;", "&")).text.count("changed a user") == 10
    for value in NASTY:
        for name in ("who", "kind", "since", "until"):
            answer = adam.send("GET", "/settings/journal", query_string={name: value})
            assert answer.status_code == 200, (name, value)
            assert "<script>alert" not in answer.text
        assert adam.send("GET", "/settings/journal", query_string={"at": value}).status_code in (409, 422)


def test_every_kind_of_entry_can_be_read(company: Company, adam: Browser) -> None:
    """Also those of rules, which are told as sentences, and those of a later Hub."""
    adam.send("POST", "/settings/rules/inbound_missed/new", data={"create_contact": "yes", "deadline_minutes": "30"})
    with company.office.hub.unit_of_work() as session:
        session.add(entry(None, "thing.happened", "thing:x", x=1))
        session.add(entry(None, "call.noted", "call:none"))
    page = words(adam.send("GET", "/settings/journal").text)
    assert "changed a rule rule:inbound_missed:new:" in page
    assert "Incoming call, missed: Makes a card" in page
    assert "a program, or Hub itself thing.happened thing:x x: 1" in page


def test_the_doctor_tells_the_worst_first_with_its_remedy(company: Company, adam: Browser) -> None:
    assert 'hx-get="/settings/doctor/findings"' in adam.send("GET", "/settings/doctor").text
    assert "run hub doctor on the machine" in adam.send("GET", "/settings/doctor/findings").text
    found = [
        Finding(Level.BROKEN, "pbx: <b>nobody</b> listens", "start `hub serve`"),
        Finding(Level.GOOD, "enough disk"),
    ]
    company.app.extensions[EXAMINATION] = lambda: found
    part = adam.send("GET", "/settings/doctor/findings", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert part.index("pbx: &lt;b&gt;nobody") < part.index("enough disk")
    assert "start <code>hub serve</code>" in part


def test_an_examination_has_a_limit(company: Company, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    let_go = threading.Event()
    url = company.office.hub.engine.url.render_as_string(hide_password=False)
    settings = Settings(database_url=url, data_dir=tmp_path)

    def stuck(_patient: Patient) -> Iterator[Finding]:
        let_go.wait(30)
        yield Finding(Level.GOOD, "too late")

    monkeypatch.setattr(doctor, "CHECKS", (stuck, work.deliveries, phones.people))
    found = doctor.examine_within(company.office.hub, settings, 0.5)
    let_go.set()
    assert "looking at stuck took longer than 0 seconds" in next(each.what for each in found)
    assert [each.level for each in found] == sorted((each.level for each in found), key=list(Level).index)
