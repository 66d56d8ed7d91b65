"""nginx as it is shipped sends recordings for Hub, which says who hears them and writes it down."""

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from werkzeug.serving import make_server

from hub.recordings.listening.models import ListeningRow, SpanRow
from tests.pipeline.office import Office
from tests.proxy import ShippedProxy
from tests.web.company import Company


@dataclass
class Place:
    company: Company
    proxy: ShippedProxy
    blobs: Path

    def ask(self, name: str, what: str, method: str = "GET", **headers: str) -> httpx.Response:
        """As somebody's browser, through the proxy."""
        cookie = self.company.browser(name).client.get_cookie("hub")
        assert cookie is not None
        address = f"{self.proxy.url}/recordings/{self.company.things['Mira'].recording}/{what}"
        kept = {header.replace("_", "-"): value for header, value in headers.items()}
        return httpx.request(method, address, headers={**kept, "Cookie": f"hub={cookie.value}"})

    @property
    def audio(self) -> bytes:
        (path,) = {path for path in self.blobs.glob("??/*") if path.read_bytes().startswith(b"RIFF")}
        return path.read_bytes()


@pytest.fixture(scope="module")
def place(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("company")
    shutil.copyfile(sqlite_template, folder / "hub.db")
    company = Company.opened(Office.opened(f"sqlite:///{folder / 'hub.db'}", folder))
    company.app.config["HUB_PROXY_FILES"] = "/stored/"
    server = make_server("127.0.0.1", 0, company.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with ShippedProxy.before(server.server_port, files=folder / "blobs") as proxy:
        yield Place(company, proxy, folder / "blobs")
    server.shutdown()
    thread.join()
    server.server_close()
    company.office.hub.engine.dispose()


def test_the_file_comes_from_the_proxy_with_what_hub_says_of_it(place: Place) -> None:
    answer = place.ask("Mira", "audio?session=whole")
    assert (answer.status_code, answer.content) == (200, place.audio)
    assert answer.headers["Content-Type"] == "audio/wav"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert "x-accel-redirect" not in answer.headers
    assert len(answer.headers["X-Request-Id"]) == 32
    assert place.ask("Sofia", "original").headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("asked", ["bytes=0-0", "bytes=100-199", "bytes=-10", "bytes=500-"])
def test_a_range_is_what_was_asked(place: Place, asked: str) -> None:
    first, last = asked.removeprefix("bytes=").split("-")
    size = len(place.audio)
    start, stop = (int(first), int(last or size - 1) + 1) if first else (size - int(last), size)
    answer = place.ask("Mira", "audio?session=parts", Range=asked)
    assert (answer.status_code, answer.content) == (206, place.audio[start:stop])
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{size}"


def test_several_and_none_of_them(place: Place) -> None:
    several = place.ask("Mira", "audio", Range="bytes=0-9,1000-1009")
    assert several.headers["Content-Type"].startswith("multipart/byteranges")
    assert place.ask("Mira", "audio", Range="bytes=99999999-").status_code == 416
    tag = several.headers["ETag"]
    assert place.ask("Mira", "audio", If_None_Match=tag).status_code == 304
    assert place.ask("Mira", "audio", Range="bytes=0-9", If_Range=tag).status_code == 206
    assert place.ask("Mira", "audio", Range="bytes=0-9", If_Range='"another"').status_code == 200
    assert place.ask("Mira", "audio", "HEAD").status_code == 200


def test_each_listening_stands_in_the_log(place: Place) -> None:
    place.ask("Mira", "audio?session=logged", Range="bytes=32044-")
    rows = [row for row in place.company.office.rows(ListeningRow) if row.key.endswith(":logged")]
    (span,) = [span for span in place.company.office.rows(SpanRow) if span.listening_id == rows[0].id]
    assert (span.begin, span.until) == (1.0, 2.0)


def test_who_may_not_hear_it_gets_nothing_from_the_proxy_either(place: Place) -> None:
    assert place.ask("Max", "audio").status_code == 404
    assert place.ask("Rita", "audio").status_code == 403
    name = next(place.blobs.glob("??/*"))
    assert httpx.get(f"{place.proxy.url}/stored/{name.parent.name}/{name.name}").status_code == 404
