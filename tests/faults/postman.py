"""A provider as robust ones are: it sends each delivery until it is acknowledged, and writes down which were."""

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

import httpx
from pydantic import SecretStr

from tests.pipeline.office import talk
from tests.pipeline.providers.acme import SIGNATURE, signature
from tests.waiting import until

SECRET = "the secret of acme"
ACME = "tests.pipeline.providers.acme:Acme"
PATIENCE_SECONDS = 600
THREADS = 4


def calls(count: int, *, every: float = 100) -> list[dict[str, Any]]:
    """Four deliveries for each of so many calls with different clients, mixed as calls at the same time are."""
    told = [talk(f"call-{number}", number * every, number=f"067{number:07}") for number in range(count)]
    blocks = [told[start : start + 10] for start in range(0, count, 10)]
    return [call[step] for block in blocks for step in range(4) for call in block]


@dataclass
class Postman:
    """Sends to one connection's address; `acknowledged` holds what was, in order of acknowledgement."""

    url: str
    deliveries: Sequence[Mapping[str, Any]]
    acknowledged: list[Mapping[str, Any]] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    """Answers that were neither success nor a fault that passes."""

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Leaving the block waits until all is sent."""
        queue: SimpleQueue[Mapping[str, Any]] = SimpleQueue()
        for delivery in self.deliveries:
            queue.put(delivery)
        deadline = time.monotonic() + PATIENCE_SECONDS
        threads = [threading.Thread(target=self._run, args=(queue, deadline), daemon=True) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        yield
        for thread in threads:
            thread.join(PATIENCE_SECONDS)

    def until(self, count: int) -> None:
        """Wait until so many were acknowledged."""
        until(lambda: len(self.acknowledged) >= count, seconds=PATIENCE_SECONDS, what=f"delivery {count}")

    def _run(self, queue: SimpleQueue[Mapping[str, Any]], deadline: float) -> None:
        with httpx.Client(timeout=10) as client:
            while time.monotonic() < deadline:
                try:
                    delivery = queue.get_nowait()
                except Empty:
                    return
                self._deliver(client, delivery, deadline)

    def _deliver(self, client: httpx.Client, delivery: Mapping[str, Any], deadline: float) -> None:
        body = json.dumps(delivery).encode()
        headers = {SIGNATURE: signature(body, SecretStr(SECRET)), "content-type": "application/json"}
        while time.monotonic() < deadline:
            try:
                status = client.post(self.url, content=body, headers=headers).status_code
            except httpx.TransportError:
                status = 503
            if status < 300:
                self.acknowledged.append(delivery)
                return
            if status < 500:
                self.refused.append((status, delivery["call"]))
                return
            time.sleep(0.05)
