"""What Prometheus reads: the figures are those of the database, and a part that cannot be asked says so."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event

from hub.domain import clock
from hub.domain.access import Permission, Role
from hub.inbox.models import ConnectionRow, DeliveryRow
from hub.recordings.models import RecordingRow
from hub.recordings.work import NO_ROOM
from hub.storage.leases import SCHEDULER, WORKER, Lease
from hub.telephony.models import ComparisonRow, DialRow
from tests.pipeline.office import started, talk
from tests.web.company import Company


def _figures(company: Company) -> dict[tuple[str, frozenset[str]], float]:
    """Every sample: its name and its labels' values → its value."""
    answer = company.program(Role.ADMINISTRATOR).send("GET", "/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {
        (sample.name, frozenset(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


def _figure(company: Company, name: str, *labels: str) -> float:
    return _figures(company)[(name, frozenset(labels))]


def _add(company: Company, row: Any) -> None:
    with company.office.hub.unit_of_work() as session:
        session.add(row)


def test_the_inbox_and_its_age(company: Company) -> None:
    old = clock.now() - timedelta(seconds=90)
    company.office.accept(b"{}")
    with company.office.hub.unit_of_work() as session:
        waiting = session.query(DeliveryRow).filter_by(state="pending").one()
        waiting.received_at = old
    assert _figure(company, "hub_inbox_deliveries", "acme", "pending") == 1
    assert 90 <= _figure(company, "hub_inbox_oldest_age_seconds", "acme", "pending") < 150


def test_deliveries_and_their_lag(company: Company) -> None:
    with company.office.hub.unit_of_work() as session:
        now = clock.now()
        for row in session.query(DeliveryRow).filter_by(state="done"):
            row.received_at, row.done_at = now - timedelta(seconds=3), now - timedelta(seconds=1)
        done = session.query(DeliveryRow).filter_by(state="done").count()
    figures = _figures(company)
    assert figures[("hub_deliveries_last_hour", frozenset({"acme", "done"}))] == done > 0
    assert figures[("hub_delivery_lag_seconds_bucket", frozenset({"acme", "1.0"}))] == 0
    assert figures[("hub_delivery_lag_seconds_bucket", frozenset({"acme", "2.5"}))] == done
    assert figures[("hub_delivery_lag_seconds_sum", frozenset({"acme"}))] == pytest.approx(done * 2)


def test_calls_outbox_and_build(company: Company) -> None:
    before = _figure(company, "hub_changes_total")
    company.office.hear(started("now", number="0671234599"))
    figures = _figures(company)
    assert figures[("hub_calls", frozenset({"ringing"}))] == 1
    assert figures[("hub_calls", frozenset({"talking"}))] == 0
    assert figures[("hub_changes_total", frozenset())] > before
    assert figures[("hub_outbox_rows", frozenset())] == figures[("hub_changes_total", frozenset())]
    assert any(name == "hub_build_info" for name, _ in figures)


def test_connections(company: Company) -> None:
    with company.office.hub.unit_of_work() as session:
        session.query(ConnectionRow).filter_by(name="acme").one().state = "down"
        session.query(ConnectionRow).filter_by(name="acme").one().refused = 7
    figures = _figures(company)
    assert figures[("hub_connection_state", frozenset({"acme", "down"}))] == 1
    assert figures[("hub_connection_state", frozenset({"acme", "connected"}))] == 0
    assert figures[("hub_refused_total", frozenset({"acme"}))] == 7
    assert ("hub_last_delivery_age_seconds", frozenset({"exchange"})) not in figures


def test_dials_processes_and_comparisons(company: Company) -> None:
    engine, now, acme = company.office.hub.engine, clock.now(), company.office.ids["acme"]
    Lease(engine, SCHEDULER, "somebody").take()
    for compared_at in (now, now - timedelta(days=2)):
        _add(company, ComparisonRow(connection_id=acme, since=now, until=now, compared_at=compared_at, missing=3))
    dial = {"connection_id": acme, "extension": "101", "number": "+380671234567", "created_at": now}
    _add(company, DialRow(id="one", who="user:1", idempotency_key="one", **dial))
    figures = _figures(company)
    assert figures[("hub_dials", frozenset({"stored"}))] == 1
    assert figures[("hub_alive", frozenset({SCHEDULER}))] == 1
    assert figures[("hub_alive", frozenset({WORKER}))] == 0
    assert figures[("hub_comparison_missing", frozenset({"acme"}))] == 3


def test_no_number_and_no_name_of_a_person_is_told(company: Company) -> None:
    company.office.hear(*talk("another", number="0671234599"))
    text = company.program(Role.ADMINISTRATOR).send("GET", "/metrics").text
    assert not any(word in text for word in ("67123", "Mira", "@example"))


def test_a_part_that_cannot_be_asked_says_so_and_the_others_are_there(company: Company) -> None:
    engine = company.office.hub.engine

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def _spoil(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> tuple[str, Any]:
        return statement.replace("FROM dials", "FROM nowhere"), parameters

    figures = _figures(company)
    assert figures[("hub_unknown", frozenset({"dials"}))] == 1
    assert figures[("hub_unknown", frozenset({"calls"}))] == 0
    assert ("hub_calls", frozenset({"ringing"})) in figures


def test_a_token_for_metrics_alone_is_enough(company: Company) -> None:
    scopes = frozenset({Permission.METRICS_READ})
    program = company.program(Role.ADMINISTRATOR, scopes=scopes)
    assert program.send("GET", "/metrics").status_code == 200
    assert program.send("GET", "/api/v1/calls").status_code == 403


def test_recordings_by_their_state_and_how_long_one_is_waited_for(company: Company) -> None:
    old = clock.now() - timedelta(seconds=90)
    mine = {"connection_id": company.office.ids["acme"], "next_at": old, "created_at": old}
    _add(company, RecordingRow(id=uuid4(), reference="1", state="pending", reason=NO_ROOM, **mine))
    _add(company, RecordingRow(id=uuid4(), reference="2", state="failed", **mine))
    assert _figure(company, "hub_recordings", "pending") == 1
    assert _figure(company, "hub_recordings", "failed") == 1
    assert _figure(company, "hub_recordings_without_room") == 1
    assert 90 <= _figure(company, "hub_recordings_oldest_age_seconds") < 150
