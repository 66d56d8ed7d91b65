"""A file somebody brings over the API: kept as it came, given to its call, refused in words when it is none."""

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from hub.domain.access import Role
from hub.web.api import files
from tests.media import tone
from tests.pipeline.office import Office, talk
from tests.web.company import Company, Program

SOUND = tone()
DIGEST = hashlib.sha256(SOUND).hexdigest()


@pytest.fixture
def company(office: Office) -> Company:
    return Company.opened(office)


@pytest.fixture
def crm(company: Company) -> Program:
    return company.program(Role.ADMINISTRATOR)


def _bring(crm: Program, address: str, body: bytes = SOUND, kind: str = "audio/wav") -> Any:
    return crm.send("POST", address, data=body, content_type=kind)


def _shown(crm: Program, call: str) -> dict[str, str]:
    """The recordings of a call, which has one already, with their states."""
    return {one["id"]: one["state"] for one in crm.send("GET", f"/api/v1/calls/{call}").json["recordings"]}


def test_it_is_kept_as_it_came_and_shown_with_its_call(company: Company, crm: Program) -> None:
    call = company.things["Mira"].call
    answer = _bring(crm, f"/api/v1/calls/{call}/recordings")
    assert answer.status_code == 201
    told = answer.json
    assert (told["state"], told["source"], told["sha256"], told["size"]) == ("stored", "upload", DIGEST, len(SOUND))
    assert (told["call_id"], told["media_type"]) == (call, "audio/wav")
    assert b"".join(company.office.hub.blobs.read(DIGEST)) == SOUND
    assert _shown(crm, call)[told["id"]] == "stored"
    assert list(company.office.hub.blobs.scratch.iterdir()) == []


def test_in_a_form_it_is_the_same_and_its_name_is_only_a_word(company: Company, crm: Program) -> None:
    call = company.things["Mira"].call
    form = {"file": (BytesIO(SOUND), "../../etc/passwd.wav")}
    answer = crm.send("POST", f"/api/v1/calls/{call}/recordings", data=form)
    assert answer.status_code == 201
    story = crm.send("GET", f"/api/v1/recordings/{answer.json['id']}/story").json["story"]
    assert [one["what"] for one in story] == ["uploaded", "stored"]
    assert story[0]["detail"].endswith(": passwd.wav")
    assert _bring(crm, f"/api/v1/calls/{call}/recordings").json["id"] == answer.json["id"]


def test_one_of_another_call_stays_there(company: Company, crm: Program) -> None:
    _bring(crm, f"/api/v1/calls/{company.things['Mira'].call}/recordings")
    again = _bring(crm, f"/api/v1/calls/{company.things['Max'].call}/recordings")
    assert again.status_code == 409


def test_an_orphan_is_listed_and_can_be_attached(company: Company, crm: Program) -> None:
    call = company.things["Mira"].call
    orphan = _bring(crm, "/api/v1/recordings").json
    assert orphan["call_id"] is None
    assert _bring(crm, "/api/v1/recordings").json["id"] == orphan["id"]
    assert [one["id"] for one in crm.send("GET", "/api/v1/recordings/orphans").json["items"]] == [orphan["id"]]
    attached = crm.send("POST", f"/api/v1/recordings/{orphan['id']}/call", json={"call_id": call})
    assert attached.json["recording"]["call_id"] == call
    assert crm.send("GET", "/api/v1/recordings/orphans").json["items"] == []
    assert orphan["id"] in _shown(crm, call)
    elsewhere = crm.send(
        "POST", f"/api/v1/recordings/{orphan['id']}/call", json={"call_id": company.things["Max"].call}
    )
    assert elsewhere.status_code == 409


def test_one_that_comes_before_its_call_finds_it(company: Company, crm: Program) -> None:
    early = _bring(crm, "/api/v1/recordings?connection=acme&call=late").json
    assert early["call_id"] is None
    company.office.hear(*talk("late", 900, number="0991112233"))
    (call,) = [one for one in company.office.calls() if one["provider_call_id"] == "late"]
    assert [one["id"] for one in call["recordings"]] == [early["id"]]


@pytest.mark.parametrize(
    ("body", "kind", "status", "words"),
    [
        (b"<html>no", "audio/wav", 415, "it is no audio: a web page came instead"),
        (b"", "audio/wav", 415, "it is empty"),
        (SOUND, "application/json", 415, "send audio, as it is or in the field file of a form"),
        (b"no form at all", "multipart/form-data; boundary=x", 400, "the form"),
        (b"no form at all", "multipart/form-data", 400, "the form"),
    ],
)
def test_what_is_none_is_refused_in_words(
    company: Company, crm: Program, body: bytes, kind: str, status: int, words: str
) -> None:
    before = set(company.office.hub.blobs)
    answer = _bring(crm, "/api/v1/recordings", body, kind)
    assert answer.status_code == status
    assert answer.json["detail"].startswith(words)
    assert set(company.office.hub.blobs) == before
    assert list(company.office.hub.blobs.scratch.iterdir()) == []


def test_what_is_too_large_is_refused(crm: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 10_000)
    monkeypatch.setattr(files, "AROUND", 20_000)
    assert _bring(crm, "/api/v1/recordings").status_code == 413
    form = {"file": (BytesIO(SOUND), "x.wav")}
    assert crm.send("POST", "/api/v1/recordings", data=form).status_code == 413


def test_another_connection_is_not_guessed(crm: Program) -> None:
    assert _bring(crm, "/api/v1/recordings?connection=nowhere&call=1").status_code == 404
    assert _bring(crm, "/api/v1/recordings?call=1").status_code == 409


def test_the_data_directory_holds_it_readable_by_its_owner_alone(
    company: Company, crm: Program, tmp_path: Path
) -> None:
    _bring(crm, "/api/v1/recordings")
    path = company.office.hub.blobs.local_path(DIGEST)
    assert path is not None
    assert path.is_relative_to(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
