"""Recordings: what does not come and why, the folders they are looked for in, and the store they are kept in."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, or_, select

from hub.custody import checking
from hub.doctor.findings import Finding, Level, Patient, lasting
from hub.domain import clock
from hub.domain.errors import HubError
from hub.reads import measures
from hub.recordings.models import RecordingRow

PATIENCE = timedelta(minutes=30)
WEEK = timedelta(days=7)
SHOWN = 20


def waiting(patient: Patient) -> Iterator[Finding]:
    """Recordings that are not here: for lack of room, without a place to ask, given up, or long overdue."""
    now = clock.now()
    with patient.hub.reading() as session:
        standing = measures.recordings(session)
        given_up = session.scalar(
            select(func.count()).where(
                or_(RecordingRow.state == "expired", (RecordingRow.state == "failed") & RecordingRow.next_at.is_(None)),
                RecordingRow.created_at > now - WEEK,
            )
        )
        untold = session.scalar(
            select(func.count()).where(RecordingRow.state == "pending", RecordingRow.next_at.is_(None))
        )
    if full := standing.no_room:
        remedy = "free some space, or move HUB_DATA_DIR; they are fetched as soon as there is room"
        yield Finding(Level.BROKEN, f"{full} recordings wait because the disk is full", remedy)
    if untold:
        remedy = "say in the connection where they lie (`hub connection set`), then `hub recordings fetch --connection`"
        yield Finding(Level.DOUBTFUL, f"{untold} recordings wait for a connection that knows where they lie", remedy)
    if given_up:
        remedy = "`hub recordings list --state failed` says why, or expired; `hub recordings fetch` tries again"
        yield Finding(Level.BROKEN, f"{given_up} recordings of the last week could not be fetched", remedy)
    oldest = standing.oldest
    if oldest is not None and oldest < now - PATIENCE:
        words = f"a recording waits to be fetched for {lasting(now - oldest)}"
        yield Finding(Level.DOUBTFUL, words, "`hub recordings list --state pending` says why")


def folders(patient: Patient) -> Iterator[Finding]:
    """Whether the folders that are watched can be read, also by whom Hub runs as."""
    with patient.hub.reading() as session:
        connections = [one for one in patient.hub.connections.all(session) if one.enabled]
    for one in connections:
        folder = one.connector.folder(one.settings)
        if folder is None:
            continue
        if Path(folder).is_dir() and os.access(folder, os.R_OK | os.X_OK):
            yield Finding(Level.GOOD, f"{one.name}: recordings are found in {folder}")
        else:
            remedy = "mount it, and let the user Hub runs as read it"
            yield Finding(Level.BROKEN, f"{one.name}: there is no readable folder {folder} (recordings_folder)", remedy)


def store(patient: Patient) -> Iterator[Finding]:
    """Whether the store answers; what is in it is read by `hub doctor --recordings` alone."""
    try:
        patient.hub.blobs.has("0" * 64)
    except (HubError, OSError) as error:
        yield Finding(Level.BROKEN, f"the store of recordings cannot be used: {error}", "check HUB_RECORDINGS_STORE")


def stored(patient: Patient) -> Iterator[Finding]:
    """Every stored object, read from end to end."""
    report = checking.check(patient.hub)
    for one in report.wrong[:SHOWN]:
        remedy = "bring it back from a backup, or fetch it again from the phone system"
        yield Finding(Level.BROKEN, f"recording {one.recording_id}: its {one.part} {one.problem}", remedy)
    if len(report.wrong) > SHOWN:
        yield Finding(Level.BROKEN, f"{len(report.wrong) - SHOWN} more recordings are wrong or gone", "see above")
    if report.strays:
        words = f"{report.strays} objects in the store belong to no recording"
        yield Finding(Level.DOUBTFUL, words, "they take room and do no harm")
    if not report.wrong:
        yield Finding(Level.GOOD, f"all {report.read} stored objects are what was stored")
