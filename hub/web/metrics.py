"""`/metrics` for Prometheus: read from the database at the moment it asks, the same from every process.

A question that takes too long leaves its figures out and says so, the others are there.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.metadata import version
from platform import python_version

import structlog
from flask import Flask, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from hub.domain import clock
from hub.domain.access import Permission
from hub.reads import measures
from hub.storage import leases
from hub.unit_of_work import Hub
from hub.web.auth import needs

LAGS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Upper bounds of the lag's buckets, seconds."""
STATES = ("new", "connecting", "connected", "down")

log = structlog.get_logger()


def register(app: Flask, hub: Hub) -> None:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Standing(hub))

    @app.get("/metrics")
    @needs(Permission.METRICS_READ)
    def metrics() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


Part = Callable[[Session, datetime], Iterator[Metric]]


class Standing(Collector):
    """How Hub stands, asked part by part."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def collect(self) -> Iterator[Metric]:
        now = clock.now()
        unknown = GaugeMetricFamily("hub_unknown", "1: this part could not be asked in time.", labels=["part"])
        for part in PARTS:
            metrics = self._ask(part, now)
            unknown.add_metric([part.__name__.strip("_")], float(metrics is None))
            yield from metrics or ()
        yield unknown
        yield InfoMetricFamily("hub_build", "What runs.", {"version": version("commhub"), "python": python_version()})

    def _ask(self, part: Part, now: datetime) -> list[Metric] | None:
        try:
            with self._hub.reading() as session:
                measures.bounded(session)
                return list(part(session, now))
        except SQLAlchemyError as error:
            log.warning("a figure could not be read", part=part.__name__, problem=type(error).__name__)
            return None


def _inbox(session: Session, now: datetime) -> Iterator[Metric]:
    labels = ["connection", "state"]
    depth = GaugeMetricFamily("hub_inbox_deliveries", "Deliveries to be worked off (pending) or failed.", labels=labels)
    age = GaugeMetricFamily("hub_inbox_oldest_age_seconds", "Since when the oldest of them waits.", labels=labels)
    for one in measures.waiting(session):
        depth.add_metric([one.connection, one.state], one.count)
        age.add_metric([one.connection, one.state], _seconds(now, one.oldest))
    yield from (depth, age)


def _deliveries(session: Session, now: datetime) -> Iterator[Metric]:
    labels = ["connection", "kind", "state"]
    found = GaugeMetricFamily("hub_deliveries_last_hour", "Deliveries received in the last hour.", labels=labels)
    for connection, kind, state, count in measures.received(session, now):
        found.add_metric([connection, kind, state], count)
    yield found


def _lag(session: Session, _now: datetime) -> Iterator[Metric]:
    """A histogram of the newest deliveries, not since the start: its counts go up and down."""
    words = "From receiving a delivery to what it means standing in the log, of the newest deliveries."
    lag = HistogramMetricFamily("hub_delivery_lag_seconds", words, labels=["connection"])
    for connection, seconds in measures.lags(session).items():
        buckets = [(str(limit), float(sum(one <= limit for one in seconds))) for limit in LAGS]
        lag.add_metric([connection], [*buckets, ("+Inf", float(len(seconds)))], sum(seconds))
    yield lag


def _connections(session: Session, now: datetime) -> Iterator[Metric]:
    refused = CounterMetricFamily("hub_refused", "Deliveries whose sender proved nothing.", labels=["connection"])
    age = GaugeMetricFamily("hub_last_delivery_age_seconds", "Since anything came.", labels=["connection"])
    state = GaugeMetricFamily("hub_connection_state", "1: what its listener said last.", labels=["connection", "state"])
    for one in measures.phones(session):
        refused.add_metric([one.connection], one.refused)
        for name in STATES:
            state.add_metric([one.connection, name], float(one.state == name))
        if one.last_at is not None:
            age.add_metric([one.connection], _seconds(now, one.last_at))
    yield from (refused, age, state)


def _calls(session: Session, _now: datetime) -> Iterator[Metric]:
    calls = GaugeMetricFamily("hub_calls", "Calls that are going on.", labels=["state"])
    for state, count in measures.calls(session).items():
        calls.add_metric([state], count)
    yield calls


def _outbox(session: Session, _now: datetime) -> Iterator[Metric]:
    oldest, newest = measures.outbox(session)
    yield GaugeMetricFamily("hub_outbox_rows", "Changes kept, by their numbers.", newest - oldest + bool(newest))
    yield CounterMetricFamily("hub_changes", "Changes told since the beginning.", newest)


def _dials(session: Session, _now: datetime) -> Iterator[Metric]:
    dials = GaugeMetricFamily("hub_dials", "Clicks to call.", labels=["state"])
    for state, count in measures.dials(session).items():
        dials.add_metric([state], count)
    yield dials


def _processes(session: Session, now: datetime) -> Iterator[Metric]:
    alive = GaugeMetricFamily("hub_alive", "1: somebody does this work.", labels=["process"])
    for name in (leases.SCHEDULER, leases.WORKER):
        alive.add_metric([name], float(measures.held(session, name, now)))
    yield alive


def _comparisons(session: Session, now: datetime) -> Iterator[Metric]:
    words = "Calls of the phone system's own list that had to be fetched in the last day."
    missing = GaugeMetricFamily("hub_comparison_missing", words, labels=["connection"])
    for connection, count in measures.missing(session, now).items():
        missing.add_metric([connection], count)
    yield missing


def _recordings(session: Session, now: datetime) -> Iterator[Metric]:
    standing = measures.recordings(session)
    found = GaugeMetricFamily("hub_recordings", "Recordings, by how they stand in custody.", labels=["state"])
    for state, count in standing.counts.items():
        found.add_metric([state], count)
    yield found
    words = "Since when the oldest recording that is still to come is waited for."
    age = 0.0 if standing.oldest is None else _seconds(now, standing.oldest)
    yield GaugeMetricFamily("hub_recordings_oldest_age_seconds", words, age)
    words = "Recordings that wait because the disk is full."
    yield GaugeMetricFamily("hub_recordings_without_room", words, standing.no_room)


def _seconds(now: datetime, since: datetime) -> float:
    return max((now - since).total_seconds(), 0.0)


PARTS: tuple[Part, ...] = (
    *(_inbox, _deliveries, _lag, _connections, _calls, _outbox, _dials, _processes, _comparisons, _recordings),
)
