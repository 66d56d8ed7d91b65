"""Whom an incoming call should ring, and what becomes of one that a phone of ours wants to make."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from hub import switchboard
from hub.domain import clock
from hub.domain.access import Role
from hub.domain.errors import Conflict, Invalid
from hub.domain.routing import NO_OPINION, Outgoing, RecordRule, Route
from hub.leads import cards
from hub.leads.cards import CardFields
from hub.people import users
from hub.people.models import UserRow
from hub.reads import routing
from hub.switchboard import Switchboard
from hub.telephony import lines
from hub.telephony.lines import LineChanges
from tests.pipeline.office import MONDAY, Office

ANNA, LINE = "+380671234567", "+380445551200"
PHONES = {"Olena": "101", "Andrii": "102", "Iryna": "103"}


class Exchange:
    """An office with three people, a line, and a switchboard that is asked."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.people: dict[str, int] = {}
        with office.hub.unit_of_work() as session:
            self.team = users.create_team(session, "Sales").id
            for name, phone in PHONES.items():
                new = users.NewUser(
                    email=f"{name.lower()}@example.org", name=name, roles=frozenset({Role.MANAGER}), password="!"
                )
                self.people[name] = users.create_user(session, new, clock.now()).id
                lines.assign(session, office.ids["acme"], phone, self.people[name])
            self.line = lines.ensure(session, LINE, "UA", office.ids["acme"]).id

    def rule(self, **changes: Any) -> None:
        said: LineChanges = changes  # type: ignore[assignment]  # the tests name the columns that are there
        with self.office.hub.unit_of_work() as session:
            lines.edit(session, self.line, said)

    def card(self, owner: str | None = None, *, do_not_call: bool = False) -> None:
        fields: CardFields = {"name": "Anna", "numbers": [ANNA], "owner_id": self.people.get(owner or "")}
        fields["do_not_call"] = do_not_call
        with self.office.hub.unit_of_work() as session:
            cards.create(session, fields, "UA", clock.now())

    @property
    def switchboard(self) -> Switchboard:
        with self.office.hub.reading() as session:
            return Switchboard(self.office.hub, self.office.hub.connections.named(session, "acme"))

    def route(self, caller: str | None = ANNA, line: str | None = LINE, at: datetime = MONDAY) -> Route:
        place = routing.Place(self.office.ids["acme"], "UA")
        with self.office.hub.reading() as session:
            return routing.route(session, place, caller, line, at)


@pytest.fixture
def exchange(office: Office) -> Exchange:
    return Exchange(office)


def test_without_a_rule_everybody_with_a_phone_is_rung(exchange: Exchange) -> None:
    assert exchange.route().stages == (("101", "102", "103"),)
    assert exchange.route(line="+380445559999").stages == (("101", "102", "103"),)


def test_the_line_s_rule_names_whom(exchange: Exchange) -> None:
    exchange.rule(ring_user_ids=[exchange.people["Iryna"], exchange.people["Olena"]], ring_seconds=40)
    found = exchange.route()
    assert (found.stages, found.ring_seconds) == ((("103", "101"),), 40)


def test_without_names_the_line_s_owner_then_its_team(exchange: Exchange) -> None:
    exchange.rule(owner_id=exchange.people["Andrii"])
    assert exchange.route().stages == (("102",),)
    exchange.rule(owner_id=None, team_id=exchange.team)
    with exchange.office.hub.unit_of_work() as session:
        for name in ("Olena", "Iryna"):
            session.get_one(UserRow, exchange.people[name]).team_id = exchange.team
    assert exchange.route().stages == (("101", "103"),)


def test_the_card_s_owner_is_rung_first_and_named(exchange: Exchange) -> None:
    exchange.card(owner="Iryna")
    exchange.rule(ring_user_ids=[exchange.people["Olena"]])
    for caller in (ANNA, "067 123 45 67", "380671234567"):
        found = exchange.route(caller)
        assert (found.stages, found.name) == ((("103",), ("101",)), "Anna")
        assert "Anna's owner first" in found.why


