"""One line in the log for each request, and its id in every other line: the route, never the address.

Addresses may hold secrets (`/hooks/desk/…`) and queries numbers. Deliveries that were taken are told at DEBUG: the
inbox is their record, and an overload must not fill the disk.
"""

import logging
import time

import structlog
from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars

from hub.unit_of_work import Hub
from hub.web.problems import request_id

QUIET = frozenset({"static", "healthz", "readyz", "metrics"})

log = structlog.get_logger()


def register(app: Flask, _hub: Hub) -> None:
    @app.before_request
    def _begin() -> None:
        g.began = time.perf_counter()
        clear_contextvars()
        bind_contextvars(request_id=request_id())

    @app.after_request
    def _end(response: Response) -> Response:
        taken = request.endpoint == "hook" and response.status_code < 400
        quiet = request.endpoint in QUIET and response.status_code < 500
        if not quiet and log.is_enabled_for(logging.DEBUG if taken else logging.INFO):
            say = log.debug if taken else log.info
            say("answered", method=request.method, route=_route(), status=response.status_code, ms=_milliseconds())
        return response

    @app.teardown_request
    def _forget(_error: BaseException | None) -> None:
        clear_contextvars()


def _route() -> str:
    return request.url_rule.rule if request.url_rule else "none"


def _milliseconds() -> float:
    began: float = g.get("began", time.perf_counter())
    return round((time.perf_counter() - began) * 1000, 1)
