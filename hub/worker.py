"""The processes beside the web: jobs, the clock that starts them, and the listeners; or threads of it."""

import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import structlog
from celery import Celery, signals
from celery.beat import Scheduler, Service
from celery.worker import state
from celery.worker.consumer import Consumer

from hub.pulse import Alive, unseen
from hub.storage.leases import SCHEDULER, Lease
from hub.unit_of_work import Hub

log = structlog.get_logger()

SWEEP = "hub.sweep"
BEAT_SECONDS = 3.0
ANEW_SECONDS = 1.0


def holder() -> str:
    """Who this process is, in a lease."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"


def work(celery: Celery, alive: Alive) -> None:
    """Run jobs in child processes until told to stop, beginning with whatever was left behind."""
    began = threading.Event()
    signals.heartbeat_sent.connect(lambda **_: alive(), weak=False)  # every two seconds, while the broker answers
    signals.worker_ready.connect(_look_first)
    signals.worker_ready.connect(lambda **_: began.set(), weak=False)
    signals.setup_logging.connect(_logging_stands)
    worker = celery.Worker(
        concurrency=4, queues=["ingest"], loglevel="WARNING", without_mingle=True, without_gossip=True, quiet=True
    )
    worker.start()
    if worker.exitcode and not _told_to_stop():
        _begin_anew(worker.exitcode, began.is_set())


def _told_to_stop() -> bool:
    return any(said not in (None, False) for said in (state.should_stop, state.should_terminate))


def _begin_anew(status: int, had_begun: bool) -> None:
    """A broker that dies while a job runs can end Celery's worker (celery/kombu#582): the same command, once more.

    One that could not even begin ends with `status`, for whoever watches over it.
    """
    if not had_begun:
        sys.exit(status)
    log.warning("the jobs stopped without being told to; they begin anew")
    time.sleep(ANEW_SECONDS)
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - this very command, of which nothing is left over


def work_in_thread(celery: Celery) -> threading.Thread:
    """Run jobs in threads of this process, for the embedded way, beginning with whatever was left behind."""
    celery.send_task(SWEEP)
    controller = celery.WorkController(
        pool_cls="threads", concurrency=4, queues=["ingest"], without_mingle=True, without_gossip=True, quiet=True
    )
    return _thread("jobs", controller.start)


def _logging_stands(**_: object) -> None:
    """Somebody listens to this signal: Celery then leaves the log as it is."""


def _look_first(sender: Consumer, **_: object) -> None:
    sender.app.send_task(SWEEP)


def schedule(hub: Hub, celery: Celery, stop: threading.Event, alive: Alive = unseen) -> None:
    """Start periodic jobs, one scheduler at a time over all processes, until `stop`."""
    lease = Lease(hub.engine, SCHEDULER, holder(), timedelta(seconds=BEAT_SECONDS * 4))
    while not stop.is_set():
        if _held(lease.take, alive):
            _beat(celery, lease, stop, alive)
        stop.wait(BEAT_SECONDS)


def _beat(celery: Celery, lease: Lease, stop: threading.Event, alive: Alive) -> None:
    service = Service(celery, max_interval=1, scheduler_cls=Scheduler)  # the one that keeps no file
    _thread("beat", service.start)
    while not stop.wait(BEAT_SECONDS) and _held(lease.renew, alive):
        pass
    service.stop(wait=False)  # it ends by itself, if need be when the broker answers again


def _held(ask: Callable[[], bool], alive: Alive) -> bool:
    """A database that does not answer is a lease that is not held."""
    try:
        held = ask()
    except Exception:
        log.exception("the lease could not be asked for")
        return False
    alive()  # also who only waits for the lease does its work
    return held


def schedule_in_thread(hub: Hub, celery: Celery) -> threading.Thread:
    return _thread("scheduler", lambda: schedule(hub, celery, threading.Event()))


def _thread(name: str, run: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread
