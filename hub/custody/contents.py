"""What recordings point to in the store. The same content is kept once, for all that have it: it stays while one does.

Whoever points to content and whoever removes it hold its name until their transaction is over, so that nothing is
removed that somebody has just begun to point to.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.recordings.models import RecordingRow
from hub.storage.blobs import Blob, Blobs
from hub.storage.exclusive import until_commit

COLUMNS = (RecordingRow.sha256, RecordingRow.rendition_sha256, RecordingRow.peaks_sha256)


def point(session: Session, blobs: Blobs, put: Mapping[Blob, Path]) -> None:
    """A row of this transaction is to point to what was put of these files: put again what went meanwhile."""
    _held(session, (blob.sha256 for blob in put))
    for blob, path in put.items():
        if not blobs.has(blob.sha256):
            blobs.put(path)


def drop(session: Session, blobs: Blobs, digests: Iterable[str]) -> None:
    """Remove from the store what no recording points to (any more). OSError and Transient: it may still be there."""
    wanted = sorted(set(digests))
    _held(session, wanted)
    session.flush()
    for digest in wanted:
        pointing = select(RecordingRow.id).where(or_(*(column == digest for column in COLUMNS)))
        if session.scalar(pointing.limit(1)) is None:
            blobs.remove(digest)


def _held(session: Session, digests: Iterable[str]) -> None:
    for digest in sorted(digests):
        until_commit(session, f"content:{digest}")
