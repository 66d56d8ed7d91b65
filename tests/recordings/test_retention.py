"""Recordings go when their time is over: as their line says for the direction of the call, else as the company does."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from hub.custody import erasing, retention, uploading
from hub.domain import clock
from hub.recordings.models import RecordingRow
from hub.telephony.models import CallRow, LineRow
from tests.media import Media, Said, tone
from tests.recordings.archive import Archive

LINE = "+380445551200"


def _kept(archive: Archive, days: int) -> None:
    rules = replace(archive.hub.rules, keep_recordings_days=days)
    archive.office.hub = replace(archive.hub, rules=rules)


def _aged(archive: Archive, media: Media, days: float) -> None:
    """One call's recording, that is here, of so many days ago."""
    media.answers = [Said(body=tone(1))]
    archive.call(f"{media.url}/1.wav")
    assert archive.fetch()
    with archive.hub.unit_of_work() as session:
        session.execute(update(CallRow).values(started_at=clock.now() - timedelta(days=days)))


def _says(archive: Archive, **days: int | None) -> None:
    with archive.hub.unit_of_work() as session:
        session.add(LineRow(number=LINE, region="UA", **days))


@pytest.mark.parametrize(("age", "erased"), [(179.9, 0), (180.1, 1)])
def test_the_company_s_rule(archive: Archive, media: Media, age: float, erased: int) -> None:
    _aged(archive, media, age)
    _kept(archive, 180)
    assert retention.expire(archive.hub) == erased
    assert archive.row().state == ("erased" if erased else "stored")
    assert len(set(archive.hub.blobs)) == 1 - erased
    if erased:
        assert archive.row().reason == "it was kept as long as the rule says"
        assert archive.story()[-1][1].startswith("by a rule: ")
    assert retention.expire(archive.hub) == 0


def test_for_ever(archive: Archive, media: Media) -> None:
    _aged(archive, media, 5000)
    _kept(archive, 0)
    assert retention.expire(archive.hub) == 0


LINES: Mapping[str, tuple[dict[str, Any], int, int]] = {
    "shorter than the company's": ({"keep_inbound_days": 9}, 180, 1),
    "longer than the company's": ({"keep_inbound_days": 11}, 5, 0),
    "for ever": ({"keep_inbound_days": 0}, 5, 0),
    "of the other direction": ({"keep_outbound_days": 1}, 180, 0),
    "of the other direction for ever": ({"keep_outbound_days": 0}, 5, 1),
    "where the company keeps all": ({"keep_inbound_days": 9}, 0, 1),
    "nothing": ({}, 9, 1),
}


@pytest.mark.parametrize("name", LINES)
def test_a_line_s_own_rule(archive: Archive, media: Media, name: str) -> None:
    own, usual, erased = LINES[name]
    _says(archive, **own)
    _aged(archive, media, 10)
    _kept(archive, usual)
    assert retention.expire(archive.hub) == erased


def test_what_must_stay_stays(archive: Archive, media: Media) -> None:
    _aged(archive, media, 10)
    _kept(archive, 5)
    erasing.hold(archive.hub, archive.row().id, "Adam", "case 17")
    assert retention.expire(archive.hub) == 0
    erasing.release(archive.hub, archive.row().id, "Adam")
    assert retention.expire(archive.hub) == 1


def test_an_orphan_counts_from_when_it_was_heard_of(archive: Archive) -> None:
    path = archive.hub.blobs.scratch / "brought.wav"
    path.write_bytes(tone(1))
    uploading.upload(archive.hub, path, uploading.Brought(who="Adam"))
    _says(archive, keep_inbound_days=0)
    _kept(archive, 5)
    assert retention.expire(archive.hub) == 0
    with archive.hub.unit_of_work() as session:
        session.execute(update(RecordingRow).values(created_at=clock.now() - timedelta(days=6)))
    assert retention.expire(archive.hub) == 1
    assert archive.row().state == "erased"
