"""HTTP under Twilio's own library: to the address we are told, never longer than we can wait, never twice."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from threading import Thread
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from twilio.http import HttpClient
from twilio.http.response import Response
from urllib3.exceptions import NewConnectionError

from hub.domain.errors import Transient

CONNECT_SECONDS = 3.0
MAX_BYTES = 8 * 1024 * 1024
"""The largest page of a list is about half of this."""
SILENCE = logging.getLogger("hub.twilio.unused")
"""Twilio's own clients log the numbers they are asked about; this one logs nothing."""
T = TypeVar("T")


class Unreachable(Transient):
    """No answer that can be understood. Whether Twilio did what it was asked is not known."""


class Bounded(HttpClient):
    """The library says what to ask; `base` is where, and everything together takes at most `seconds`."""

    def __init__(self, base: str, seconds: float) -> None:
        super().__init__(SILENCE, False, seconds)
        self._base = base
        self._seconds = seconds

    def request(  # noqa: PLR0913, PLR0917 - as the library calls it
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        place = urlsplit(url)
        there = f"{self._base}{place.path}{'?' if place.query else ''}{place.query}"
        sent = {"params": params, "data": data, "headers": headers, "auth": auth}
        return _within(self._seconds, lambda: self._ask(method, there, sent))

    def _ask(self, method: str, url: str, sent: Mapping[str, Any]) -> Response:
        limits = (min(CONNECT_SECONDS, self._seconds), self._seconds)
        try:
            with requests.request(method, url, **sent, timeout=limits, allow_redirects=False, stream=True) as answer:
                text = _text(answer)
                return Response(answer.status_code, text, answer.headers)
        except requests.ConnectTimeout as error:
            raise Transient("Twilio cannot be reached") from error
        except requests.Timeout as error:
            raise Unreachable("Twilio did not answer in time") from error
        except (requests.RequestException, OSError) as error:
            raise _lost(error)("Twilio cannot be reached") from error


def _lost(error: Exception) -> type[Transient]:
    """Unreachable, unless nobody was there to be asked: then it is known that Twilio did nothing."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return Transient if isinstance(reason, NewConnectionError) else Unreachable


def _text(answer: requests.Response) -> str:
    read = bytearray()
    for chunk in answer.iter_content(65536):
        read += chunk
        if len(read) > MAX_BYTES:
            raise Unreachable("Twilio's answer has no end")
    return read.decode("utf-8", "replace")


def _within(seconds: float, ask: Callable[[], T]) -> T:
    """The answer, or Unreachable when it is not there in time, even where it comes a byte at a time."""
    future: Future[T] = Future()
    Thread(target=_fulfil, args=(future, ask), daemon=True, name="twilio").start()
    try:
        return future.result(seconds)
    except NotInTime as error:
        raise Unreachable("Twilio did not answer in time") from error


def _fulfil(future: Future[T], ask: Callable[[], T]) -> None:
    try:
        future.set_result(ask())
    except BaseException as error:  # noqa: BLE001 - it is raised again where the answer is waited for
        future.set_exception(error)
