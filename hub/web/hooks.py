"""Where phone systems deliver and ask: prove the sender, store, acknowledge; thinking comes later."""

import time

from flask import Flask, Response, request
from structlog.contextvars import bind_contextvars
from werkzeug.exceptions import MethodNotAllowed

from hub import pipeline
from hub.domain import clock
from hub.domain.delivery import Delivery
from hub.domain.errors import NotFound, Unauthentic
from hub.inbox import connections
from hub.inbox.connections import Connection
from hub.switchboard import Switchboard
from hub.unit_of_work import Hub
from hub.web.auth import provider

HEADERS = ("content-type", "user-agent")
"""Headers kept with every delivery; a connector names the others it needs."""
METHODS = ("GET", "POST")
REMEMBERED = 2.0
"""Seconds until a changed secret, or a connection switched off, is heeded."""


def register(app: Flask, hub: Hub) -> None:
    addressees = Addressees(hub)

    @app.route("/hooks/<name>", methods=METHODS)
    @app.route("/hooks/<name>/<path:path>", methods=METHODS)
    @provider
    def hook(name: str, path: str = "") -> Response:
        connection = addressees.named(name)
        bind_contextvars(connection=connection.id)
        delivery = _arrived(connection, path[:200])
        _prove(hub, connection, delivery)
        asks = connection.connector.is_question(delivery)
        if not asks:
            pipeline.accept(hub, connection.connector.kept(delivery), connection.connector.key(delivery)[:200])
        answer = connection.connector.answer(delivery, Switchboard(hub, connection))
        if answer is not None:
            return Response(answer.body, status=answer.status, content_type=answer.content_type)
        if asks:
            raise MethodNotAllowed(["POST"])
        return Response(status=200)


class Addressees:
    """Connections by name, read again after `REMEMBERED`: a phone system in a hurry asks for the same one each time."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._known: dict[str, tuple[float, Connection]] = {}

    def named(self, name: str) -> Connection:
        """NotFound when nothing is delivered under this name."""
        until, connection = self._known.get(name, (0.0, None))
        if connection is None or until < time.monotonic():
            connection = self._read(name)
            self._known[name] = (time.monotonic() + REMEMBERED, connection)
        return connection

    def _read(self, name: str) -> Connection:
        with self._hub.reading() as session:
            connection = self._hub.connections.named(session, name)
        if not (connection.enabled and connection.connector.receives):
            self._known.pop(name, None)
            raise NotFound("nothing is delivered here")
        return connection


def _arrived(connection: Connection, path: str) -> Delivery:
    wanted = {*HEADERS, *connection.connector.headers}
    return Delivery(
        connection_id=connection.id,
        body=request.get_data(),
        content_type=(request.mimetype or "application/octet-stream")[:100],
        headers={key.lower(): value[:1000] for key, value in request.headers if key.lower() in wanted},
        path=path,
        query=request.query_string.decode("utf-8", "replace")[:2000],
        method=request.method,
        target=request.environ.get("RAW_URI", request.full_path),
        received_at=clock.now(),
        settings=connection.settings,
    )


def _prove(hub: Hub, connection: Connection, delivery: Delivery) -> None:
    """Unauthentic, and counted, whatever goes wrong inside: hostile bytes must not look like our own fault."""
    try:
        connection.connector.verify(delivery)
    except Exception as error:
        with hub.unit_of_work() as session:
            connections.refuse(session, connection.id)
        raise Unauthentic(f"{connection.name}: the sender did not prove itself") from error
