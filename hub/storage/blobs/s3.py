"""Objects in an S3-compatible service. Its library is loaded when it is first needed: most installations keep files."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from hub.domain.errors import HubError, Misconfigured, NotFound
from hub.storage.blobs.faults import NoStore
from hub.storage.blobs.pieces import Pieces

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

PART = 64 << 20
"""Files larger than this are sent in parts; one part is in memory only as far as it is being sent."""
FIRST, LARGEST = 256 << 10, 4 << 20
"""Bytes of a ranged GET: at first, and at most when one reads on and on."""
CONNECT_SECONDS, READ_SECONDS, TRIES = 5, 60, 3
GONE = {"404", "NoSuchKey", "NotFound"}
DENIED = {"401", "403", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Where the objects are. `endpoint` None: Amazon's own; `key` None: as the machine itself is known there."""

    name: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None
    key: str | None = None
    secret: str | None = field(default=None, repr=False)


class S3Shelf:
    """A client for each process: sockets are not shared over a fork."""

    def __init__(self, bucket: Bucket, scratch: Path) -> None:
        self._bucket = bucket
        self._scratch = scratch
        self._made: tuple[int, S3Client] | None = None

    def put(self, name: str, path: Path) -> None:
        """The service answers when the object is durable, and shows it whole or not at all."""
        from boto3.s3.transfer import TransferConfig  # noqa: PLC0415 - see above

        config = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, use_threads=False)
        with _in_our_words(self._bucket.name):
            self._client.upload_file(str(path), self._bucket.name, self._key(name), Config=config)
        if self.size(name) != path.stat().st_size:
            raise NoStore("the store of recordings kept another length than it was sent")

    def size(self, name: str) -> int | None:
        try:
            with _in_our_words(self._bucket.name):
                return self._client.head_object(Bucket=self._bucket.name, Key=self._key(name))["ContentLength"]
        except NotFound:
            return None

    def open(self, name: str) -> io.RawIOBase:
        size = self.size(name)
        if size is None:
            raise NotFound(f"the object {name} is gone")
        return _Ranged(self, name, size)

    def piece(self, name: str, start: int, length: int) -> bytes:
        """One ranged GET."""
        wanted = f"bytes={start}-{start + length - 1}"
        with _in_our_words(self._bucket.name):
            answer = self._client.get_object(Bucket=self._bucket.name, Key=self._key(name), Range=wanted)
            return answer["Body"].read()

    def remove(self, name: str) -> None:
        with _in_our_words(self._bucket.name):
            self._client.delete_object(Bucket=self._bucket.name, Key=self._key(name))

    def names(self) -> Iterator[str]:
        with _in_our_words(self._bucket.name):
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket.name, Prefix=self._bucket.prefix):
                for one in page.get("Contents", ()):
                    yield one["Key"].removeprefix(self._bucket.prefix)

    def path(self, name: str) -> Path | None:
        return None

    def scratch(self) -> Path:
        self._scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._scratch

    def _key(self, name: str) -> str:
        return self._bucket.prefix + name

    @property
    def _client(self) -> "S3Client":
        if self._made is None or self._made[0] != os.getpid():
            self._made = (os.getpid(), _client(self._bucket))
        return self._made[1]


def _client(bucket: Bucket) -> "S3Client":
    import boto3  # noqa: PLC0415 - see above
    from botocore.config import Config  # noqa: PLC0415

    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": TRIES, "mode": "standard"},
        request_checksum_calculation="when_required",  # the newer kinds are not known everywhere
        response_checksum_validation="when_required",
        s3={"addressing_style": "path" if bucket.endpoint else "auto"},
    )
    session = boto3.session.Session(
        aws_access_key_id=bucket.key, aws_secret_access_key=bucket.secret, region_name=bucket.region
    )
    return session.client("s3", endpoint_url=bucket.endpoint, config=config)


@contextmanager
def _in_our_words(bucket: str) -> Iterator[None]:
    """NotFound, Misconfigured, or NoStore: it does not answer now."""
    from boto3.exceptions import Boto3Error  # noqa: PLC0415 - see above
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        yield
    except (ClientError, BotoCoreError, Boto3Error, OSError) as error:
        said = error.__context__ if isinstance(error, Boto3Error) else error  # an upload's error is wrapped
        if isinstance(said, ClientError):
            raise _refusal(bucket, str(said.response.get("Error", {}).get("Code", ""))) from error
        raise NoStore(f"the store of recordings does not answer ({type(said).__name__})") from error


def _refusal(bucket: str, code: str) -> HubError:
    if code in GONE:
        return NotFound("the object is gone")
    if code in DENIED or code == "NoSuchBucket":
        return Misconfigured(f"HUB_RECORDINGS_STORE: the service refuses {bucket} ({code})")
    return NoStore(f"the store of recordings has trouble ({code})")


class _Ranged(Pieces):
    """Reads ranges of what is asked; whoever reads on and on gets larger and larger ones."""

    def __init__(self, shelf: S3Shelf, name: str, size: int) -> None:
        super().__init__(size)
        self._shelf, self._name = shelf, name
        self._from, self._kept, self._next = 0, b"", FIRST

    def piece(self, at: int) -> bytes:
        if not self._from <= at < self._from + len(self._kept):
            self._get()
        return self._kept[at - self._from :]

    def _get(self) -> None:
        reads_on = self._at == self._from + len(self._kept) and self._kept
        self._next = min(self._next * 2, LARGEST) if reads_on else FIRST
        length = min(self._next, self._size - self._at)
        self._kept, self._from = self._shelf.piece(self._name, self._at, length), self._at
        if len(self._kept) != length:
            raise NoStore("the store of recordings gave less than it has")
