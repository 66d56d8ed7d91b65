"""A recording as Hub sends it and as the least view would, side by side in one server: `python -m bench.sound_server`.

Bare: Flask's `send_file` on the same file, for anybody, without a log.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, Response, send_file
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from hub import bootstrap, telemetry
from hub.app import create_app
from hub.serving import Server
from hub.settings import Settings, load


class Both(Server):
    """Hub as it always runs, with the bare view at /bare."""

    def load(self) -> Any:
        telemetry.start(self._settings.log_level)
        hub = bootstrap.build_with_jobs(self._settings)[0]
        ours = create_app(hub, secret="bench" * 8, public_url="http://127.0.0.1", streams=1)
        ours.config["HUB_PROXY_FILES"] = self._settings.proxy_files
        return DispatcherMiddleware(ours, {"/bare": bare(self._settings.data_dir / "blobs")})

    _settings: Settings


def bare(folder: Path) -> Callable[..., Any]:
    app = Flask("bare")

    @app.get("/<first>/<rest>")
    def send(first: str, rest: str) -> Response:
        return send_file(folder.absolute() / first / rest, mimetype="audio/mpeg")

    return app


if __name__ == "__main__":
    sys.argv, address = sys.argv[:1], sys.argv[1]
    Both(load(), address, workers=2).run()
