"""Connections in the settings: added, changed, tried, shown and taken out of use; secrets stay where they are."""

import logging
import re
import threading
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from hub import connecting
from hub.domain.errors import Misconfigured
from hub.inbox import store as inbox
from hub.inbox.models import ConnectionRow, DeliveryRow
from hub.people.models import JournalRow
from hub.telephony.models import LineRow
from tests.web.company import Browser, Company

SECRET = "a-secret-nobody-sees"
ASTERISK = {
    "name": "pbx",
    "s-host": "pbx.example.com",
    "s-port": "5038",
    "s-username": "hub",
    "s-secret": SECRET,
    "s-lines": "+380445551200",
    "s-region": "UA",
}
NASTY = ("\x00", "a\r\nb", "<script>alert(1)</script>", "x" * 3000, "'; DROP TABLE connections; --", "\u202e", "%")


def connect(adam: Browser, **more: str) -> Any:
    return adam.send("POST", "/settings/connections/new/asterisk", data=ASTERISK | more)


def journal(company: Company) -> list[tuple[str, Any]]:
    with company.office.hub.reading() as session:
        rows = session.execute(select(JournalRow.action, JournalRow.detail).order_by(JournalRow.id))
        return [(action, detail) for action, detail in rows if action.startswith(("connection", "delivery"))]


def stored(company: Company, name: str = "pbx") -> Any:
    with company.office.hub.reading() as session:
        return company.office.hub.connections.named(session, name).settings


def test_every_kind_has_a_form_of_its_own_settings(company: Company, adam: Browser) -> None:
    for kind, connector in company.office.hub.connectors.items():
        page = adam.send("GET", f"/settings/connections/new/{kind}").text
        for name, field in connector.Settings.model_fields.items():
            assert f'name="s-{name}"' in page
            assert field.description is None or field.description[:30].replace("'", "&#39;") in page
    assert adam.send("GET", "/settings/connections/new/nothing").status_code == 404


def test_a_connection_is_made_with_its_lines_and_written_down(company: Company, adam: Browser) -> None:
    answer = connect(adam)
    assert (answer.status_code, answer.location) == (303, "/settings/connections/pbx")
    settings = stored(company)
    assert (settings.host, settings.secret.get_secret_value()) == ("pbx.example.com", SECRET)
    with company.office.hub.reading() as session:
        assert session.scalar(select(LineRow.number).where(LineRow.number == "+380445551200"))
    assert journal(company)[-1] == ("connection.created", {})
    page = adam.send("GET", answer.location).text
    assert "pbx is connected" in page
    assert "kept sealed" in page


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost_but_secrets(
    company: Company, adam: Browser
) -> None:
    answer = connect(adam, **{"s-port": "900000", "s-host": "a b", "s-lookup_secret": "too short", "s-region": "ZZZ"})
    assert answer.status_code == 422
    for field in ("port", "host", "lookup_secret", "region"):
        assert f'id="w-s-{field}"' in answer.text
    assert "got &#39;900000&#39;" in answer.text
    assert 'value="a b"' in answer.text
    assert SECRET not in answer.text
    assert "too short" not in answer.text
    assert 'value="+380445551200"' in answer.text
    with company.office.hub.reading() as session:
        assert session.scalar(select(ConnectionRow.id).where(ConnectionRow.name == "pbx")) is None


def test_a_refusal_over_the_api_repeats_no_secret_either(adam: Browser) -> None:
    settings = {"secret": SECRET, "lookup_secret": "too short", "port": 900000}
    answer = adam.send("POST", "/api/v1/connections", json={"kind": "asterisk", "name": "pbx", "settings": settings})
    assert answer.status_code == 409
    assert "lookup_secret: " in answer.json["detail"]
    assert "port: got 900000" in answer.json["detail"]
    assert SECRET not in answer.text
    assert "too short" not in answer.text


def test_a_name_that_is_taken_or_none_is_refused_at_the_name(adam: Browser) -> None:
    assert connect(adam).status_code == 303
    for name in ("pbx", "", "two words", "x" * 65, "<b>"):
        answer = connect(adam, name=name)
        assert answer.status_code == 422
        assert 'id="w-name"' in answer.text


