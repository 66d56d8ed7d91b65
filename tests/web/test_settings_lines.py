"""Lines in the settings: added, and said of each when it is open, whose it is and what brings its calls."""

import re
from typing import Any

from sqlalchemy import select

from hub.people.models import JournalRow
from hub.telephony.models import LineRow
from tests.web.company import Browser, Company

NEW = {"number": "044 555 12 99", "name": "Sales", "region": "ua", "timezone": "Europe/Kyiv", "connection": "acme"}
NASTY = ("\x00", "a\r\nb", "<script>alert(1)</script>", "x" * 5000, "'; DROP TABLE lines; --", "\u202e", "-1", "9" * 30)
FIELDS = ("number", "name", "region", "timezone", "connection", "owner_id", "team_id", "ring_user_ids", "ring_seconds")


def line(company: Company) -> LineRow:
    with company.office.hub.reading() as session:
        row = session.scalars(select(LineRow).where(LineRow.number == "+380445551299")).one()
        session.expunge(row)
        return row


def add(adam: Browser, **more: str) -> str:
    answer = adam.send("POST", "/settings/lines/new", data=NEW | more)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def form(adam: Browser, address: str) -> dict[str, Any]:
    """A form as it stands."""
    page = adam.send("GET", address).text
    filled: dict[str, Any] = dict(re.findall(r'<input[^>]*?name="([\w-]+)"[^>]*?value="([^"]*)"', page))
    filled |= dict(re.findall(r'<select[^>]*?name="(\w+)"[^>]*>.*?<option value="([^"]*)" selected', page))
    for box in ("owner_first", "voicemail", "ring_user_ids"):
        filled.pop(box, None)
    filled |= dict(re.findall(r'name="(owner_first|voicemail|open)" value="(\w+)" checked', page))
    return filled


def journal(company: Company) -> tuple[str, Any]:
    with company.office.hub.reading() as session:
        row = session.scalars(select(JournalRow).order_by(JournalRow.id.desc()).limit(1)).one()
        return row.action, row.detail


def test_a_line_is_added_in_any_spelling(company: Company, adam: Browser) -> None:
    address = add(adam)
    row = line(company)
    assert (row.name, row.region, row.timezone) == ("Sales", "UA", "Europe/Kyiv")
    assert row.connection_id == company.office.ids["acme"]
    assert journal(company) == ("line.created", {})
    assert "say below whom it rings" in adam.send("GET", address).text
    again = adam.send("POST", "/settings/lines/new", data=NEW)
    assert again.status_code == 422
    assert "this is a line already" in again.text


def test_a_week_is_read_as_people_write_it_and_said_in_words(company: Company, adam: Browser) -> None:
    address = add(adam)
    week = {f"hours-{day}": "9-13, 14:30–18" for day in ("mon", "tue", "wed", "thu", "fri")}
    odd = {"hours-sat": "22–6", "hours-sun": "", "hours-holidays": "2026-12-25; 2027-01-01"}
    filled = form(adam, address) | week | odd | {"open": "week", "team_id": "2", "timezone": "Europe/Riga"}
    assert adam.send("POST", address, data=filled).status_code == 303
    row = line(company)
    assert row.hours is not None
    assert row.hours["mon"] == [["09:00", "13:00"], ["14:30", "18:00"]]
    assert (row.hours["sat"], row.hours["sun"]) == ([["22:00", "06:00"]], [])
    assert row.hours["holidays"] == ["2026-12-25", "2027-01-01"]
    assert (row.team_id, row.timezone) == (2, "Europe/Riga")
    assert journal(company) == ("line.edited", {"fields": ["hours", "team_id", "timezone"]})
    page = adam.send("GET", "/settings/lines").text
    assert "Mon–Fri 09:00–13:00, 14:30–18:00" in page
    assert "Team: Support" in page
    assert adam.send("POST", address, data=form(adam, address) | {"region": "LV"}).status_code == 303
    assert journal(company) == ("line.edited", {"fields": ["region"]})
    assert adam.send("POST", address, data=form(adam, address) | {"open": "always"}).status_code == 303
    assert line(company).hours is None


def test_what_is_no_hour_stands_at_its_day_and_nothing_is_lost(company: Company, adam: Browser) -> None:
    address = add(adam)
    for day, typed in (("mon", "nine to five"), ("tue", "25-26"), ("wed", "9:99-10"), ("thu", "24-25"), ("fri", "9-")):
        filled = form(adam, address) | {"open": "week", f"hours-{day}": typed, "name": "Kept"}
        answer = adam.send("POST", address, data=filled)
        assert answer.status_code == 422
        assert f'id="w-hours-{day}"' in answer.text
        assert f'value="{typed}"' in answer.text
        assert 'value="Kept"' in answer.text
    many = ", ".join(f"{hour}:00-{hour}:30" for hour in range(8, 20))
    assert adam.send("POST", address, data=form(adam, address) | {"open": "week", "hours-mon": many}).status_code == 422
    bad = form(adam, address) | {"open": "week", "hours-holidays": "2026-02-30"}
    assert 'id="w-hours-holidays"' in adam.send("POST", address, data=bad).text
    assert line(company).hours is None


def test_whatever_is_typed_is_answered_in_words(adam: Browser) -> None:
    address = add(adam)
    for value in NASTY:
        odd = dict.fromkeys(FIELDS, value) | {"open": "week", "seen": value} | {"record_inbound": value}
        odd |= {f"hours-{day}": value for day in ("mon", "sun", "holidays")}
        for place in ("/settings/lines/new", address):
            answer = adam.send("POST", place, data=odd)
            assert answer.status_code in (409, 413, 422), (place, value)
            assert "<script>alert" not in answer.text
            del odd["seen"]
            answer = adam.send("POST", place, data=odd)
            assert answer.status_code in (413, 422), (place, value)
            odd["seen"] = value


def test_the_second_of_two_is_told(company: Company, adam: Browser) -> None:
    address = add(adam)
    opened = form(adam, address)
    adam.send("POST", address, data=opened | {"name": "First"})
    answer = adam.send("POST", address, data=opened | {"name": "Second"})
    assert answer.status_code == 409
    assert "Adam changed this" in answer.text
    assert 'value="Second"' in answer.text
    assert line(company).name == "First"
