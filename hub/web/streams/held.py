"""An answer that does not end: its connection leaves the server's threads, so that thousands may be open.

gunicorn is told the way other libraries that take a connection over tell it (RFC 6455 servers do): the socket has
been detached, and the application ends with StopIteration. The body has no length and ends with the connection
(RFC 9112 §6.3), hence ``Connection: close``.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from flask import Flask, Response, current_app
from werkzeug.http import http_date

from hub.unit_of_work import Hub
from hub.web.auth import credential, viewer
from hub.web.streams.desk import Desk
from hub.web.streams.fan import Fan
from hub.web.streams.line import Line

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

FAN = "hub-fan"
FIRST = b"retry: 1000\n\n"
BUSY = {"Retry-After": "10"}


def register(app: Flask, hub: Hub, places: int) -> None:
    app.extensions[FAN] = Fan(app, hub, places)


def held(desk: Desk) -> Response:
    """This desk's events as an answer while there is a place left; else 503, and the browser asks later."""
    fan = cast(Fan, current_app.extensions[FAN])
    if not fan.has_room():
        return Response(status=503, headers=BUSY)
    return Held(fan, Line(desk, credential(), viewer()))


class Held(Response):
    def __init__(self, fan: Fan, line: Line) -> None:
        super().__init__(FIRST, mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})
        self._fan = fan
        self._line = line

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        connection = environ.get("gunicorn.socket")
        if connection is None or environ["REQUEST_METHOD"] != "GET":  # a server that cannot let go of it: asked again
            return super().__call__(environ, start_response)
        if not self._fan.enter():
            return Response(status=503, headers=BUSY)(environ, start_response)
        self._fan.take(connection.detach(), self._head(), self._line)
        raise StopIteration

    def _head(self) -> bytes:
        told = [(name, value) for name, value in self.headers if name.lower() != "content-length"]
        lines = [f"{name}: {value}" for name, value in (*told, ("Date", http_date()), ("Connection", "close"))]
        return "\r\n".join([f"HTTP/1.1 {self.status}", *lines, "", ""]).encode("latin-1") + FIRST