def test_whatever_is_typed_is_answered_in_words(company: Company, adam: Browser) -> None:
    connect(adam)
    for kind, connector in company.office.hub.connectors.items():
        for value in NASTY:
            form = {"name": "odd", "seen": value} | {f"s-{name}": value for name in connector.Settings.model_fields}
            answers = (
                adam.send("POST", f"/settings/connections/new/{kind}", data=form | {"name": value}),
                adam.send("POST", "/settings/connections/pbx/settings", data=form | {"seen": value}),
                adam.send("POST", "/settings/connections/pbx/in-use", data={"enabled": value}),
            )
            assert {answer.status_code for answer in answers} <= {303, 409, 413, 422}, (kind, value)
            assert all("<script>alert" not in answer.text for answer in answers)
    for name in ("%00", "a%0d%0ab", "nothing-here", "x" * 500):
        for place in ("", "/settings"):
            assert adam.send("GET", f"/settings/connections/{name}{place}").status_code == 404
        for place in ("/settings", "/test", "/addresses", "/in-use", "/try-again"):
            assert adam.send("POST", f"/settings/connections/{name}{place}").status_code == 404


def seen(adam: Browser, address: str) -> dict[str, str]:
    """A form as it stands: every field but secrets, and what it was filled in from."""
    page = adam.send("GET", address).text
    fields = re.findall(r'<input[^>]*?name="(s-\w+|seen)"[^>]*?value="([^"]*)"', page)
    return {name: value for name, value in fields if value != "yes"}


def test_a_change_names_what_was_changed_alone(company: Company, adam: Browser) -> None:
    connect(adam)
    address = "/settings/connections/pbx/settings"
    form = seen(adam, address) | {"s-host": "other.example.com"}
    assert adam.send("POST", address, data=form).status_code == 303
    settings = stored(company)
    assert (settings.host, settings.secret.get_secret_value()) == ("other.example.com", SECRET)
    assert journal(company)[-1] == ("connection.edited", {"fields": ["host"]})
    form = seen(adam, address) | {"s-secret": "another secret", "s-lookup_secret": "0123456789abcdef"}
    adam.send("POST", address, data=form)
    assert stored(company).secret.get_secret_value() == "another secret"
    assert journal(company)[-1] == ("connection.edited", {"fields": ["lookup_secret", "secret"]})
    adam.send("POST", address, data=seen(adam, address) | {"forget-lookup_secret": "yes"})
    assert stored(company).lookup_secret is None


def test_the_second_of_two_is_told_who_was_quicker_and_may_insist(company: Company, adam: Browser) -> None:
    connect(adam)
    address = "/settings/connections/pbx/settings"
    opened = seen(adam, address)
    adam.send("POST", address, data=opened | {"s-host": "first.example.com"})
    answer = adam.send("POST", address, data=opened | {"s-host": "second.example.com"})
    assert answer.status_code == 409
    assert "Adam changed this" in answer.text
    assert 'value="second.example.com"' in answer.text
    assert stored(company).host == "first.example.com"
    again = re.search(r'name="seen" value="(\w+)"', answer.text)
    assert again
    answer = adam.send("POST", address, data=opened | {"s-host": "second.example.com", "seen": again.group(1)})
    assert answer.status_code == 303
    assert stored(company).host == "second.example.com"


