"""Where each phone system keeps its recordings, and how it is asked for them."""

import base64
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from hub.connectors import Connector, discover
from hub.custody import fetching, watching
from hub.domain import clock
from hub.domain.recordings import Address, InFolder
from hub.recordings.models import RecordingRow
from tests.media import Media, Said, tone
from tests.pipeline.office import Office
from tests.recordings.archive import Archive

SOUND = tone(channels=2)
FILE = Said(body=SOUND)
CONNECTORS = discover()
SID, RECORDING = "AC" + "0" * 32, "RE" + "2" * 32


def _told(kind: str, **settings: Any) -> tuple[Connector, Any]:
    connector = CONNECTORS[kind]
    return connector, connector.Settings.model_validate(settings)


def _announce(archive: Archive, connection: str, reference: str) -> None:
    now = clock.now()
    with archive.hub.unit_of_work() as session:
        mine = {"connection_id": archive.office.ids[connection], "state": "pending", "created_at": now, "next_at": now}
        session.add(RecordingRow(id=uuid4(), reference=reference, **mine))


# ---- Twilio ----


@pytest.fixture
def twilio(office: Office, media: Media) -> Archive:
    office.connect(
        "twilio", account_sid=SID, auth_token="token", public_url="https://hub.example.org", api_base=media.url
    )
    archive = Archive(office)
    _announce(archive, "twilio", RECORDING)
    return archive


def test_twilio_is_asked_for_both_sides_with_credentials_until_it_is_ready(twilio: Archive, media: Media) -> None:
    media.answers = [Said(404), Said(404), FILE]
    twilio.fetch()
    assert (twilio.row().state, twilio.row().reason) == ("pending", "it is not there (404)")
    twilio.fetch()
    assert (twilio.row().state, twilio.row().source) == ("stored", "twilio")
    assert twilio.kept() == SOUND
    file = f"/2010-04-01/Accounts/{SID}/Recordings/{RECORDING}.wav"
    assert [one.path for one in media.asked] == [f"{file}?RequestedChannels=2", file, f"{file}?RequestedChannels=2"]
    expected = base64.b64encode(f"{SID}:token".encode()).decode()
    assert {one.headers["authorization"] for one in media.asked} == {f"Basic {expected}"}


def test_one_that_twilio_made_in_one_channel_is_taken_so(twilio: Archive, media: Media) -> None:
    media.answers = [Said(400, b'{"code": 16113}'), FILE]
    twilio.fetch()
    assert twilio.row().state == "stored"


# ---- Asterisk ----


@pytest.mark.parametrize(
    ("said", "name", "call"),
    [
        (
            "/var/spool/asterisk/monitor/2026/11/22/out-+380501112233-101-20261122-042259-1795314179.46.wav",
            "2026/11/22/out-+380501112233-101-20261122-042259-1795314179.46.wav",
            "1795314179.46",
        ),
        (
            "q-600-12-34-20261122-042014-1795314014.11.wav",
            "2026/11/22/q-600-12-34-20261122-042014-1795314014.11.wav",
            "1795314014.11",
        ),
        ("/var/spool/asterisk/monitor/sales/1795314014.11.WAV", "sales/1795314014.11.WAV", "1795314014.11"),
        ("pbx1-1795314014.11-in.wav", "pbx1-1795314014.11-in.wav", "1795314014.11"),
        ("talk of today.wav", "talk of today.wav", None),
        ("/srv/else/x.wav", "srv/else/x.wav", None),
    ],
)
def test_a_file_of_asterisk_has_one_name_and_says_its_call(said: str, name: str, call: str | None) -> None:
    connector, settings = _told("asterisk")
    assert connector.reference(settings, said) == name
    assert connector.reference(settings, name) == name
    assert connector.call_of(name) == call


def test_asterisk_is_looked_for_in_its_folder_then_at_its_address_then_at_ari() -> None:
    connector, settings = _told(
        "asterisk",
        recordings_folder="/mnt/pbx",
        recordings_url="https://pbx.example.com/monitor/",
        ari_url="https://pbx.example.com:8089/ari",
        ari_user="hub",
        ari_password="secret",
    )
    ways = connector.recording(settings, "2026/11/22/out 1.wav")
    assert [one.name if isinstance(one, InFolder) else one.url for one in ways] == [
        "2026/11/22/out 1.wav",
        "https://pbx.example.com/monitor/2026/11/22/out%201.wav",
        "https://pbx.example.com:8089/ari/recordings/stored/2026%2F11%2F22%2Fout%201/file",
    ]
    assert [one.source for one in ways if isinstance(one, Address)] == ["http", "ari"]
    assert connector.recording(_told("asterisk")[1], "x.wav") == []


