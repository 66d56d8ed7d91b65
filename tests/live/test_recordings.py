"""A running Hub fetches what its phone systems recorded: by itself, over failures, from folders and over the API."""

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.company import Company
from tests.media import Media, Said, tone
from tests.waiting import until

SOUND = tone(2.0, channels=2)
DIGEST = hashlib.sha256(SOUND).hexdigest()
FETCHED = 240.0
"""Seconds at most: folders are looked into every minute, and a first pause is ten seconds."""


@pytest.fixture(params=["one process", "many processes"])
def company(request: pytest.FixtureRequest) -> Iterator[Company]:
    if request.param == "one process":
        opened = Company.embedded()
    else:
        opened = Company.many(request.getfixturevalue("postgresql"), request.getfixturevalue("redis_server"))
    with opened as company:
        yield company


def _held(company: Company, count: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = company.json("recordings", "list", "--state", "stored")
    return rows if len(rows) == count else []


def _ready(company: Company) -> bool:
    """Its length is known once it was made ready to be played."""
    return all(recording["seconds"] for call in company.json("calls") for recording in call["recordings"])


def test_a_link_is_fetched_when_its_file_is_ready_and_a_file_of_the_folder_too(
    company: Company, tmp_path: Path
) -> None:
    folder = tmp_path / "monitor"
    folder.mkdir()
    said = company.run("connection", "add", "generic", "desk", "--set", "recording_hosts=127.0.0.1")
    company.run("connection", "add", "asterisk", "pbx", "--set", f"recordings_folder={folder}")
    push = re.sub(r"^http://[^/]+", company.url, said.splitlines()[-1])
    file = folder / "q-600-380671112233-20261118-114640-1795000000.11.wav"
    file.write_bytes(tone(1.0))
    os.utime(file, (file.stat().st_mtime - 60,) * 2)
    with Media.running(answers=[Said(404), Said(body=SOUND)]) as media:
        who = {"callId": "c1", "direction": "in", "from": "0671234567", "to": "+380445551200"}
        for event in ({"event": "newCall"} | who, {"event": "answer", "callId": "c1", "user": "101"}):
            assert httpx.post(push, data=event).status_code == 200
        ended = {"event": "hangup", "callId": "c1", "duration": "2", "recordingUrl": f"{media.url}/1.wav"}
        assert httpx.post(push, data=ended).status_code == 200
        stored = until(lambda: _held(company, 2), seconds=FETCHED, what="both recordings")
    by_source = {row["source"]: row for row in stored}
    assert by_source["http"]["sha256"] == DIGEST
    assert (by_source["http"]["attempts"], by_source["http"]["connection"]) == (2, "desk")
    assert by_source["folder"]["call_key"] == "1795000000.11"
    (call,) = company.json("calls")
    assert call["recordings"][0]["state"] == "stored"
    told = company.run("recordings", "story", by_source["http"]["id"])
    assert "it is not there (404)" in told
    until(lambda: _ready(company), seconds=FETCHED, what="a rendition of the call's recording")
    report = company.run("doctor", "--recordings")
    assert re.search(r"all \d+ stored objects are what was stored", report)
