"""Our webhook and the least that could stand in its place, side by side in one server: `python -m bench.hook_server`.

Bare: a Flask view that does one INSERT on the same engine.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Flask, Response, request
from sqlalchemy import Engine, text
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from hub import bootstrap, telemetry
from hub.app import create_app
from hub.connectors import discover
from hub.domain import clock
from hub.inbox.connections import Connections
from hub.serving import Server
from hub.settings import Settings, load
from hub.unit_of_work import Hub

PROVIDERS = ("tests.pipeline.providers",)
"""Where the invented phone system is that signs what it delivers."""
CREATE = "CREATE TABLE bare (id bigserial PRIMARY KEY, received_at timestamptz NOT NULL, body bytea NOT NULL)"
INSERT = text("INSERT INTO bare (received_at, body) VALUES (:received_at, :body)")


class Both(Server):
    """Hub as it always runs, with the bare view at /bare."""

    def load(self) -> Any:
        telemetry.start(self._settings.log_level)
        hub = with_invented_provider(bootstrap.build_with_jobs(self._settings)[0])
        ours = create_app(
            hub, secret="bench" * 8, public_url="http://127.0.0.1", streams=1, deliveries=self._settings.threads
        )
        return DispatcherMiddleware(ours, {"/bare": bare(hub.engine)})

    _settings: Settings


def with_invented_provider(hub: Hub) -> Hub:
    connectors = discover(PROVIDERS)
    return replace(hub, connectors=connectors, connections=Connections(connectors, hub.seal))


def bare(engine: Engine) -> Callable[..., Any]:
    app = Flask("bare")

    @app.post("/")
    def store() -> Response:
        with engine.begin() as connection:
            connection.execute(INSERT, {"received_at": clock.now(), "body": request.get_data()})
        return Response(status=200)

    return app


if __name__ == "__main__":
    sys.argv, address = sys.argv[:1], sys.argv[1]
    Both(load(), address, workers=2).run()