def test_what_ari_keeps_is_found_and_fetched(office: Office, media: Media) -> None:
    office.connect("asterisk", "pbx", ari_url=f"{media.url}/ari", ari_user="hub", ari_password="secret")
    archive = Archive(office)
    listed = [{"name": "sales/1795000000.5", "format": "wav"}, {"format": "wav"}, "nonsense"]
    media.answers = [Said(body=json.dumps(listed).encode()), FILE]
    assert watching.watch(archive.hub) == 1
    assert (archive.row().reference, archive.row().call_key) == ("ari:sales/1795000000.5", "1795000000.5")
    archive.fetch()
    assert (archive.row().state, archive.row().source) == ("stored", "ari")
    assert media.asked[1].path == "/ari/recordings/stored/sales%2F1795000000.5/file"
    assert media.asked[1].headers["authorization"].startswith("Basic ")


def test_an_ari_that_is_away_stops_nobody(office: Office, media: Media) -> None:
    office.connect("asterisk", "pbx", ari_url=f"{media.url}/ari")
    media.answers = [Said(401)]
    assert watching.watch(office.hub) == 0


# ---- the others ----


def test_a_link_of_a_push_brings_the_password_to_named_hosts_alone() -> None:
    connector, settings = _told("generic", recording_hosts="PBX.local", recording_user="hub", recording_password="word")
    (ours,) = connector.recording(settings, "http://pbx.local/1.wav")
    (foreign,) = connector.recording(settings, "https://example.com/1.wav")
    assert isinstance(ours, Address)
    assert isinstance(foreign, Address)
    assert (ours.auth, foreign.auth) == (("hub", "word"), None)
    assert connector.recording(settings, "recording 17") == []


def test_a_long_link_of_a_push_is_kept_whole(office: Office, media: Media) -> None:
    office.connect("generic", "desk", recording_hosts="127.0.0.1")
    archive, media.answers = Archive(office), [FILE]
    link = f"{media.url}/1.wav?signature={'x' * 1500}"
    archive.call(link)
    archive.fetch()
    assert archive.row().state == "stored"
    assert len(archive.row().reference) == len(link)
    assert media.asked[0].path == link.removeprefix(media.url)
    assert archive.story()[0] == ("announced", f"the phone system says it recorded {media.url}/1.wav")


def test_freeswitch_names_are_below_its_root(tmp_path: Path) -> None:
    connector, settings = _told("freeswitch", recordings_folder=str(tmp_path))
    name = "archive/2026/Nov/22/5a0fdd8c-5b0e-4f1e-9a0b-3f6c1f0f8a11.wav"
    assert connector.reference(settings, f"/var/lib/freeswitch/recordings/{name}") == name
    assert connector.call_of(name) == "5a0fdd8c-5b0e-4f1e-9a0b-3f6c1f0f8a11"
    assert connector.recording(settings, name) == [InFolder(tmp_path, name)]


def test_zadarma_is_asked_for_a_link_each_time(office: Office, media: Media) -> None:
    office.connect("zadarma", key="key", secret="secret", timezone="UTC", api_base=media.url)
    archive = Archive(office)
    _announce(archive, "zadarma", "1795000000.7")
    refusal = {"status": "error", "message": "no record"}
    answer = {"status": "success", "link": f"{media.url}/file.mp3", "lifetime_till": "2026-11-22 10:00:00"}
    media.answers = [Said(body=json.dumps(refusal).encode()), Said(body=json.dumps(answer).encode()), FILE]
    archive.fetch()
    assert archive.row().reason == "no link to it yet: Zadarma refuses: no record"
    archive.fetch()
    assert archive.row().state == "stored"
    assert media.asked[1].path.startswith("/v1/pbx/record/request/?call_id=1795000000.7&")


def test_everybody_says_how(office: Office) -> None:
    """A connector that says nothing has recordings that wait with a reason, and no fault of Hub's."""
    for name in office.ids:
        archive = Archive(office)
        _announce(archive, name, f"x of {name}")
    for recording in fetching.due(office.hub):
        fetching.fetch(office.hub, recording)
    assert {row.state for row in office.rows(RecordingRow)} == {"pending"}
