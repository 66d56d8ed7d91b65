"""The store keeps what it is given: in files and in a real S3 service, as it is and encrypted."""

import hashlib
import os
import random
import resource
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr, ValidationError

from hub import bootstrap
from hub.domain.errors import Misconfigured, NotFound
from hub.settings import Settings
from hub.storage.blobs import SEALED, Blobs, Shelf, s3
from hub.storage.blobs.cipher import CHUNK, Altered, Cipher
from hub.storage.blobs.faults import NO_ROOM, NoStore
from hub.storage.blobs.files import FileShelf
from hub.storage.blobs.s3 import Bucket, S3Shelf
from tests.servers import S3

KEY = "a key of the tests alone, long enough"
SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 700_001)
luck = random.Random(20261122)


@pytest.fixture(scope="module")
def service() -> Iterator[S3]:
    with S3.running() as server:
        yield server


@pytest.fixture
def bucket(service: S3) -> Bucket:
    """An empty one."""
    name = f"hub-{uuid4().hex}"
    service.bucket(name)
    return Bucket(
        name=name, prefix="calls/", endpoint=service.url, region="us-east-1", key=service.key, secret=service.secret
    )


@pytest.fixture(params=["files", "s3"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    if request.param == "files":
        return FileShelf(tmp_path / "blobs")
    return S3Shelf(request.getfixturevalue("bucket"), tmp_path / "scratch")


@pytest.fixture(params=["plain", "sealed"])
def blobs(request: pytest.FixtureRequest, shelf: Shelf) -> Blobs:
    return Blobs(shelf, Cipher(KEY) if request.param == "sealed" else None)


def _put(blobs: Blobs, content: bytes, folder: Path) -> str:
    path = folder / uuid4().hex
    path.write_bytes(content)
    blob = blobs.put(path)
    assert (blob.size, blob.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    return blob.sha256


@pytest.mark.parametrize("size", SIZES)
def test_what_is_put_is_read_from_anywhere(blobs: Blobs, tmp_path: Path, size: int) -> None:
    content = luck.randbytes(size)
    sha256 = _put(blobs, content, tmp_path)
    assert blobs.has(sha256)
    assert blobs.size(sha256) == size
    assert b"".join(blobs.read(sha256)) == content
    for _ in range(6):
        start, length = luck.randint(0, size + 2), luck.randint(0, CHUNK + 99)
        assert b"".join(blobs.read(sha256, start, length)) == content[start : start + length]
    with blobs.open(sha256) as file:
        file.seek(-3, os.SEEK_END) if size >= 3 else None
        assert file.read() == content[-3:]
    assert blobs.check(sha256)
    assert list(blobs) == [sha256]
    assert list(blobs.scratch.iterdir()) == []


def test_the_same_twice_is_there_once_and_goes_once(blobs: Blobs, tmp_path: Path) -> None:
    sha256 = _put(blobs, b"the same", tmp_path)
    assert _put(blobs, b"the same", tmp_path) == sha256
    assert list(blobs) == [sha256]
    blobs.remove(sha256)
    blobs.remove(sha256)
    assert not blobs.has(sha256)
    assert list(blobs) == []
    with pytest.raises(NotFound):
        blobs.open(sha256)
    with pytest.raises(NotFound):
        blobs.check(sha256)


def test_many_at_once_put_the_same(blobs: Blobs, tmp_path: Path) -> None:
    content = luck.randbytes(300_000)
    threads = [threading.Thread(target=_put, args=(blobs, content, tmp_path)) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    (sha256,) = blobs
    assert blobs.check(sha256)
    assert list(blobs.scratch.iterdir()) == []


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "a" * 63, "A" * 64, "/" * 64])
def test_no_other_name_ever_becomes_a_path(blobs: Blobs, name: str) -> None:
    for ask in (blobs.open, blobs.has, blobs.remove, blobs.check, blobs.local_path):
        with pytest.raises(NotFound):
            ask(name)


def test_a_key_set_later_leaves_what_is_there_readable(shelf: Shelf, tmp_path: Path) -> None:
    before = _put(Blobs(shelf), b"plain", tmp_path)
    after = _put(Blobs(shelf, Cipher(KEY)), b"sealed", tmp_path)
    sealed = Blobs(shelf, Cipher(KEY))
    assert [b"".join(sealed.read(one)) for one in (before, after)] == [b"plain", b"sealed"]
    with pytest.raises(NotFound, match="HUB_RECORDINGS_KEY is not set"):
        Blobs(shelf).open(after)
    assert not Blobs(shelf, Cipher("another key, which is just as long")).check(after)


# ---- files ----


def _of(folder: Path, sha256: str) -> Path:
    return folder / "blobs" / sha256[:2] / sha256[2:]


def test_files_are_readable_by_their_owner_alone_and_served_as_they_are(tmp_path: Path) -> None:
    blobs = Blobs(FileShelf(tmp_path / "blobs"))
    sha256 = _put(blobs, b"sound", tmp_path)
    path = blobs.local_path(sha256)
    assert path == _of(tmp_path, sha256)
    assert path.read_bytes() == b"sound"
    assert path.stat().st_mode & 0o777 == 0o600
    assert Blobs(FileShelf(tmp_path / "other"), Cipher(KEY)).local_path(sha256) is None


def test_what_was_changed_on_the_disk_is_found(tmp_path: Path) -> None:
    blobs = Blobs(FileShelf(tmp_path / "blobs"))
    sha256 = _put(blobs, b"sound", tmp_path)
    _of(tmp_path, sha256).write_bytes(b"s0und")
    assert not blobs.check(sha256)


@pytest.mark.parametrize("change", ["a byte", "cut", "a chunk left out", "chunks swapped"])
def test_what_is_encrypted_cannot_be_changed_unnoticed(tmp_path: Path, change: str) -> None:
    blobs = Blobs(FileShelf(tmp_path / "blobs"), Cipher(KEY))
    content = luck.randbytes(3 * CHUNK)
    sha256 = _put(blobs, content, tmp_path)
    path = _of(tmp_path, sha256).with_name(sha256[2:] + SEALED)
    sealed = path.read_bytes()
    head, chunks = sealed[:29], [sealed[start : start + CHUNK + 16] for start in range(29, len(sealed), CHUNK + 16)]
    assert content[:64] not in sealed
    changed = {
        "a byte": sealed[:-1] + bytes([sealed[-1] ^ 1]),
        "cut": head + b"".join(chunks[:2]),
        "a chunk left out": head + chunks[0] + chunks[2],
        "chunks swapped": head + chunks[1] + chunks[0] + chunks[2],
    }
    path.write_bytes(changed[change])
    assert not blobs.check(sha256)
    with pytest.raises(Altered):
        list(blobs.read(sha256))


def test_a_full_disk_leaves_nothing_half(tmp_path: Path) -> None:
    """The kernel itself refuses to write on: the largest size of a file is set for this process."""
    blobs = Blobs(FileShelf(tmp_path / "blobs"))
    path = tmp_path / "large"
    path.write_bytes(luck.randbytes(200_000))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(OSError) as refused:  # noqa: PT011 - its number is looked at below
            blobs.put(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert refused.value.errno in NO_ROOM
    assert list(blobs) == []
    assert list(blobs.scratch.iterdir()) == []
    assert blobs.put(path).size == 200_000


# ---- S3 ----


def test_large_objects_go_in_parts(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "PART", 5 << 20)  # the smallest that S3 takes
    blobs = Blobs(S3Shelf(bucket, tmp_path / "scratch"))
    content = luck.randbytes(12_000_000)
    sha256 = _put(blobs, content, tmp_path)
    assert blobs.check(sha256)
    assert b"".join(blobs.read(sha256, 11_999_000, 5000)) == content[11_999_000:]


def test_the_settings_say_where(service: S3, tmp_path: Path) -> None:
    service.bucket("hub-of-settings")
    settings = Settings(
        data_dir=tmp_path / "data",
        recordings_store="s3://hub-of-settings/calls/of/2026/",
        recordings_endpoint=service.url,
        recordings_region="us-east-1",
        recordings_access_key=service.key,
        recordings_secret=SecretStr(service.secret),
        recordings_key=SecretStr(KEY),
    )
    blobs = bootstrap.blobs(settings)
    sha256 = _put(blobs, b"sound", tmp_path)
    assert b"".join(blobs.read(sha256)) == b"sound"
    bucket = service.folder / "data" / "hub-of-settings"
    assert (bucket / "calls/of/2026" / sha256[:2] / f"{sha256[2:]}{SEALED}").is_file()
    files = bootstrap.blobs(Settings(data_dir=tmp_path / "data"))
    assert files.local_path(_put(files, b"sound", tmp_path)) == tmp_path / "data/blobs" / sha256[:2] / sha256[2:]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("recordings_store", wrong) for wrong in ("s3://", "s3:///x", "s3://UPPER", "ftp://x", "folder")),
        *(("recordings_endpoint", wrong) for wrong in ("s3.example.com", "ftp://x", "https://a b")),
        ("recordings_key", "short"),
    ],
)
def test_settings_that_cannot_be_are_refused(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=name):
        Settings.model_validate({"data_dir": tmp_path, name: value})


