"""Who hears a recording: the log before the bytes, links, comments, gradings, broken glass, those who are refused."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy import event, select

from hub.domain import clock
from hub.domain.access import Role
from hub.people import users
from hub.people.models import JournalRow
from hub.recordings.listening.models import GradingRow, ListeningRow, SpanRow
from hub.recordings.models import RecordingRow
from hub.web import acts_listening
from tests.pipeline.office import Office
from tests.recorded import stored
from tests.web.company import Browser, Company


@pytest.fixture
def company(database_url: str, tmp_path: Path) -> Iterator[Company]:
    office = Office.opened(database_url, tmp_path)
    yield Company.opened(office)
    office.hub.engine.dispose()


@pytest.fixture(autouse=True)
def _nobody_knocked() -> None:
    acts_listening._knocks.clear()


def _of(company: Company, name: str) -> str:
    return company.things[name].recording


def _log(company: Company) -> list[ListeningRow]:
    return company.office.rows(ListeningRow)


def _refusals(company: Company) -> list[tuple[str, Any, Any]]:
    rows = [row for row in company.office.rows(JournalRow) if row.action == "recording.refused"]
    return [(row.subject, row.user_id, row.detail["why"]) for row in rows]


def test_a_listening_is_one_however_many_ranges_it_takes(company: Company) -> None:
    mira, audio = company.browser("Mira"), f"/recordings/{_of(company, 'Mira')}/audio?session=first"
    whole = mira.send("GET", audio)
    assert (whole.status_code, whole.mimetype, whole.headers["Cache-Control"]) == (200, "audio/wav", "no-store")
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    for begin in range(0, len(whole.data), 5000):
        part = mira.send("GET", audio, headers={"Range": f"bytes={begin}-{begin + 4999}"})
        assert (part.status_code, part.data) == (206, whole.data[begin : begin + 5000])
    (heard,) = _log(company)
    assert (heard.user_id, heard.who, heard.kind, heard.address) == (
        company.people["Mira"],
        "Mira",
        "play",
        "127.0.0.1",
    )
    assert str(heard.recording_id) == _of(company, "Mira")
    assert str(heard.call_id) == company.things["Mira"].call
    mira.send("GET", audio.replace("first", "second"))
    assert len(_log(company)) == 2


def test_which_seconds_left_and_which_were_played(company: Company) -> None:
    mira, recording = company.browser("Mira"), _of(company, "Mira")
    audio = f"/recordings/{recording}/audio?session=s1"
    mira.send("GET", audio, headers={"Range": "bytes=32000-48043"})
    mira.send("GET", audio, headers={"Range": "bytes=33000-34000"})
    told = mira.send("POST", f"/recordings/{recording}/heard", data={"session": "s1", "spans": "1.0-1.5,1.4-1.9,x"})
    assert told.status_code == 409
    told = mira.send("POST", f"/recordings/{recording}/heard", data={"session": "s1", "spans": "1.0-1.5,1.4-99,3-2"})
    assert told.status_code == 204
    (heard,) = company.browser("Sofia").send("GET", f"/api/v1/recordings/{recording}/listenings").json["items"]
    assert heard["sent"] == {"begin": 1.0, "until": 1.5}
    assert heard["played"] == [{"begin": 1.0, "until": 2.0}]
    assert len([row for row in company.office.rows(SpanRow) if row.source == "sent"]) == 1


def test_nobody_tells_of_another_s_listening(company: Company) -> None:
    recording = _of(company, "Mira")
    company.browser("Mira").send("GET", f"/recordings/{recording}/audio?session=mine")
    theirs = company.browser("Sofia").send(
        "POST", f"/recordings/{recording}/heard", data={"session": "mine", "spans": "0-1"}
    )
    assert theirs.status_code == 404


def test_conditions_and_heads_let_nothing_leave_and_write_nothing(company: Company) -> None:
    mira, audio = company.browser("Mira"), f"/recordings/{_of(company, 'Mira')}/audio"
    head = mira.send("HEAD", audio)
    assert (head.status_code, int(head.headers["Content-Length"]) > 30_000) == (200, True)
    known = mira.send("GET", audio, headers={"If-None-Match": head.headers["ETag"]})
    beyond = mira.send("GET", audio, headers={"Range": "bytes=99999999-"})
    assert (known.status_code, beyond.status_code) == (304, 416)
    assert _log(company) == []


def test_without_the_log_there_is_no_audio(company: Company) -> None:
    """The log cannot be written (the disk is full, the database is read-only): nothing leaves."""
    mira, recording = company.browser("Mira"), _of(company, "Mira")
    mira.send("GET", "/calls")

    @event.listens_for(company.office.hub.engine, "before_cursor_execute")
    def refuse(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("INSERT INTO listenings"):
            raise RuntimeError("no space left on device")

    refused = mira.send("GET", f"/recordings/{recording}/audio")
    event.remove(company.office.hub.engine, "before_cursor_execute", refuse)
    assert refused.status_code == 500
    assert b"RIFF" not in refused.data
    assert mira.send("GET", f"/recordings/{recording}/audio").status_code == 200


@pytest.mark.parametrize("what", ["audio", "peaks.json"])
def test_a_manager_who_guesses_a_colleague_s_address_is_told_nothing_and_noted(company: Company, what: str) -> None:
    recording = _of(company, "Max")
    refused = company.browser("Mira").send("GET", f"/recordings/{recording}/{what}")
    assert refused.status_code == 404
    assert _refusals(company) == [(f"recording:{recording}", company.people["Mira"], "out of sight")]
    assert company.browser("Mira").send("GET", f"/recordings/{uuid4()}/{what}").status_code == 404
    assert len(_refusals(company)) == 1, "an address where nothing is tells nothing of anybody"
    assert _log(company) == []


def test_the_journal_cannot_be_filled_by_knocking(company: Company) -> None:
    mira, recording = company.browser("Mira"), _of(company, "Max")
    for _ in range(acts_listening.REFUSALS + 5):
        mira.send("GET", f"/recordings/{recording}/audio")
    assert len(_refusals(company)) == acts_listening.REFUSALS


def test_a_download_is_the_original_and_stands_in_the_log(company: Company) -> None:
    recording = _of(company, "Mira")
    file = company.browser("Sofia").send("GET", f"/recordings/{recording}/original")
    assert file.headers["Content-Disposition"] == f"attachment; filename=recording-{recording}.wav"
    assert [(row.kind, row.who) for row in _log(company)] == [("download", "Sofia")]
    assert company.browser("Mira").send("GET", f"/recordings/{recording}/original").status_code == 403


def test_a_program_that_names_no_session_is_one_listening_in_a_sitting(company: Company) -> None:
    program = company.program(Role.ADMINISTRATOR)
    for _ in range(3):
        assert program.send("GET", f"/api/v1/recordings/{_of(company, 'Oleg')}/audio").status_code == 200
    assert [(row.who, row.user_id) for row in _log(company)] == [("script", None)]


@pytest.mark.parametrize(("state", "status"), [("pending", 409), ("failed", 409), ("expired", 410), ("erased", 410)])
def test_what_is_not_there_is_said(company: Company, state: str, status: int) -> None:
    recording = UUID(_of(company, "Mira"))
    with company.office.hub.unit_of_work() as session:
        row = session.get_one(RecordingRow, recording)
        row.state, row.reason, row.sha256, row.peaks_sha256 = state, "no such file there", None, None
    mira = company.browser("Mira")
    assert mira.send("GET", f"/recordings/{recording}/audio").status_code == status
    page = mira.send("GET", f"/calls/{company.things['Mira'].call}").text
    assert "no such file there" in page
    assert "data-player" not in page


def test_the_waveform_may_be_kept_and_is_asked_about(company: Company) -> None:
    mira = company.browser("Mira")
    drawn = mira.send("GET", f"/recordings/{_of(company, 'Mira')}/peaks.json")
    assert (drawn.json["version"], drawn.json["channels"]) == (2, 2)
    assert drawn.headers["Cache-Control"] == "private, no-cache"
    again = mira.send(
        "GET", f"/recordings/{_of(company, 'Mira')}/peaks.json", headers={"If-None-Match": drawn.headers["ETag"]}
    )
    assert again.status_code == 304


# ---- links ----


class _Stranger:
    """Nobody, who has nothing but a link."""

    def __init__(self, company: Company) -> None:
        self._client = company.app.test_client()

    def get(self, address: str, **more: Any) -> Any:
        response = self._client.get(address, **more)
        response.get_data()
        return response


def _stranger(company: Company) -> _Stranger:
    return _Stranger(company)


def _link(company: Company, name: str = "Mira", hours: int = 1) -> str:
    made = company.browser("Sofia").send("POST", f"/api/v1/recordings/{_of(company, name)}/link", json={"hours": hours})
    assert made.status_code == 201
    url: str = made.json["url"]
    return url.removeprefix("http://localhost")


def test_a_link_opens_one_recording_for_whoever_has_it(company: Company) -> None:
    link, stranger = _link(company), _stranger(company)
    heard = stranger.get(link, headers={"Range": "bytes=0-99"})
    assert (heard.status_code, heard.mimetype, len(heard.data)) == (206, "audio/wav", 100)
    assert stranger.get(link).status_code == 200
    assert [(row.kind, row.who, row.user_id) for row in _log(company)] == [("link", "Sofia", company.people["Sofia"])]
    assert [row.action for row in company.office.rows(JournalRow)][-1] == "recording.shared"


def test_a_link_that_has_expired_opens_nothing(company: Company) -> None:
    link = _link(company)
    with time_machine.travel(clock.now() + timedelta(hours=1, seconds=1)):
        refused = _stranger(company).get(link)
    assert refused.status_code == 410
    assert "The link has expired" in refused.text
    assert _refusals(company) == [(f"recording:{_of(company, 'Mira')}", None, "the link has expired")]
    assert _log(company) == []


def test_an_altered_link_opens_nothing(company: Company) -> None:
    link = _link(company)
    for altered in (link[:-1] + ("A" if link[-1] != "A" else "B"), link[:-4], "/r/nothing", "/r/WyJ4Il0.x"):
        assert _stranger(company).get(altered).status_code == 403
    assert {why for _, _, why in _refusals(company)} == {"the link was altered"}
    assert len(_refusals(company)) == 4


def test_a_link_reused_for_another_recording_opens_nothing(company: Company) -> None:
    """What is said in one link under the signature of another."""
    mine, other = _link(company, "Mira"), _link(company, "Max")
    said, signature = other.rpartition(".")[0], mine.rpartition(".")[2]
    refused = _stranger(company).get(f"{said}.{signature}")
    assert refused.status_code == 403
    assert "This link does not open" in refused.text
    assert _refusals(company) == [(f"recording:{_of(company, 'Max')}", None, "the link was altered")]
    assert _log(company) == []


def test_a_link_ends_with_its_maker_s_right(company: Company) -> None:
    link = _link(company)
    with company.office.hub.unit_of_work() as session:
        users.user(session, company.people["Sofia"]).roles = ["reception"]
    assert _stranger(company).get(link).status_code == 403
    assert [why for _, _, why in _refusals(company)] == ["whoever made the link may not share the recording any more"]


def test_a_page_makes_the_link_and_shows_it_to_be_copied(company: Company) -> None:
    sofia = company.browser("Sofia")
    made = sofia.send(
        "POST", f"/recordings/{_of(company, 'Mira')}/link", data={"hours": "24"}, headers={"HX-Request": "true"}
    )
    found = re.search(r'value="http://localhost(/r/[^"]+)"', made.text)
    assert found
    assert _stranger(company).get(found[1]).status_code == 200
    odd = sofia.send("POST", f"/recordings/{_of(company, 'Mira')}/link", data={"hours": "5"})
    assert odd.status_code == 422


# ---- what is said of it ----


def test_comments_stand_at_their_second(company: Company) -> None:
    recording, mira, sofia = _of(company, "Mira"), company.browser("Mira"), company.browser("Sofia")
    for second, text, tag in (("1.5", "no greeting", ""), ("0.5", "", "price")):
        sofia.send("POST", f"/recordings/{recording}/remarks", data={"second": second, "text": text, "tag": tag})
    said = mira.send("GET", f"/api/v1/recordings/{recording}/remarks").json["items"]
    assert [(each["second"], each["text"], each["tag"], each["who"]) for each in said] == [
        (0.5, "", "price", "Sofia"),
        (1.5, "no greeting", None, "Sofia"),
    ]
    mine = f"/recordings/{recording}/remarks/{said[0]['id']}/drop"
    assert mira.send("POST", mine).status_code == 403
    assert sofia.send("POST", mine).status_code == 303
    assert len(mira.send("GET", f"/api/v1/recordings/{recording}/remarks").json["items"]) == 1


@pytest.mark.parametrize(
    "said", [{"second": "1"}, {"second": "99", "text": "later"}, {"second": "nan", "text": "x"}, {"text": "x"}]
)
def test_comments_that_say_nothing_or_of_no_second(company: Company, said: dict[str, str]) -> None:
    refused = company.browser("Sofia").send(
        "POST", f"/recordings/{_of(company, 'Mira')}/remarks", data=said, headers={"HX-Request": "true"}
    )
    assert refused.status_code == 422


def _score_card(company: Company) -> list[int]:
    adam = company.browser("Adam")
    rows = {"id": ["", "", ""], "text": ["Greeted?", "", "Understood the need?"], "weight": ["1", "1", "3"]}
    assert adam.send("POST", "/settings/score-card", data=rows).status_code == 303
    page = adam.send("GET", "/settings/score-card").text
    return [int(found) for found in re.findall(r'name="id" value="(\d+)"', page)]


def test_one_grading_for_each_reviewer_by_the_weights(company: Company) -> None:
    first, second = _score_card(company)
    recording, sofia = _of(company, "Mira"), company.browser("Sofia")
    graded = {"graded": str(company.people["Mira"])}
    for points in ("100", "50"):
        answers = {f"question-{first}": points, f"question-{second}": "75"}
        sofia.send("POST", f"/recordings/{recording}/grading", data=graded | answers | {"note": "calm"})
    (row,) = company.office.rows(GradingRow)
    assert (row.score, row.note, row.graded_id) == (69, "calm", company.people["Mira"])
    sofia.send(
        "POST",
        f"/recordings/{recording}/grading",
        data=graded | {f"question-{first}": "none", f"question-{second}": "25"},
    )
    assert company.office.rows(GradingRow)[0].score == 25


def test_a_grading_keeps_the_questions_it_answered(company: Company) -> None:
    first, second = _score_card(company)
    sofia, adam = company.browser("Sofia"), company.browser("Adam")
    answers = {f"question-{first}": "0", f"question-{second}": "100", "graded": str(company.people["Mira"])}
    sofia.send("POST", f"/recordings/{_of(company, 'Mira')}/grading", data=answers)
    adam.send("POST", "/settings/score-card", data={"id": [str(second)], "text": ["Another question"], "weight": ["1"]})
    (told,) = company.browser("Mira").send("GET", f"/api/v1/recordings/{_of(company, 'Mira')}/gradings").json["items"]
    assert [each["text"] for each in told["answers"]] == ["Greeted?", "Understood the need?"]
    assert (told["score"], told["reviewer"]) == (75, "Sofia")


def test_a_grading_is_read_by_whom_it_is_about_and_by_no_other_manager(company: Company) -> None:
    first, second = _score_card(company)
    answers = {f"question-{first}": "100", f"question-{second}": "100", "graded": str(company.people["Max"])}
    company.browser("Sofia").send("POST", f"/recordings/{_of(company, 'Mira')}/grading", data=answers)
    mine = company.browser("Mira").send("GET", f"/api/v1/recordings/{_of(company, 'Mira')}/gradings").json["items"]
    assert mine == [], "it is about Max's part of the talk"


def test_unanswered_questions_are_no_grading(company: Company) -> None:
    first, _ = _score_card(company)
    sofia = company.browser("Sofia")
    sofia.send("POST", f"/recordings/{_of(company, 'Mira')}/grading", data={f"question-{first}": "100"})
    sofia.send("POST", f"/recordings/{_of(company, 'Mira')}/grading", data={f"question-{first}": "101"})
    assert company.office.rows(GradingRow) == []


# ---- the glass ----


def test_an_administrator_hears_for_a_reason_and_for_hours(company: Company) -> None:
    adam, recording = company.browser("Adam"), _of(company, "Mira")
    assert adam.send("GET", f"/recordings/{recording}/audio").status_code == 403
    adam.send("POST", "/recordings/glass", data={"reason": "no", "hours": "1"})
    adam.send("POST", "/recordings/glass", data={"reason": "a complaint of the client", "hours": "9"})
    assert adam.send("GET", f"/recordings/{recording}/audio").status_code == 403
    adam.send("POST", "/recordings/glass", data={"reason": "a complaint of the client", "hours": "2"})
    assert adam.send("GET", f"/recordings/{recording}/audio").status_code == 200
    assert adam.send("GET", f"/recordings/{recording}/original").status_code == 403
    (heard,) = _log(company)
    assert (heard.who, heard.reason) == ("Adam", "a complaint of the client")
    with time_machine.travel(clock.now() + timedelta(hours=2, seconds=1)):
        assert company.browser("Adam").send("GET", f"/recordings/{recording}/audio").status_code == 403
    adam.send("POST", "/recordings/glass/mend")
    assert adam.send("GET", f"/recordings/{recording}/audio").status_code == 403
    written = [row.action for row in company.office.rows(JournalRow) if row.action.startswith("glass.")]
    assert written == ["glass.broken", "glass.mended"]


def test_what_belongs_to_no_call_is_heard_by_those_who_hear_all(company: Company) -> None:
    orphan = stored(company.office.hub, None, seconds=1.0)
    assert company.browser("Sofia").send("GET", f"/recordings/{orphan}/audio").status_code == 404
    assert company.program(Role.ADMINISTRATOR).send("GET", f"/api/v1/recordings/{orphan}/audio").status_code == 200


# ---- what goes, and what must stay ----


def test_an_administrator_erases_with_a_reason_and_it_stands_in_the_journal(company: Company) -> None:
    adam, recording = company.browser("Adam"), _of(company, "Mira")
    page = f"/calls/{company.things['Mira'].call}"
    assert "Erase for good" in adam.send("GET", page).text
    refused = adam.send("POST", f"/recordings/{recording}/erase", data={"why": " ", "back": page})
    assert refused.headers["Location"] == page
    assert "say why" in adam.send("GET", page).text
    adam.send("POST", f"/recordings/{recording}/erase", data={"why": "she asked for it", "back": page})
    shown = adam.send("GET", page).text
    assert "The recording is erased." in shown
    assert "Erase for good" not in shown
    assert company.browser("Mira").send("GET", f"/recordings/{recording}/audio").status_code == 410
    (written,) = [row for row in company.office.rows(JournalRow) if row.action == "recording.erased"]
    assert (written.subject, written.user_id) == (f"recording:{recording}", company.people["Adam"])
    assert written.detail["why"] == "she asked for it"


def test_what_must_stay_is_said_to_whoever_would_erase_it(company: Company) -> None:
    adam, recording = company.browser("Adam"), _of(company, "Mira")
    page = f"/calls/{company.things['Mira'].call}"
    adam.send("POST", f"/recordings/{recording}/hold", data={"why": "case <17>", "back": page})
    shown = adam.send("GET", page).text
    assert "Must stay: case &lt;17&gt;" in shown
    assert "Erase for good" not in shown
    adam.send("POST", f"/recordings/{recording}/erase", data={"why": "a mistake", "back": page})
    assert "release it first" in adam.send("GET", page).text
    assert company.browser("Mira").send("GET", f"/recordings/{recording}/audio").status_code == 200
    adam.send("POST", f"/recordings/{recording}/release", data={"back": page})
    assert "Erase for good" in adam.send("GET", page).text
    assert "Erase" not in company.browser("Sofia").send("GET", page).text


# ---- pages ----


def test_the_page_of_a_call_plays_without_scripts(company: Company) -> None:
    page = company.browser("Mira").send("GET", f"/calls/{company.things['Mira'].call}").text
    found = re.search(r'<audio controls preload="none" data-audio src="(/recordings/[^"]+)"', page)
    assert found
    assert company.browser("Mira").send("GET", found[1].replace("&amp;", "&")).status_code == 200


def test_reception_sees_that_there_is_a_recording_and_hears_none(company: Company) -> None:
    rita = company.browser("Rita")
    page = rita.send("GET", f"/calls/{company.things['Mira'].call}").text
    assert "Your role does not hear it" in page
    assert "<audio" not in page
    assert "data-opens-player" not in rita.send("GET", "/calls").text


def test_who_listened_stands_on_the_page_for_supervisors(company: Company) -> None:
    company.browser("Mira").send("GET", f"/recordings/{_of(company, 'Mira')}/audio")
    call = f"/calls/{company.things['Mira'].call}"
    assert "Who listened" in company.browser("Sofia").send("GET", call).text
    assert "Who listened" not in company.browser("Mira").send("GET", call).text


def test_one_goes_on_where_one_stopped(company: Company) -> None:
    recording = stored(company.office.hub, company.things["Mira"].call, seconds=30.0)
    mira = company.browser("Mira")
    mira.send("GET", f"/recordings/{recording}/audio?session=a")
    mira.send("POST", f"/recordings/{recording}/heard", data={"session": "a", "spans": "0-12.5"})
    page = mira.send("GET", f"/calls/{company.things['Mira'].call}").text
    assert 'data-left-at="12.5"' in page
    assert "#t=12.5" in page


def test_the_log_and_the_card_open_players(company: Company) -> None:
    mira: Browser = company.browser("Mira")
    player = f"/calls/{company.things['Mira'].call}/player"
    assert player in mira.send("GET", "/calls").text
    assert player in mira.send("GET", f"/clients/{company.things['Mira'].contact}").text
    assert "data-player" in mira.send("GET", player, headers={"HX-Request": "true"}).text


def test_every_listening_row_is_of_a_recording_there_is(company: Company) -> None:
    company.browser("Mira").send("GET", f"/recordings/{_of(company, 'Mira')}/audio")
    with company.office.hub.reading() as session:
        ids = set(session.scalars(select(RecordingRow.id)))
        assert set(session.scalars(select(ListeningRow.recording_id))) <= ids
