"""Byte ranges by the book: RFC 9110, sections 13 and 14, case by case."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder, TestResponse, run_wsgi_app

from hub.web import ranges
from hub.web.ranges import Outside, Range, Source

BODY = bytes(range(256)) * 40
SIZE = len(BODY)
ETAG = "ab" * 32


def _read(start: int, length: int) -> Iterator[bytes]:
    yield BODY[start : start + length]


def _asked(method: str = "GET", path: Path | None = None, **headers: str) -> tuple[TestResponse, list[Range]]:
    """The answer, and what was said to leave before it left."""
    source = Source(size=SIZE, etag=ETAG, media_type="audio/mpeg", read=_read, path=path)
    asked = [(name.replace("_", "-"), value) for name, value in headers.items()]
    environ = EnvironBuilder(method=method, headers=asked)
    told: list[Range] = []

    def before(leaving: Sequence[Range]) -> None:
        told.extend(leaving)

    app = Flask("ranges")
    with app.test_request_context(environ_overrides=environ.get_environ()):
        response = ranges.answer(source, environ.get_environ(), before)
    answer = TestResponse(*run_wsgi_app(response, environ.get_environ()), request=environ.get_request())
    assert answer.data is not None, "read to its end"
    answer.close()
    return answer, told


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        (None, 200, (0, SIZE)),
        ("bytes=0-", 206, (0, SIZE)),
        ("bytes=0-0", 206, (0, 1)),
        ("bytes=100-199", 206, (100, 200)),
        ("bytes=100-99999999", 206, (100, SIZE)),
        ("bytes=-1", 206, (SIZE - 1, SIZE)),
        ("bytes=-99999999", 206, (0, SIZE)),
        ("BYTES=5-9", 206, (5, 10)),
        (f"bytes={SIZE - 1}-", 206, (SIZE - 1, SIZE)),
        ("bytes= 5-9 , ", 206, (5, 10)),
        # One that is satisfiable is enough, and overlapping ones are one.
        (f"bytes=5-9,{SIZE}-", 206, (5, 10)),
        ("bytes=5-9,8-20,21-30", 206, (5, 31)),
        ("bytes=0-,5-9", 206, (0, SIZE)),
        # Not understood: as if it were not there.
        ("seconds=1-2", 200, (0, SIZE)),
        ("bytes=", 200, (0, SIZE)),
        ("bytes=-", 200, (0, SIZE)),
        ("bytes=9-5", 200, (0, SIZE)),
        ("bytes=5-9,9-5", 200, (0, SIZE)),
        ("bytes=a-b", 200, (0, SIZE)),
        ("bytes 5-9", 200, (0, SIZE)),
        ("bytes=" + ",".join(f"{400 * at}-{400 * at + 1}" for at in range(25)), 200, (0, SIZE)),
    ],
)
def test_one_stretch_of_bytes(asked: str | None, status: int, part: tuple[int, int]) -> None:
    answer, told = _asked(Range=asked) if asked else _asked()
    assert answer.status_code == status
    assert answer.data == BODY[slice(*part)]
    assert answer.headers["Content-Length"] == str(part[1] - part[0])
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["ETag"] == f'"{ETAG}"'
    assert answer.headers.get("Content-Range") == (f"bytes {part[0]}-{part[1] - 1}/{SIZE}" if status == 206 else None)
    assert told == [Range(*part)]


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 5},999999-", "bytes=-0"])
def test_nothing_that_is_there(asked: str) -> None:
    answer, told = _asked(Range=asked)
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{SIZE}")
    assert answer.mimetype == "application/problem+json"
    assert told == []


@pytest.mark.parametrize(
    ("asked", "parts"),
    [
        ("bytes=0-9,1000-1009", [(0, 10), (1000, 1010)]),
        ("bytes=5000-5009,0-9,-10", [(5000, 5010), (0, 10), (SIZE - 10, SIZE)]),
        (f"bytes=0-9,{SIZE}-,4000-4009", [(0, 10), (4000, 4010)]),
    ],
)
def test_several_at_once_in_the_order_asked(asked: str, parts: list[tuple[int, int]]) -> None:
    answer, told = _asked(Range=asked)
    assert (answer.status_code, answer.mimetype) == (206, "multipart/byteranges")
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert "Content-Range" not in answer.headers
    assert _parts(answer) == [
        ({"Content-Type": "audio/mpeg", "Content-Range": f"bytes {a}-{b - 1}/{SIZE}"}, BODY[a:b]) for a, b in parts
    ]
    assert told == [Range(*part) for part in parts]


def _parts(answer: TestResponse) -> list[tuple[dict[str, str], bytes]]:
    boundary = answer.mimetype_params["boundary"].encode()
    before, *parts, end = answer.data.split(b"\r\n--" + boundary)
    assert (before, end) == (b"", b"--\r\n")
    found = []
    for part in parts:
        head, _, body = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        found.append((dict(line.split(": ", 1) for line in head.decode().split("\r\n")), body))
    return found


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        (f'"{ETAG}"', 206),
        (f'W/"{ETAG}"', 200),  # a weak tag names no bytes
        ('"another"', 200),
        ("Sat, 28 Nov 2026 10:00:00 GMT", 200),
        ("nonsense", 200),
    ],
)
def test_a_range_of_what_there_was_then(condition: str, status: int) -> None:
    answer, _ = _asked(Range="bytes=0-9", If_Range=condition)
    assert (answer.status_code, len(answer.data)) == (status, 10 if status == 206 else SIZE)


@pytest.mark.parametrize("tag", [f'"{ETAG}"', f'W/"{ETAG}"', "*", f'"another", "{ETAG}"'])
def test_what_one_has_already(tag: str) -> None:
    answer, told = _asked(If_None_Match=tag, Range="bytes=0-9")
    assert (answer.status_code, answer.data, told) == (304, b"", [])
    assert answer.headers["ETag"] == f'"{ETAG}"'


def test_what_one_has_of_another_time() -> None:
    assert _asked(If_None_Match='"another"')[0].status_code == 200


def test_only_if_it_is_still_that() -> None:
    assert _asked(If_Match='"another"')[0].status_code == 412
    assert _asked(If_Match=f'"{ETAG}"', Range="bytes=0-9")[0].status_code == 206


def test_the_head_alone_has_no_ranges_and_lets_nothing_leave() -> None:
    answer, told = _asked("HEAD", Range="bytes=0-9")
    assert (answer.status_code, answer.data, told) == (200, b"", [])
    assert answer.headers["Content-Length"] == str(SIZE)
    assert answer.headers["Accept-Ranges"] == "bytes"


def test_nothing_leaves_when_it_cannot_be_written_down() -> None:
    source = Source(size=SIZE, etag=ETAG, media_type="audio/mpeg", read=_read)

    def refuses(_leaving: Sequence[Range]) -> None:
        raise RuntimeError("the log is full")

    with pytest.raises(RuntimeError, match="the log is full"):
        ranges.answer(source, EnvironBuilder().get_environ(), refuses)


@pytest.mark.parametrize("asked", ["bytes=100-199", "bytes=-7", "bytes=0-"])
def test_a_file_is_read_no_further_than_asked(tmp_path: Path, asked: str) -> None:
    path = tmp_path / "sound"
    path.write_bytes(BODY)
    from_file, _ = _asked(path=path, Range=asked)
    assert from_file.data == _asked(Range=asked)[0].data


@given(st.text(st.sampled_from("bytes=0123456789-, \t"), max_size=60))
def test_whatever_is_asked_is_answered_within_the_file(header: str) -> None:
    try:
        found = ranges.wanted(f"bytes={header}", SIZE)
    except Outside:
        return
    for one in found or []:
        assert 0 <= one.start < one.stop <= SIZE
    assert len(found or []) <= ranges.MOST
    assert re.fullmatch(r"[0-9,\s-]+", header) or found is None