def test_a_middle_is_read_without_the_rest(bucket: Bucket, tmp_path: Path) -> None:
    asked: list[tuple[int, int]] = []

    class Told(S3Shelf):
        def piece(self, name: str, start: int, length: int) -> bytes:
            asked.append((start, length))
            return super().piece(name, start, length)

    blobs = Blobs(Told(bucket, tmp_path / "scratch"))
    content = luck.randbytes(3_000_000)
    sha256 = _put(blobs, content, tmp_path)
    assert b"".join(blobs.read(sha256, 2_000_000, 1000)) == content[2_000_000:2_001_000]
    assert sum(length for _, length in asked) <= s3.FIRST


def test_a_wrong_secret_or_bucket_is_said_so(bucket: Bucket, tmp_path: Path) -> None:
    path = tmp_path / "sound"
    path.write_bytes(b"sound")
    for wrong in (replace(bucket, secret="no secret"), replace(bucket, name="hub-no-such-bucket")):
        with pytest.raises(Misconfigured, match="HUB_RECORDINGS_STORE: the service refuses"):
            Blobs(S3Shelf(wrong, tmp_path / "scratch")).put(path)


def test_a_service_that_is_away_keeps_nothing_and_says_so(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "TRIES", 1)
    path = tmp_path / "sound"
    path.write_bytes(b"sound")
    with pytest.raises(NoStore, match="does not answer"):
        Blobs(S3Shelf(replace(bucket, endpoint="http://127.0.0.1:9"), tmp_path / "scratch")).put(path)
