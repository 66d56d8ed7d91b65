"""One web server for both ways: gunicorn with threads, and in the embedded way everything else beside it."""

import ctypes
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker
from werkzeug.middleware.proxy_fix import ProxyFix

from hub import bootstrap, doctor, listening, telemetry, worker
from hub.app import create_app
from hub.settings import Settings
from hub.unit_of_work import Hub
from hub.web import gate

PR_SET_PDEATHSIG = 1
DETACHED = -1
OTHER_FILES = 1000
"""Requests, the database, the log."""
EXAMINED_SECONDS = 12.0
"""How long whoever opens the doctor's page waits for it."""
Beside = Callable[[Hub], None]
"""What else starts with the server."""


class Threads(ThreadWorker):
    """gunicorn's threads; each request knows since when it waited for one, see `hub.web.gate`, and a connection that
    was taken over by `hub.web.streams` is let go."""

    def enqueue_req(self, conn: Any) -> None:
        conn.waits_since = time.monotonic()
        super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        gate.waits_since(conn.waits_since)
        return super().handle(conn)

    def finish_request(self, conn: Any, fs: Any) -> None:
        if conn.sock.fileno() == DETACHED:
            self.nr_conns -= 1
        else:
            super().finish_request(conn, fs)


class Words(Logger):
    """What gunicorn has to say, in the form of every other line."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(telemetry.formatter())


class Server(BaseApplication):
    """gunicorn, configured by code. The application is made in the worker, after the fork."""

    def __init__(self, settings: Settings, address: str, workers: int, beside: Beside | None = None) -> None:
        self._settings = settings
        self._beside = beside
        self._options = {
            "bind": address,
            "workers": 1 if settings.embedded else workers,
            "worker_class": Threads,
            "logger_class": Words,
            "threads": 2 * settings.threads,  # deliveries, and everything else
            "timeout": 60,
            "graceful_timeout": 5,
            "keepalive": 5,
            "backlog": 256,
            "limit_request_line": 8190,
            "post_fork": _die_with_parent,
            "accesslog": None,
            "loglevel": "warning",
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:  # gunicorn's stubs want a callable that Flask's __call__ does not match
        return start(self._settings, self._beside)


def start(settings: Settings, beside: Beside | None = None) -> Flask:
    """The application and, in the embedded way, jobs, scheduler and listeners as threads beside it."""
    telemetry.start(settings.log_level)
    _allow_files(settings.streams + OTHER_FILES)
    hub, celery = bootstrap.build_with_jobs(settings)
    if beside is not None:
        beside(hub)
    if settings.embedded:
        worker.work_in_thread(celery)
        worker.schedule_in_thread(hub, celery)
        listening.run_in_thread(hub, threading.Event())
    app = create_app(
        hub,
        secret=bootstrap.secret_key(settings),
        public_url=settings.public_url,
        streams=settings.streams,
        deliveries=settings.threads,
        examine=partial(doctor.examine_within, hub, settings, EXAMINED_SECONDS),
    )
    app.config["HUB_PROXY_FILES"] = settings.proxy_files
    if settings.proxies:  # else a limit of tries for one address would be a limit for everybody behind the proxy
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]  # as Flask's manual has it
    return app


def _allow_files(wanted: int) -> None:
    """Each open page is an open file; the usual limit is 1,024, and a process may raise its own to the hard one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _die_with_parent(_server: Any, _worker: Any) -> None:
    """A killed master must not leave a worker that goes on answering (Linux prctl(2))."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
