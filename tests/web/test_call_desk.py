"""The call log as a supervisor's desk: filters, views, columns, tags on many calls, and a CSV of exactly that."""

import csv
import io
import re

import pytest

from tests.pipeline.office import hungup, started
from tests.web.company import Browser, Company


@pytest.fixture
def sofia(company: Company) -> Browser:
    return company.browser("Sofia")


def shown(browser: Browser, query: str) -> set[str]:
    """The calls of the page with these filters."""
    return set(
        re.findall(r'class="open who[^"]*" href="/calls/([0-9a-f-]{36})"', browser.send("GET", f"/calls?{query}").text)
    )


def test_calls_are_found_by_what_came_of_them(company: Company, sofia: Browser) -> None:
    mira, max_ = company.things["Mira"].call, company.things["Max"].call
    company.browser("Mira").send("POST", f"/calls/{mira}/result", data={"result": "Call later"})
    assert shown(sofia, "result=Call+later") == {mira}
    assert mira not in shown(sofia, "result=none")
    assert max_ in shown(sofia, "result=none")
    assert shown(company.browser("Max"), "result=Call+later") == set(), "a colleague's call stays out of sight"
    answer = sofia.send("GET", "/calls.csv?result=Call+later").text
    (row,) = csv.DictReader(io.StringIO(answer))
    assert (row["id"], row["result"]) == (mira, "Call later")


def test_calls_not_called_back_are_those_of_open_tasks(company: Company) -> None:
    rita = company.browser("Rita")
    company.office.hear(started("missed one", 900, "0671234777"), hungup("missed one", 920))
    (missed,) = shown(rita, "open=yes&text=0671234777")
    tasks = rita.send("GET", "/api/v1/tasks?kind=missed_call").json["items"]
    task = next(task for task in tasks if task["number"] == "+380671234777")
    rita.send("POST", f"/tasks/{task['id']}/close", data={"reason": "a wrong number"})
    assert missed not in shown(rita, "open=yes")


def test_a_team_and_a_client_narrow_the_log(company: Company, sofia: Browser) -> None:
    mira = company.things["Mira"]
    assert shown(sofia, "team=1") >= {mira.call, company.things["Max"].call}
    assert shown(sofia, "team=2") == set()
    assert shown(sofia, f"client={mira.contact}") == {mira.call}
    foreign = sofia.send("GET", f"/calls?client={company.things['Oleg'].contact}").text
    assert "makes no sense as a filter" in foreign
    assert mira.call in shown(sofia, "recorded=yes")
    assert shown(sofia, "recorded=no") == set()
    assert mira.call in shown(sofia, "under=5")


def test_a_view_is_one_s_own_and_comes_back_under_its_name(company: Company, sofia: Browser) -> None:
    kept = sofia.send("POST", "/calls/views", data={"name": "To return", "query": "outcome=missed&evil=1"})
    assert (kept.status_code, kept.location) == (303, "/calls?outcome=missed")
    sofia.send("POST", "/calls/views", data={"name": "To return", "query": "open=yes"})
    page = sofia.send("GET", "/calls").text
    assert 'href="/calls?open=yes"' in page
    (view,) = set(re.findall(r"/calls/views/(\d+)/forget", page))
    mira = company.browser("Mira")
    assert "To return" not in mira.send("GET", "/calls").text
    assert mira.send("POST", f"/calls/views/{view}/forget").status_code == 404
    assert sofia.send("POST", f"/calls/views/{view}/forget").status_code == 303
    assert "To return" not in sofia.send("GET", "/calls").text
    refused = sofia.send("POST", "/calls/views", data={"name": "", "query": "outcome=missed"})
    assert refused.status_code == 422
    assert "Give the view a name" in refused.text
    assert 'href="/calls?outcome=missed"' not in refused.text.split("Filters in use")[1]


def test_the_columns_one_chose_are_remembered(company: Company, sofia: Browser) -> None:
    assert (
        sofia.send("POST", "/calls/columns", data={"column": ["note", "colour"], "back": "/calls"}).status_code == 303
    )
    page = sofia.send("GET", "/calls").text
    assert '<th scope="col">Note</th>' in page
    assert '<th scope="col" class="amount">Talked</th>' not in page
    assert '<th scope="col">Note</th>' not in company.browser("Mira").send("GET", "/calls").text


def test_many_calls_are_tagged_at_once_but_none_that_is_not_one_s_own(company: Company, sofia: Browser) -> None:
    mine, foreign = company.things["Mira"].call, company.things["Oleg"].call
    sofia.send("POST", "/calls/tag", data={"tag": "complaint", "call": [mine, foreign, "nonsense"]})
    assert "1 call has the tag “complaint” now; 1 is not yours to change" in sofia.send("GET", "/calls").text
    assert shown(sofia, "tag=complaint") == {mine}
    assert shown(company.browser("Rita"), "tag=complaint") == {mine}
    for form in ({"tag": "", "call": mine}, {"tag": "x" * 51, "call": mine}, {"tag": "late"}):
        assert sofia.send("POST", "/calls/tag", data=form).status_code == 422
