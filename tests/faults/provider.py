"""A provider as robust ones are: it sends each delivery until it is acknowledged, and remembers which were."""

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Self

import httpx
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.crm.models import OutboxRow
from hub.inbox.models import ConnectionRow, DeliveryRow
from hub.leads.models import TouchRow
from tests.company import Company
from tests.pipeline.office import talk
from tests.pipeline.providers.acme import SIGNATURE, signature
from tests.waiting import until

SECRET = "the secret of acme"
PATIENCE_SECONDS = 600
"""However slow the machine is; nothing here waits longer than it must."""
THREADS = 4
PASSING = range(500, 600)

Said = Mapping[str, Any]


@dataclass
class Provider:
    """One connection of a company, and what was sent to it."""

    company: Company
    name: str
    serial: int
    sent: list[Said] = field(default_factory=list)
    acknowledged: list[Said] = field(default_factory=list)
    refused: list[tuple[int, Said]] = field(default_factory=list)
    """Answers that were neither success nor a fault that passes."""
    tries_again: int = 0

    @classmethod
    def connected(cls, company: Company) -> Self:
        serial = sum(line.startswith("acme") for line in company.run("connection", "list").splitlines())
        company.run("connection", "add", "acme", f"acme-{serial}", "--set", f"secret={SECRET}")
        return cls(company, f"acme-{serial}", serial)

    def calls(self, count: int, first: int = 0) -> list[Said]:
        """Four deliveries for each of so many calls with different clients, mixed as calls at the same time are."""
        told = [self.call(number) for number in range(first, first + count)]
        blocks = [told[start : start + 10] for start in range(0, count, 10)]
        return [call[step] for block in blocks for step in range(4) for call in block]

    def call(self, number: int) -> list[Said]:
        return list(talk(f"call-{number}", number * 100, number=f"067{self.serial:02}{number:05}"))

    # ---- sending ----

    @contextmanager
    def sending(self, deliveries: Sequence[Said]) -> Iterator[None]:
        """Send while the block is at work; leaving it waits until all is acknowledged."""
        queue: SimpleQueue[Said] = SimpleQueue()
        for delivery in deliveries:
            queue.put(delivery)
        self.sent += deliveries
        deadline = time.monotonic() + PATIENCE_SECONDS
        threads = [threading.Thread(target=self._run, args=(queue, deadline), daemon=True) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        yield
        for thread in threads:
            thread.join(PATIENCE_SECONDS)

    def sends(self, deliveries: Sequence[Said]) -> None:
        with self.sending(deliveries):
            pass

    def until(self, count: int) -> None:
        """Wait until so many were acknowledged."""
        until(lambda: len(self.acknowledged) >= count, seconds=PATIENCE_SECONDS, what=f"delivery {count}")

    @property
    def secret(self) -> SecretStr:
        return SecretStr(SECRET)

    @property
    def address(self) -> str:
        return f"{self.company.url}/hooks/{self.name}"

    def _run(self, queue: SimpleQueue[Said], deadline: float) -> None:
        with httpx.Client(timeout=10) as client:
            while time.monotonic() < deadline:
                try:
                    delivery = queue.get_nowait()
                except Empty:
                    return
                self._deliver(client, delivery, deadline)

    def _deliver(self, client: httpx.Client, delivery: Said, deadline: float) -> None:
        body = json.dumps(delivery).encode()
        headers = {SIGNATURE: signature(body, self.secret), "content-type": "application/json"}
        while time.monotonic() < deadline:
            try:
                status = client.post(self.address, content=body, headers=headers).status_code
            except httpx.TransportError:
                status = 503
            if status < 300:
                self.acknowledged.append(delivery)
                return
            if status not in PASSING:
                self.refused.append((status, delivery))
                return
            self.tries_again += 1
            time.sleep(0.05)

    # ---- what became of it ----

    def states(self) -> dict[str, int]:
        """How many of our deliveries stand in each state."""
        counted = select(DeliveryRow.state, func.count()).join(
            ConnectionRow, ConnectionRow.id == DeliveryRow.connection_id
        )
        with Session(self.company.engine) as session:
            rows = session.execute(counted.where(ConnectionRow.name == self.name).group_by(DeliveryRow.state))
            return dict(rows.all())

    def log(self) -> list[dict[str, Any]]:
        return self.company.json("calls", "--connection", self.name)

    def until_states(self, **wanted: int) -> None:
        try:
            until(lambda: self.states() == wanted, seconds=PATIENCE_SECONDS, what=f"{wanted}")
        except AssertionError as error:
            raise AssertionError(f"{self.states()}, not {wanted}: {self.reasons()}\n{self.company.logs()}") from error

    def reasons(self) -> set[str | None]:
        """Why deliveries are not done."""
        with Session(self.company.engine) as session:
            return set(session.scalars(select(DeliveryRow.reason).where(DeliveryRow.state != "done")))

    def assert_nothing_lost_nothing_twice(self) -> None:
        """Every delivery was acknowledged and is in the log exactly once, with all that follows from it."""
        assert self.refused == []
        assert len(self.acknowledged) == len(self.sent)
        self.until_states(done=len(self.sent))
        log = self.log()
        assert sorted(call["provider_call_id"] for call in log) == sorted({one["call"] for one in self.sent})
        assert {(call["state"], call["outcome"], call["talk_seconds"], len(call["legs"])) for call in log} == {
            ("ended", "answered", 60.0, 1)
        }
        assert len({call["contact"]["id"] for call in log}) == len({call["lead_id"] for call in log}) == len(log)
        ids = [call["id"] for call in log]
        newest = select(func.max(OutboxRow.id)).where(OutboxRow.subject.in_([f"call:{one}" for one in ids]))
        with Session(self.company.engine) as session:
            touches = select(func.count()).select_from(TouchRow).where(TouchRow.subject.in_(ids))
            assert session.scalar(touches) == len(log)
            told = session.scalars(select(OutboxRow.body).where(OutboxRow.id.in_(newest.group_by(OutboxRow.subject))))
            assert {body["id"]: body for body in told} == {call["id"]: call for call in log}
