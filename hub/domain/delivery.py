"""What arrives: the bytes of one delivery and what a connector makes of them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from hub.domain.errors import Unrecognised


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One delivery as it came: bytes, the headers we need, and when we had it in hand.

    `settings` is the connection's configuration, already parsed by its connector's own model.
    `path` is what followed the connection's own address (``voice``), `query` what followed the question mark,
    both empty for a listener. `method` and `target` (path and query as they were asked for, byte for byte) help to
    prove the sender and are not kept.
    """

    connection_id: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    query: str = ""
    method: str = "POST"
    target: str = ""
    received_at: datetime
    settings: Any = None

    def with_settings(self, settings: Any) -> "Delivery":
        """The same delivery, beside its connection's settings."""
        return replace(self, settings=settings)

    def json(self) -> Any:
        """The body as JSON; Unrecognised when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise Unrecognised(f"not JSON: {error}") from error

    def json_lines(self) -> Iterator[Any]:
        """Each non-empty line as JSON; Unrecognised names the first line that is none."""
        for number, line in enumerate(self.body.splitlines(), start=1):
            if not line.strip():
                continue
            try:
                yield json.loads(line)
            except (ValueError, RecursionError) as error:
                raise Unrecognised(f"line {number} is not JSON: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A piece of a delivery about one conversation, for systems that speak in channels.

    `nodes` are all channel and group ids the piece names: facts that share a node belong to one
    conversation, whatever the order they arrive in. `data` is JSON the connector reads again.
    """

    nodes: frozenset[str]
    at: datetime
    data: Mapping[str, Any]
