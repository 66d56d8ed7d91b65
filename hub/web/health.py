"""`/healthz`: the process lives. `/readyz`: it takes traffic."""

from flask import Flask, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from hub.storage.database import ping
from hub.unit_of_work import Hub
from hub.web.auth import public


def register(app: Flask, hub: Hub) -> None:
    @app.get("/healthz")
    @public
    def healthz() -> Response:
        return jsonify(status="ok")

    @app.get("/readyz")
    @public
    def readyz() -> tuple[Response, int]:
        try:
            ping(hub.engine)
        except SQLAlchemyError:
            return jsonify(status="the database does not answer"), 503
        return jsonify(status="ok"), 200
