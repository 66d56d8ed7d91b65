"""`/healthz`: the process lives. `/readyz`: it takes traffic."""

from flask import Flask, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from hub.storage import schema
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
            here = schema.standing(hub.engine)
        except SQLAlchemyError:
            return jsonify(status="the database does not answer"), 503
        if here.current or here.newer:  # a newer schema has all that this Hub needs
            return jsonify(status="ok"), 200
        return jsonify(status=here.words), 503
