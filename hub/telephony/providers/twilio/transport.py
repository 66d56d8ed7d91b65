"""HTTP under Twilio's own library: to the address we are told, never longer than we can wait, never twice."""

import logging
from collections.abc import Mapping
from urllib.parse import urlsplit

from twilio.http import HttpClient
from twilio.http.response import Response

from hub.http import Ask

SILENCE = logging.getLogger("hub.twilio.unused")
"""Twilio's own clients log the numbers they are asked about; this one logs nothing."""


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
        reply = Ask(
            who="Twilio",
            url=f"{self._base}{place.path}{'?' if place.query else ''}{place.query}",
            seconds=self._seconds,
            method=method,
            query=params,
            form=data,
            headers=headers,
            auth=auth,
        ).once()
        return Response(reply.status, reply.body.decode("utf-8", "replace"), reply.headers)
