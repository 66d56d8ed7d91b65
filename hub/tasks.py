"""Jobs: one line each. They carry an id, never a payload, may run twice, and are only a doorbell.

The row in the database is the work; Redis may be emptied at any moment and the only result is delay.
"""

import threading
import time
from typing import TYPE_CHECKING, Any, cast

import structlog
from celery import Celery, Task, shared_task
from kombu.exceptions import OperationalError

from hub import clicks, custody, pipeline, reconciling, repair, settling
from hub.domain import clock
from hub.leads import reminders
from hub.storage.leases import WORKER, WORKER_LENGTH, Lease

if TYPE_CHECKING:
    from hub.unit_of_work import Hub

log = structlog.get_logger()

EMBEDDED_BROKER = "memory://localhost/"
VISIBILITY_SECONDS = 300
MEDIA_SECONDS = 600
"""A recording may be large and its source slow."""
SCHEDULE = {"hub.sweep": 10.0, "hub.close_silent": 30.0, "hub.remind": 30.0, "hub.reconcile": 300.0}
SCHEDULE |= {"hub.due_recordings": 5.0, "hub.watch": 60.0, "hub.expire": 900.0}
"""Seconds between two runs of each periodic job; which connections are due is for the rows to say."""


class Jobs(Celery):
    """The Celery application, and the Hub its jobs use: `bootstrap` sets it."""

    hub: "Hub"


def create_celery(broker: str) -> Jobs:
    celery = Jobs("hub", broker=broker)
    celery.set_default()  # in every thread, so that a job is published with this broker from anywhere
    celery.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        task_soft_time_limit=240,
        task_time_limit=270,
        worker_max_tasks_per_child=5000,
        worker_max_memory_per_child=400_000,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        worker_soft_shutdown_timeout=10,
        worker_enable_soft_shutdown_on_idle=True,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options=_transport(broker),
        task_publish_retry=False,
        task_default_queue="ingest",
        beat_schedule={name: {"task": name, "schedule": every} for name, every in SCHEDULE.items()},
    )
    return celery


def _transport(broker: str) -> dict[str, object]:
    if broker == EMBEDDED_BROKER:
        return {"polling_interval": 0.02}
    return {
        "visibility_timeout": VISIBILITY_SECONDS,
        "socket_connect_timeout": 1,
        "unacked_restore_limit": 100,
    }


def _hub(job: "Task[Any, Any]") -> "Hub":
    return cast(Jobs, job.app).hub


@shared_task(bind=True, name="hub.drain")
def drain(self: "Task[Any, Any]", connection_id: int) -> None:
    pipeline.drain(_hub(self), connection_id)


@shared_task(bind=True, name="hub.place")
def place(self: "Task[Any, Any]", dial_id: str) -> None:
    clicks.place(_hub(self), dial_id)


@shared_task(bind=True, name="hub.rematch")
def rematch(self: "Task[Any, Any]") -> None:
    repair.rematch(_hub(self))


@shared_task(bind=True, name="hub.sweep")
def sweep(self: "Task[Any, Any]") -> None:
    hub = _hub(self)
    Lease(hub.engine, WORKER, WORKER, WORKER_LENGTH).take()
    for connection_id in repair.sweep(hub):
        pipeline.drain(hub, connection_id)
    for dial_id in clicks.forgotten(hub):
        clicks.place(hub, dial_id)
    repair.rematch(hub)


@shared_task(bind=True, name="hub.close_silent")
def close_silent(self: "Task[Any, Any]") -> None:
    repair.close_silent(_hub(self))


@shared_task(bind=True, name="hub.remind")
def remind(self: "Task[Any, Any]") -> None:
    with _hub(self).unit_of_work() as session:
        now = clock.now()
        settling.tell_changes(session, reminders.run(session, now), now)


@shared_task(bind=True, name="hub.reconcile")
def reconcile(self: "Task[Any, Any]") -> None:
    """Compare every connection that is due; each hour, whoever was restarted how often in between."""
    hub = _hub(self)
    for connection_id in reconciling.due(hub, clock.now()):
        compare.delay(connection_id)


@shared_task(bind=True, name="hub.compare")
def compare(self: "Task[Any, Any]", connection_id: int) -> None:
    reconciling.compare(_hub(self), connection_id)


@shared_task(bind=True, name="hub.due_recordings")
def due_recordings(self: "Task[Any, Any]") -> None:
    for recording_id in custody.to_do(_hub(self)):
        tend.delay(str(recording_id))


@shared_task(bind=True, name="hub.tend", soft_time_limit=MEDIA_SECONDS, time_limit=MEDIA_SECONDS + 60)
def tend(self: "Task[Any, Any]", recording_id: str) -> None:
    custody.tend(_hub(self), recording_id)


@shared_task(bind=True, name="hub.watch")
def watch(self: "Task[Any, Any]") -> None:
    custody.watch(_hub(self))


@shared_task(bind=True, name="hub.expire")
def expire(self: "Task[Any, Any]") -> None:
    custody.expire(_hub(self))


BREATH_SECONDS = 0.03
"""Rings closer together than this are one: in a rush, nobody has to hear each of a thousand deliveries."""


class Bell:
    """Rings from a thread of its own, so that no request ever waits for Redis."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[Task[Any, Any], tuple[object, ...]], None] = {}
        self._change = threading.Condition()
        self._thread: threading.Thread | None = None

    def ring(self, connection_id: int) -> None:
        self._put(drain, connection_id)

    def dial(self, dial_id: str) -> None:
        self._put(place, dial_id)

    def relink(self) -> None:
        self._put(rematch)

    def _put(self, job: "Task[Any, Any]", *arguments: object) -> None:
        with self._change:
            self._waiting[(job, arguments)] = None
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="doorbell", daemon=True)
                self._thread.start()
            self._change.notify()

    def _run(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._waiting)
                jobs, self._waiting = self._waiting, {}
            for job, arguments in jobs:
                self._publish(job, arguments)
            time.sleep(BREATH_SECONDS)

    def _publish(self, job: "Task[Any, Any]", arguments: tuple[object, ...]) -> None:
        try:
            job.apply_async(arguments, retry=False)
        except (OperationalError, OSError) as error:
            log.warning("doorbell not heard; the sweep will find the work", problem=str(error))
