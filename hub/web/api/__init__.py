"""API v1: operations on calls, clients, leads, tasks, people, lines and connections, and its own description."""

from typing import Any

from flask import Flask, Response, current_app, render_template

from hub.unit_of_work import Hub
from hub.web.api import calls, connections, contacts, dials, leads, lines, listening, people, recordings
from hub.web.api.openapi import document
from hub.web.api.operations import api, json_answer
from hub.web.auth import public
from hub.web.problems import CODES

RESOURCES = (calls, dials, listening, recordings, contacts, leads, lines, people, connections)
"""Importing a resource puts its operations on the API."""


def register(app: Flask, _hub: Hub) -> None:
    app.register_blueprint(api.blueprint)
    app.add_url_rule("/api/openapi.json", "openapi", public(openapi))
    app.add_url_rule("/api/docs", "api_docs", public(docs))


def openapi() -> Response:
    """The OpenAPI 3.1 document."""
    return json_answer(_document())


def docs() -> str:
    """The same for people."""
    return render_template("api/docs.html", api=_document(), codes=CODES)


def _document() -> dict[str, Any]:
    return document(api.operations, current_app.config["HUB_COOKIE"])
