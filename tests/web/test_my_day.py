"""My day: my own work and nobody else's, what has waited longest first."""

import pytest

from tests.web.company import Browser, Company


@pytest.fixture
def mira(company: Company) -> Browser:
    return company.browser("Mira")


def test_a_day_holds_one_s_own_tasks_and_new_leads(company: Company, mira: Browser) -> None:
    page = mira.send("GET", "/my-day").text
    assert f'id="task-{company.things["Mira"].task}"' in page
    assert f'id="lead-{company.things["Mira"].lead}"' in page
    for other in ("Max", "Oleg", "nobody"):
        assert f'id="task-{company.things[other].task}"' not in page
        assert f'id="lead-{company.things[other].lead}"' not in page


def test_one_takes_the_next_until_all_is_done(company: Company, mira: Browser) -> None:
    things = company.things["Mira"]
    task, lead = f"task-{things.task}", f"lead-{things.lead}"
    assert mira.send("GET", "/my-day/next").location == f"/clients/{things.contact}?day={task}"
    assert mira.send("GET", f"/my-day/next?after={task}").location == f"/clients/{things.contact}?day={lead}"
    assert mira.send("GET", f"/my-day/next?after={lead}").location == "/my-day"
    assert f"/my-day/next?after={task}" in mira.send("GET", f"/clients/{things.contact}?day={task}").text


def test_what_is_closed_there_stands_among_what_is_done(company: Company, mira: Browser) -> None:
    task = company.things["Mira"].task
    done = mira.send("POST", f"/tasks/{task}/close", data={"reason": "sent by post", "back": "/my-day"})
    assert (done.status_code, done.location) == (303, "/my-day")
    page = mira.send("GET", "/my-day").text
    assert f'id="task-{task}"' not in page
    assert "sent by post" in page
    assert "1 task done" in page
    again = mira.send("POST", f"/tasks/{task}/close", data={"reason": "once more", "back": "/my-day"})
    assert (again.status_code, "Somebody closed this task meanwhile" in again.text) == (409, True)


def test_the_rail_counts_what_waits_for_me(company: Company, mira: Browser) -> None:
    assert 'data-count="1" data-count-of="my_day"' in mira.send("GET", "/calls").text
    assert "/my-day" not in company.browser("Adam").send("GET", "/calls").text
