"""How the stand-in reaches Hub: the way Twilio signs, written down here a second time, by its description."""

import base64
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlencode, urlsplit, urlunsplit

import httpx


class Sender(Protocol):
    def __call__(self, address: str, fields: Mapping[str, str], *, attempt: str | None = None) -> str:
        """Send, and give back what was answered."""


def signature(token: str, address: str, fields: Mapping[str, str] | Sequence[tuple[str, str]] = ()) -> str:
    """HMAC-SHA1 over the address and the sorted fields, in base64."""
    pairs = sorted(set(fields.items() if isinstance(fields, Mapping) else fields))
    text = address + "".join(name + value for name, value in pairs)
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), "sha1")).decode()


def without_fragment(address: str) -> str:
    return urlunsplit(urlsplit(address)._replace(fragment=""))


def without_port(address: str) -> str:
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.hostname or ""))


@dataclass
class Signed:
    """Requests over real HTTP. `by_get`: fields in the query, as where an administrator chose GET."""

    token: str
    client: httpx.Client
    signs_port: bool = True
    by_get: bool = False
    sent: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def __call__(self, address: str, fields: Mapping[str, str], *, attempt: str | None = None) -> str:
        self.sent.append((address, fields))
        answer = self.request(address, fields, attempt=attempt)
        if answer.status_code != 200:
            raise AssertionError(f"{address} answered {answer.status_code}: {answer.text[:300]}")
        return answer.text

    def request(self, address: str, fields: Mapping[str, str], *, attempt: str | None = None) -> httpx.Response:
        there = without_fragment(address)
        if self.by_get:
            there += ("&" if "?" in there else "?") + urlencode(fields)
        signed = there if self.signs_port else without_port(there)
        headers = {"X-Twilio-Signature": signature(self.token, signed, () if self.by_get else fields)}
        headers |= {"I-Twilio-Idempotency-Token": attempt} if attempt else {}
        if self.by_get:
            return self.client.get(there, headers=headers)
        headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        return self.client.post(there, content=urlencode(fields), headers=headers)
