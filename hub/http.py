"""One request to somebody's web API: asked once, bounded in time and size, and told of in plain words.

The one door for what Hub asks over HTTP. Nothing is tried again here: whoever dials must not dial twice.
"""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from dataclasses import dataclass
from datetime import timedelta
from ssl import SSLCertVerificationError
from threading import Thread
from typing import Any

import requests
from urllib3.exceptions import NewConnectionError

from hub.domain.errors import Transient

CONNECT_SECONDS = 3.0
MAX_BYTES = 8 << 20
"""The largest page of a list is about half of this."""
PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
Values = Mapping[str, Any]


class NotReached(Transient):
    """Nobody was there to be asked: what was asked for was certainly not done."""


class NoAnswer(Transient):
    """Asked, and no answer that can be understood: whether it was done is not known."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered. `headers` by their names in lower case."""

    who: str
    status: int
    body: bytes
    headers: Mapping[str, str]

    def json(self) -> Any:
        """The body as JSON; NoAnswer when it is none, such as the page of a proxy."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise NoAnswer(f"{self.who} answered something that is no answer ({self.status})") from error

    @property
    def pause(self) -> timedelta:
        """How long they want to be left alone (`Retry-After` in seconds), a minute unless they say so."""
        said = self.headers.get("retry-after", "")[:9]
        return min(timedelta(seconds=int(said)), LONGEST_PAUSE) if said.isascii() and said.isdecimal() else PAUSE


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request. `who` is asked, in people's words; all of it together takes at most `seconds`."""

    who: str
    url: str
    seconds: float
    method: str = "GET"
    query: Values | None = None
    form: Values | None = None
    headers: Mapping[str, str] | None = None
    auth: tuple[str, str] | None = None

    def once(self) -> Reply:
        """The reply, whatever its status; NotReached or NoAnswer when there is none. Redirects are not followed."""
        future: Future[Reply] = Future()
        Thread(target=_fulfil, args=(future, self._reply), daemon=True, name=f"asking {self.who}").start()
        try:
            return future.result(self.seconds)
        except NotInTime as error:  # also where an answer comes a byte at a time
            raise self._too_late() from error

    def _reply(self) -> Reply:
        try:
            with self._sent() as answer:
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return Reply(self.who, answer.status_code, self._body(answer), headers)
        except requests.ConnectTimeout as error:
            raise NotReached(f"{self.who} cannot be reached") from error
        except requests.Timeout as error:
            raise self._too_late() from error
        except (requests.RequestException, OSError, ValueError) as error:
            raise self._lost(error) from error

    def _sent(self) -> requests.Response:
        return requests.request(
            self.method,
            self.url,
            params=self.query,
            data=self.form,
            headers=self.headers,
            auth=self.auth or _as_it_is,
            timeout=(min(CONNECT_SECONDS, self.seconds), self.seconds),
            allow_redirects=False,
            stream=True,
        )

    def _body(self, answer: requests.Response) -> bytes:
        read = bytearray()
        for chunk in answer.iter_content(65536):
            read += chunk
            if len(read) > MAX_BYTES:
                raise NoAnswer(f"{self.who} gave an answer that has no end")
        return bytes(read)

    def _too_late(self) -> NoAnswer:
        return NoAnswer(f"{self.who} did not answer in time")

    def _lost(self, error: Exception) -> Transient:
        reason = getattr(error.args[0], "reason", None) if error.args else None
        if isinstance(reason, NewConnectionError):
            return NotReached(f"{self.who} cannot be reached")
        if isinstance(reason, Exception) and isinstance(next(iter(reason.args), None), SSLCertVerificationError):
            return NotReached(f"{self.who} cannot be reached: its certificate proves nothing")
        return NoAnswer(f"{self.who} hung up without an answer")


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Credentials of our own, or none: a `.netrc` of the machine has no say."""
    return request


def _fulfil(future: Future[Reply], ask: Callable[[], Reply]) -> None:
    try:
        future.set_result(ask())
    except BaseException as error:  # noqa: BLE001 - it is raised again where the answer is waited for
        future.set_exception(error)
