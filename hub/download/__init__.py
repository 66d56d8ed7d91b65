"""One file from somebody else's address, onto the disk: guarded against where it leads, its size and its duration.

Addresses come from deliveries, so anybody who can push may name one. Every host is resolved once, judged, and the
connection goes to the very address that was judged; each redirect is judged anew, and takes no credentials abroad.
"""

import http.client
import os
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import certifi
import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError
from urllib3.exceptions import TimeoutError as NotInTime

from hub.domain.errors import Rejected, Transient
from hub.domain.recordings import MAX_BYTES, Address
from hub.download.peers import Peer, judged

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
"""Silence after which nobody waits any longer."""
SECONDS = 540.0
"""For everything together: below the time limit of jobs."""
REDIRECTS = 3
STEP = 1 << 16
PORTS = (443, 8443)
LONGEST_PAUSE = timedelta(hours=1)


class Missing(Transient):
    """It is not there: not yet, or not any more (404, 410)."""

    def __init__(self, message: str, *, gone: bool = False) -> None:
        super().__init__(message)
        self.gone = gone


class Refused(Rejected):
    """It is not taken: where the address leads, what is there, or how large it is."""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What the answer said of the file."""

    size: int
    media_type: str


def download(what: Address, into: Path, limit: int = MAX_BYTES, seconds: float = SECONDS) -> Downloaded:
    """Write the file at an address to `into`, which must not exist yet; at most `limit` bytes within `seconds`.

    Missing, Refused, or Transient with the reason in plain words; then what stands in `into` is worth nothing.
    OSError when it cannot be written.
    """
    return _Fetch(what, into, limit, time.monotonic() + seconds).run()


class _Fetch:
    def __init__(self, what: Address, into: Path, limit: int, until: float) -> None:
        self._what, self._into = what, into
        self._limit, self._until = limit, until

    def run(self) -> Downloaded:
        url, home = self._what.url, _origin(_parts(self._what.url))
        for _ in range(REDIRECTS + 1):
            parts = _parts(url)
            answer = self._asked(parts, ours=_origin(parts) == home)
            try:
                following = _following(answer, url)
                if following is None:
                    return self._written(answer)
                url = following
            finally:
                answer.release_conn()
                answer.close()
        raise Refused(f"the address leads on more than {REDIRECTS} times")

    def _asked(self, parts: SplitResult, *, ours: bool) -> urllib3.BaseHTTPResponse:
        allowed = (parts.hostname or "").lower() in self._what.hosts
        peer = judged(parts, allowed=allowed, ports=PORTS)
        headers = {"Accept-Encoding": "identity", "User-Agent": "hub", "Host": parts.netloc}
        if ours:
            headers |= self._what.headers
            if self._what.auth:
                headers |= urllib3.make_headers(basic_auth=":".join(self._what.auth))
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            return self._connected(peer, path, headers)
        except SSLError as error:
            raise Transient("its certificate proves nothing") from error
        except NewConnectionError as error:  # to urllib3 a kind of timeout
            raise Transient("it cannot be reached") from error
        except NotInTime as error:
            raise Transient("it did not answer in time") from error
        except (HTTPError, http.client.HTTPException, OSError) as error:
            raise Transient("it cannot be reached") from error

    def _connected(self, peer: Peer, path: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        """Of several addresses the first that takes the connection."""
        *others, last = peer.addresses
        for address in others:
            try:
                return self._sent(peer, address, path, headers)
            except (NewConnectionError, ConnectTimeoutError):
                continue
        return self._sent(peer, last, path, headers)

    def _sent(self, peer: Peer, address: str, path: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        return _pool(peer, address, self._left()).urlopen(
            "GET", path, headers=headers, redirect=False, retries=False, preload_content=False
        )

    def _written(self, answer: urllib3.BaseHTTPResponse) -> Downloaded:
        _taken(answer)
        promised = _length(answer.headers)
        if promised is not None and promised > self._limit:
            raise Refused(f"it is larger than {self._limit // 1_000_000} MB")
        size = self._streamed(answer)
        if promised is not None and size != promised:
            raise Transient(f"it broke off: {size} of {promised} bytes came")
        return Downloaded(size, answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()[:100])

    def _streamed(self, answer: urllib3.BaseHTTPResponse) -> int:
        size = 0
        with self._into.open("xb") as file:
            while piece := self._piece(answer, size):
                size += len(piece)
                if size > self._limit:
                    raise Refused(f"it is larger than {self._limit // 1_000_000} MB")
                file.write(piece)
        return size

    def _piece(self, answer: urllib3.BaseHTTPResponse, before: int) -> bytes:
        """What is there, without waiting for more: a byte a minute must not outlast us."""
        self._left()
        try:
            return answer.read1(STEP, decode_content=False)
        except NotInTime as error:
            raise Transient("it stopped in the middle") from error
        except (HTTPError, http.client.HTTPException, OSError) as error:
            promised = _length(answer.headers)
            of = "" if promised is None else f" of {promised}"
            raise Transient(f"it broke off: {before}{of} bytes came") from error

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise Transient("it took too long")
        return left


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        sound = parts.hostname and parts.port != 0 and re.fullmatch(r"[!-~]+", url)
    except ValueError as error:
        raise Refused("the address is none that can be asked") from error
    if not sound:
        raise Refused("the address is none that can be asked")
    if parts.username is not None or parts.password is not None:
        raise Refused("the address holds a password; set it in the connection instead")
    return parts


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port


def _pool(peer: Peer, address: str, left: float) -> urllib3.HTTPConnectionPool:
    """A connection to the address that was judged; for TLS still in the name of its host."""
    timeout = urllib3.Timeout(connect=min(CONNECT_SECONDS, left), read=min(READ_SECONDS, left))
    given: dict[str, Any] = {"host": address, "port": peer.port, "timeout": timeout, "maxsize": 1}
    if not peer.secure:
        return urllib3.HTTPConnectionPool(**given)
    return urllib3.HTTPSConnectionPool(
        **given, ssl_context=_trust(_bundle()), server_hostname=peer.host, assert_hostname=peer.host
    )


def _bundle() -> str:
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or certifi.where()


@cache
def _trust(bundle: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=bundle)


def _following(answer: urllib3.BaseHTTPResponse, url: str) -> str | None:
    """Where a redirect leads; None when it is none."""
    if answer.status not in (301, 302, 303, 307, 308):
        return None
    place = answer.headers.get("Location")
    if not place:
        raise Refused(f"it leads on to nowhere ({answer.status})")
    return urljoin(url, place)


def _taken(answer: urllib3.BaseHTTPResponse) -> None:
    """Raise unless this is the file."""
    status = answer.status
    if status in (404, 410):
        raise Missing(f"it is not there ({status})", gone=status == 410)
    if status in (401, 403):
        raise Refused(f"its server wants other credentials than those of the connection ({status})")
    if status == 429 or status >= 500:
        raise Transient(f"its server has trouble or too much to do ({status})", _pause(answer.headers))
    if status != 200:
        raise Refused(f"its server answered {status}")
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused("it is compressed, though that was not asked for")


def _pause(headers: Mapping[str, str]) -> timedelta:
    """How long they want to be left alone, no longer than an hour."""
    said = headers.get("Retry-After", "")[:9]
    return min(timedelta(seconds=int(said)), LONGEST_PAUSE) if said.isascii() and said.isdecimal() else timedelta()


def _length(headers: Mapping[str, str]) -> int | None:
    said = headers.get("Content-Length", "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 16 else None