def test_secrets_stand_on_no_page_in_no_log_and_in_no_journal(
    company: Company, adam: Browser, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    connect(adam)
    pages = ["/settings", "/settings/connections/pbx", "/settings/connections/pbx/settings", "/settings/lines"]
    assert all(SECRET not in adam.send("GET", page).text for page in pages)
    with company.office.hub.reading() as session:
        assert SECRET not in str(session.execute(select(JournalRow.detail)).all())
    assert SECRET not in caplog.text + "".join(capsys.readouterr())


def test_the_other_side_is_told_with_the_secret_only_when_somebody_asks_and_that_is_written_down(
    company: Company, adam: Browser
) -> None:
    form = {"name": "desk", "s-secret": "push-secret-0123456789"}
    adam.send("POST", "/settings/connections/new/generic", data=form)
    page = adam.send("GET", "/settings/connections/desk").text
    assert "http://localhost/hooks/desk/••••••••" in page
    assert "push-secret-0123456789" not in page
    shown = adam.send("POST", "/settings/connections/desk/addresses")
    assert "http://localhost/hooks/desk/push-secret-0123456789" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert journal(company)[-1] == ("connection.shown", {})


def test_a_try_is_told_where_the_button_stands(
    company: Company, adam: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = type(company.office.hub.connectors["acme"])
    monkeypatch.setattr(kind, "probe", lambda *_: "it answers")
    address = "/settings/connections/acme/test"
    part = adam.send("POST", address, headers={"HX-Request": "true"}).text
    assert "it answers" in part
    assert "<html" not in part
    assert "it answers" in adam.send("POST", address).text

    def refuse(*_: object) -> str:
        raise Misconfigured("host: got nothing.example.com: no such host")

    monkeypatch.setattr(kind, "probe", refuse)
    assert "no such host" in adam.send("POST", address).text
    monkeypatch.setattr(kind, "probe", lambda *_: 1 // 0)
    assert "trying it failed (ZeroDivisionError)" in adam.send("POST", address).text


def test_a_system_that_does_not_answer_holds_nobody_for_long(
    company: Company, adam: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = threading.Event()
    kind = type(company.office.hub.connectors["acme"])
    monkeypatch.setattr(kind, "probe", lambda *_: str(let_go.wait(30)))
    monkeypatch.setattr(connecting, "TRY_SECONDS", 0.05)
    answer = adam.send("POST", "/settings/connections/acme/test").text
    let_go.set()
    assert "acme did not answer within" in answer


def test_a_connection_is_taken_out_of_use_and_used_again(company: Company, adam: Browser) -> None:
    connect(adam)
    adam.send("POST", "/settings/connections/pbx/in-use", data={"enabled": "no"})
    page = adam.send("GET", "/settings").text
    assert "its calls stay" in page
    assert "Use pbx again" in page
    assert "removed: Hub does not listen to it" in adam.send("GET", "/settings/connections/pbx").text
    adam.send("POST", "/settings/connections/pbx/in-use", data={"enabled": "yes"})
    assert journal(company)[-2:] == [("connection.edited", {"fields": ["enabled"]})] * 2
    with company.office.hub.reading() as session:
        assert company.office.hub.connections.named(session, "pbx").enabled


def strange(company: Company, count: int) -> list[int]:
    """Deliveries nobody understands."""
    for number in range(count):
        company.office.accept(f"no json {number}".encode())
    company.office.drain()
    with company.office.hub.reading() as session:
        return list(session.scalars(select(DeliveryRow.id).where(DeliveryRow.state == "parked")))


def test_deliveries_are_listed_with_their_reason_and_tried_again_one_and_all(company: Company, adam: Browser) -> None:
    ids = strange(company, 3)
    page = adam.send("GET", "/settings/connections/acme?show=waiting").text
    assert page.count("not JSON") == 3
    assert "no json 2" in page
    assert "3 deliveries wait for a person" in adam.send("GET", "/settings").text
    one = f"/settings/deliveries/{ids[0]}/try-again"
    assert adam.send("POST", one).location == "/settings/connections/acme#deliveries"
    adam.send("POST", one)
    assert "Somebody has tried it again already" in adam.send("GET", "/settings/connections/acme").text
    adam.send("POST", "/settings/connections/acme/try-again")
    with company.office.hub.reading() as session:
        assert "parked" not in inbox.counts(session)
    assert journal(company)[-2:] == [("delivery.released", {}), ("connection.replayed", {"count": 2})]
    assert "2 deliveries are worked off again" in adam.send("GET", "/settings/connections/acme").text


def test_deliveries_are_paged(company: Company, adam: Browser) -> None:
    strange(company, 30)
    page = adam.send("GET", "/settings/connections/acme?show=waiting").text
    older = re.search(r'href="([^"]*at=[^"]*)"', page)
    assert page.count("not JSON") == 25
    assert older
    assert adam.send("GET", older.group(1).replace("&amp;", "&")).text.count("not JSON") == 5
    assert adam.send("GET", "/settings/connections/acme?at=nowhere").status_code in (409, 422)


def test_what_a_connector_can_do_is_told(adam: Browser) -> None:
    connect(adam)
    assert "Yes: A browser can be a phone of it" in words_of(adam, "pbx")
    assert "No: A browser can be a phone of it" in words_of(adam, "acme")


def words_of(adam: Browser, connection: str) -> str:
    page = adam.send("GET", f"/settings/connections/{connection}").text
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page))


@pytest.mark.parametrize(
    ("chosen", "zone"), [({"s-timezone": "Europe/Riga"}, "Europe/Riga"), ({"s-timezone": "UTC"}, "Europe/Kyiv")]
)
def test_lines_of_a_connection_are_where_it_is_or_else_where_the_company_is(
    company: Company, adam: Browser, chosen: dict[str, str], zone: str
) -> None:
    hub = replace(company.office.hub, rules=replace(company.office.hub.rules, timezone="Europe/Kyiv"))
    company.app.extensions["hub"] = hub
    assert connect(adam, **chosen).status_code == 303
    with hub.reading() as session:
        assert session.scalars(select(LineRow.timezone).where(LineRow.number == "+380445551200")).one() == zone
