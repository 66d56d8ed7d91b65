"""The dial plan asks whom to ring: with its secret alone, and never gets what could not be dialled."""

from datetime import UTC, datetime

import pytest

from hub.connectors import Switchboard
from hub.domain.delivery import Delivery
from hub.domain.errors import Conflict, Unauthentic
from hub.domain.routing import NO_OPINION, Outgoing, Route
from hub.telephony.providers.asterisk import AsteriskConnector, AsteriskSettings

CONNECTOR = AsteriskConnector()
SECRET = "0123456789abcdef"
SETTINGS = AsteriskSettings.model_validate({"lookup_secret": SECRET})
QUESTION = f"secret={SECRET}&from=%2B380671234567&to=0445551200"


class Says(Switchboard):
    def __init__(self, route: Route) -> None:
        self._route = route
        self.asked: list[tuple[str | None, str | None]] = []

    def route(self, caller: str | None, line: str | None) -> Route:
        self.asked.append((caller, line))
        return self._route

    def outgoing(self, extension: str, number: str) -> Outgoing:
        raise Conflict("nobody calls out here")


def question(
    query: str = QUESTION, path: str = "route", method: str = "GET", settings: AsteriskSettings = SETTINGS
) -> Delivery:
    received = datetime(2026, 11, 23, 10, tzinfo=UTC)
    return Delivery(
        connection_id=1, body=b"", path=path, query=query, method=method, received_at=received, settings=settings
    )


def told(route: Route, query: str = QUESTION) -> str:
    answer = CONNECTOR.answer(question(query), Says(route))
    assert answer is not None
    return answer.body.decode()


ROUTE = Route(stages=(("101",), ("102", "103")))


def test_the_first_phones_are_told_then_those_after_them() -> None:
    assert told(ROUTE) == "101"
    assert told(ROUTE, f"{QUESTION}&stage=2") == "102&103"
    assert [told(ROUTE, f"{QUESTION}&stage={stage}") for stage in ("0", "3", "-1", "x", "²", "9" * 30)] == [""] * 6


def test_no_opinion_is_nothing() -> None:
    assert told(NO_OPINION) == ""


def test_the_numbers_are_passed_on_as_they_are() -> None:
    switchboard = Says(ROUTE)
    CONNECTOR.answer(question(), switchboard)
    assert switchboard.asked == [("+380671234567", "0445551200")]


def test_what_could_not_be_dialled_is_never_told() -> None:
    assert told(Route(stages=(("101", "102,30,tr", "a&b", "x\r\ny", "sip:a@b"),))) == "101"


@pytest.mark.parametrize("query", ["", "secret=", f"secret={SECRET}x", "secret=%D0%BA%FF", "&".join(["a=1"] * 50)])
def test_without_the_secret_nobody_asks(query: str) -> None:
    with pytest.raises(Unauthentic):
        CONNECTOR.verify(question(query))
    CONNECTOR.verify(question())


def test_where_no_secret_was_agreed_nobody_asks() -> None:
    with pytest.raises(Unauthentic):
        CONNECTOR.verify(question("secret=", settings=AsteriskSettings()))
    assert CONNECTOR.addresses(AsteriskSettings(), "https://hub.example.org/hooks/pbx") == {}


def test_there_is_nothing_else_to_ask_and_nothing_to_deliver() -> None:
    assert CONNECTOR.answer(question(path=""), Says(ROUTE)) is None
    assert CONNECTOR.answer(question(method="POST"), Says(ROUTE)) is None
    assert CONNECTOR.is_question(question(method="POST"))


def test_the_address_for_the_dial_plan() -> None:
    (address,) = CONNECTOR.addresses(SETTINGS, "https://hub.example.org/hooks/pbx").values()
    assert address == (
        f"https://hub.example.org/hooks/pbx/route?secret={SECRET}&from=${{CALLERID(num)}}&to=${{FROM_DID}}"
    )
