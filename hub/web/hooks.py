"""Where phone systems deliver: prove the sender, store, acknowledge; thinking comes later."""

import hashlib

from flask import Flask, Response, request

from hub import pipeline
from hub.domain import clock
from hub.domain.delivery import Delivery
from hub.domain.errors import NotFound, Unauthentic
from hub.inbox import connections
from hub.unit_of_work import Hub
from hub.web.auth import provider

HEADERS = ("content-type", "user-agent")
"""Headers kept with every delivery; a connector names the others it needs."""


def register(app: Flask, hub: Hub) -> None:
    @app.post("/hooks/<name>")
    @app.post("/hooks/<name>/<path:path>")
    @provider
    def hook(name: str, path: str = "") -> Response:
        delivery = _arrived(hub, name, path[:200])
        pipeline.accept(hub, delivery, key=_key(delivery))
        return Response(status=200)


def _arrived(hub: Hub, name: str, path: str) -> Delivery:
    """The delivery, proven; NotFound and Unauthentic store nothing but a counter."""
    with hub.reading() as session:
        connection = hub.connections.named(session, name)
    if not (connection.enabled and connection.connector.receives):
        raise NotFound("nothing is delivered here")
    wanted = {*HEADERS, *connection.connector.headers}
    delivery = Delivery(
        connection_id=connection.id,
        body=request.get_data(),
        content_type=request.mimetype or "application/octet-stream",
        headers={key.lower(): value[:1000] for key, value in request.headers if key.lower() in wanted},
        path=path,
        received_at=clock.now(),
        settings=connection.settings,
    )
    _prove(hub, connection, delivery)
    return delivery


def _prove(hub: Hub, connection: connections.Connection, delivery: Delivery) -> None:
    try:
        connection.connector.verify(delivery)
    except Unauthentic:
        with hub.unit_of_work() as session:
            connections.refuse(session, connection.id)
        raise


def _key(delivery: Delivery) -> str:
    """The same bytes to the same place are the same delivery, however often they are sent."""
    return "sha256:" + hashlib.sha256(delivery.path.encode() + b"\0" + delivery.body).hexdigest()
