"""After a call: the note as it was typed, what came of it, and the next task in one step."""

import pytest

from hub.domain import results
from hub.telephony.models import CallRow
from hub.telephony.remarks import version
from tests.web.company import Browser, Company


@pytest.fixture
def mira(company: Company) -> Browser:
    return company.browser("Mira")


def row(company: Company) -> CallRow:
    call = company.things["Mira"].call
    (found,) = (row for row in company.office.rows(CallRow) if str(row.id) == call)
    assert isinstance(found, CallRow)
    return found


def test_a_note_goes_on_from_what_stands_there_and_writes_over_nobody_s_words(company: Company, mira: Browser) -> None:
    path, script = f"/calls/{company.things['Mira'].call}/note", {"HX-Request": "true"}

    def write(text: str, was: str) -> tuple[int, dict[str, str]]:
        answer = mira.send("POST", path, data={"text": text, "version": was}, headers=script)
        return answer.status_code, answer.json

    assert write("wants", version(None)) == (200, {"version": version("wants")})
    assert write("wants two", version("wants")) == (200, {"version": version("wants two")})
    assert write("wants two", version("wants")) == (200, {"version": version("wants two")}), "the same came twice"
    assert write("mine", version("wants")) == (409, {"version": version("wants two"), "text": "wants two"})
    assert write("x" * 4001, version("wants two"))[0] == 422
    assert row(company).note == "wants two"
    page = mira.send("POST", path, data={"text": "without a script", "version": "old"})
    assert page.status_code == 409
    assert "without a script" in page.text


def test_a_result_and_the_next_task_are_one_step(company: Company, mira: Browser) -> None:
    things = company.things["Mira"]
    path, title = f"/calls/{things.call}/result", "Send the drawings"
    step = {"result": "Call later", "title": title, "when": "tomorrow", "key": "1"}
    assert mira.send("POST", path, data=step | {"due": "yesterday-ish"}).status_code == 422
    assert row(company).disposition is None
    assert mira.send("POST", path, data=step).status_code == 303
    assert mira.send("POST", path, data=step).status_code == 303
    assert row(company).disposition == "Call later"
    tasks = mira.send("GET", f"/api/v1/tasks?contact={things.contact}").json["items"]
    assert [task["title"] for task in tasks].count(title) == 1
    wrong = mira.send("POST", path, data={"result": "A word nobody chose"})
    assert (wrong.status_code, "Choose what came of the call" in wrong.text) == (422, True)
    assert "Call later" in mira.send("GET", f"/clients/{things.contact}").text


def test_the_call_s_json_has_no_new_key(company: Company, mira: Browser) -> None:
    mira.send("POST", f"/calls/{company.things['Mira'].call}/result", data={"result": "Agreed"})
    assert "disposition" not in mira.send("GET", f"/api/v1/calls/{company.things['Mira'].call}").json


def test_the_company_s_words_are_of_four_kinds() -> None:
    assert results.parse(results.USUAL)["Call later"] == "later"
    assert results.parse("good: Agreed, Ordered; wrong: Fax") == {"Agreed": "good", "Ordered": "good", "Fax": "wrong"}
    for wrong in ("", "Agreed", "great: Agreed", "good: " + "x" * 51):
        with pytest.raises(ValueError, match="expected"):
            results.parse(wrong)