def test_an_owner_who_is_rung_anyway_is_not_rung_twice(exchange: Exchange) -> None:
    exchange.card(owner="Iryna")
    exchange.rule(ring_user_ids=[exchange.people["Iryna"]])
    assert exchange.route().stages == (("103",),)


def test_a_line_may_say_that_owners_do_not_come_first(exchange: Exchange) -> None:
    exchange.card(owner="Iryna")
    exchange.rule(owner_first=False, ring_user_ids=[exchange.people["Olena"]])
    assert exchange.route().stages == (("101",),)


@pytest.mark.parametrize(
    "caller", [None, "", "anonymous", "<unknown>", "101", "+48671234567", "sip:a@b", "\x00", "1" * 99]
)
def test_whoever_is_not_certainly_a_client_is_nobody_s(exchange: Exchange, caller: str | None) -> None:
    exchange.card(owner="Iryna")
    exchange.rule(ring_user_ids=[exchange.people["Olena"]])
    found = exchange.route(caller)
    assert (found.stages, found.name) == ((("101",),), None)


def test_who_left_the_company_is_not_rung(exchange: Exchange) -> None:
    exchange.card(owner="Iryna")
    with exchange.office.hub.unit_of_work() as session:
        session.get_one(UserRow, exchange.people["Iryna"]).active = False
    assert exchange.route().stages == (("101", "102"),)


@pytest.mark.parametrize(("hour", "is_open"), [(6, False), (7, True), (15, True), (16, False)])
def test_the_line_s_hours_are_told(exchange: Exchange, hour: int, is_open: bool) -> None:
    """Nine to six in Kyiv, which is two hours ahead in November."""
    exchange.rule(hours={"mon": [["09:00", "18:00"]]}, timezone="Europe/Kyiv")
    assert exchange.route(at=MONDAY.replace(hour=hour)).open is is_open
    assert exchange.route(at=MONDAY.replace(hour=10) + timedelta(days=1)).open is False


def test_the_line_s_rule_says_what_is_recorded_and_whether_there_is_voicemail(exchange: Exchange) -> None:
    assert (exchange.route().record, exchange.route().voicemail) == (RecordRule.NEVER, True)
    exchange.rule(record_inbound="announced", voicemail=False)
    assert (exchange.route().record, exchange.route().voicemail) == (RecordRule.ANNOUNCED, False)


def test_a_switchboard_that_takes_too_long_has_no_opinion(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing, "route", lambda *_: time.sleep(2))
    began = time.monotonic()
    assert exchange.switchboard.route(ANNA, LINE) is NO_OPINION
    assert time.monotonic() - began < 1


def test_a_switchboard_without_a_database_has_no_opinion(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Route:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(routing, "route", broken)
    assert exchange.switchboard.route(ANNA, LINE) is NO_OPINION


def test_the_limit_is_the_one_that_is_promised() -> None:
    assert switchboard.PATIENCE_SECONDS == 0.3


def test_a_phone_of_ours_may_call_out_and_shows_its_own_line(exchange: Exchange) -> None:
    with exchange.office.hub.unit_of_work() as session:
        second = lines.ensure(session, "+380445551201", "UA", exchange.office.ids["acme"]).id
        lines.edit(session, second, {"owner_id": exchange.people["Olena"]})
    exchange.rule(record_outbound="always")
    outgoing = exchange.switchboard.outgoing
    assert outgoing("101", "0671234567") == Outgoing(number=ANNA, line="+380445551201", record=RecordRule.NEVER)
    assert outgoing("102", ANNA) == Outgoing(number=ANNA, line=LINE, record=RecordRule.ALWAYS)


def test_what_must_not_be_called_is_refused(exchange: Exchange) -> None:
    exchange.card(do_not_call=True)
    outgoing = exchange.switchboard.outgoing
    with pytest.raises(Conflict, match="asked not to be called"):
        outgoing("101", ANNA)
    with pytest.raises(Conflict, match="nobody's phone"):
        outgoing("199", "+380501112233")
    with pytest.raises(Invalid):
        outgoing("101", "anonymous")
