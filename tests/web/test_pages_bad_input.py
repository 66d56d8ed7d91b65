"""Whatever stands in an address or a form, a page answers in words: never a 500, never somebody else's data."""

from urllib.parse import quote

import pytest

from tests.web.company import Browser, Company

NASTY = (
    "\x00",
    "+",
    "<unknown>",
    "40 digits " + "1" * 40,
    "sip:+380671234567@evil.example;tag=1",
    "'; DROP TABLE calls; --",
    "%",
    "_",
    "\u202e\ufffd\U0001f4de",
    "<script>alert(1)</script>",
    "x" * 5000,
    "-1",
    "99999999999999999999",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "1e400",
)
PARAMETERS = (
    *("text", "direction", "outcome", "user", "period", "line", "queue", "since", "until", "over", "under", "tag"),
    *("result", "open", "recorded", "team", "client"),
)
ODD_NAMES = ("_external", "_scheme", "_anchor", "endpoint", "self", "values", "_method")


@pytest.fixture
def rita(company: Company) -> Browser:
    return company.browser("Rita")


def test_a_filter_of_the_call_log_takes_anything(rita: Browser) -> None:
    for name in PARAMETERS:
        for value in NASTY:
            answer = rita.send("GET", f"/calls?{name}={quote(value)}")
            assert answer.status_code == 200, (name, value)
            assert "<script>alert" not in answer.text


def test_a_search_takes_anything(company: Company, rita: Browser) -> None:
    call, card = company.things["Mira"].call, company.things["Mira"].contact
    for value in NASTY:
        for address in (
            "/clients?q=",
            "/clients/new?number=",
            "/clients/new?name=",
            "/search?q=",
            f"/calls/{call}?who=",
            f"/calls/{call}/choices?who=",
            "/live?q=",
        ):
            answer = rita.send("GET", address + quote(value))
            assert answer.status_code == 200, (address, value)
            assert "<script>alert" not in answer.text
        assert rita.send("GET", f"/clients/{card}?kind={quote(value)}").status_code == 200


def test_a_cursor_nobody_gave_out_is_refused_in_words(company: Company, rita: Browser) -> None:
    card = company.things["Mira"].contact
    for address in ("/calls", "/clients", f"/clients/{card}"):
        answer = rita.send("GET", f"{address}?at=no-such-place")
        assert answer.status_code in (409, 422)
        assert "That did not work" in answer.text
        assert rita.send("GET", f"{address}?at={'A' * 32}").status_code == 200


def test_names_that_mean_something_to_the_framework_mean_nothing_here(rita: Browser) -> None:
    for name in ODD_NAMES:
        assert rita.send("GET", f"/calls?{name}=x&outcome=missed").status_code == 200
        assert rita.send("GET", f"/clients?{name}=x").status_code == 200


def test_a_number_beyond_every_id_is_nobody(company: Company, rita: Browser) -> None:
    for address in ("/clients/99999999999999", "/clients/0", "/calls/00000000-0000-0000-0000-000000000000"):
        assert rita.send("GET", address).status_code == 404
    adam = company.browser("Adam")
    assert adam.send("POST", "/settings/deliveries/99999999999999/try-again").status_code == 404
    assert adam.send("POST", "/settings/deliveries/2147483647/try-again").status_code == 404


def test_a_form_takes_anything(company: Company, rita: Browser) -> None:
    things, mira = company.things["Mira"], company.browser("Mira")
    call, card, lead, task = things.call, things.contact, things.lead, things.task
    sheet = ("name", "company", "owner_id", "numbers", "mails", "tags", "note", "version", "base", "do_not_call")
    for value in NASTY:
        answers = (
            rita.send("POST", "/clients", data=dict.fromkeys(sheet, value)),
            rita.send("POST", f"/clients/{card}/edit", data=dict.fromkeys(sheet, value)),
            *(rita.send("POST", f"/clients/{card}/edit", data={"name": "x", field: value}) for field in sheet),
            rita.send("POST", f"/clients/{card}/tasks", data=dict.fromkeys(("title", "when", "due", "key"), value)),
            rita.send("POST", f"/clients/{card}/tasks", data={"title": value, "when": "hour", "key": value}),
            rita.send("POST", f"/leads/{lead}/status", data={"status": value, "was": value, "reason": value}),
            rita.send("POST", f"/leads/{lead}/status", data={"status": "rejected", "reason": value}),
            rita.send("POST", f"/leads/{lead}/owner", data={"owner_id": value, "back": value}),
            mira.send("POST", f"/calls/{call}/note", data={"text": value, "version": value, "back": value}),
            mira.send("POST", f"/calls/{call}/result", data={"result": value, "back": value}),
            mira.send(
                "POST", f"/calls/{call}/result", data=dict.fromkeys(("title", "when", "due", "key", "on"), value)
            ),
            mira.send("GET", f"/clients/{card}/in-hand?call={quote(value)}&state={quote(value)}"),
            rita.send("POST", "/calls/views", data={"name": value, "query": value}),
            rita.send("POST", "/calls/views", data={"name": "x", "query": f"text={value}&" * 200}),
            rita.send("POST", "/calls/columns", data={"column": value, "back": value}),
            rita.send("POST", "/calls/tag", data={"tag": value, "call": value, "query": value, "back": value}),
            rita.send("POST", "/calls/tag", data={"tag": value, "call": call}),
            rita.send("POST", f"/tasks/{task}/owner", data={"owner_id": value, "back": value}),
            rita.send("POST", f"/tasks/{task}/close", data={"reason": value, "back": value}),
            rita.send("POST", f"/clients/{card}/notes", data={"text": value, "key": value}),
            rita.send("POST", f"/calls/{call}/choose", data={"contact_id": value}),
            rita.send("POST", "/dial", data={"number": value, "key": value, "contact_id": value, "back": value}),
            rita.send("POST", "/sign-in", data={"email": value, "password": value, "next": value}),
        )
        assert max(answer.status_code for answer in answers) < 500, value


def test_a_write_without_its_token_is_refused(company: Company) -> None:
    rita, card = company.browser("Rita"), company.things["Mira"].contact
    answer = rita.client.post(f"/clients/{card}/notes", data={"text": "Not from our page", "key": "1"})
    assert answer.status_code == 400
    assert "Open the page again" in answer.text


def test_parts_of_pages_get_their_refusals_as_parts(rita: Browser) -> None:
    answer = rita.send("GET", "/clients?at=no-such-place", headers={"HX-Request": "true"})
    assert answer.status_code in (409, 422)
    assert "<html" not in answer.text


def test_a_form_that_does_not_fit_names_the_field_and_keeps_what_was_typed(company: Company, rita: Browser) -> None:
    card = company.things["Mira"].contact
    answer = rita.send("POST", f"/clients/{card}/edit", data={"name": "", "mails": "nobody", "note": "kept words"})
    assert answer.status_code == 422
    assert 'aria-describedby="wrong-name"' in answer.text
    assert "“nobody” is no e-mail address." in answer.text
    assert "kept words" in answer.text
    once = {"title": "Send the drawings", "when": "tomorrow", "key": "one"}
    assert rita.send("POST", f"/clients/{card}/tasks", data=once).status_code == 303
    assert rita.send("POST", f"/clients/{card}/tasks", data=once).status_code == 303
    tasks = rita.send("GET", f"/api/v1/tasks?contact={card}").json["items"]
    assert [task["title"] for task in tasks].count("Send the drawings") == 1


def test_a_form_of_the_live_board_takes_anything(company: Company, rita: Browser) -> None:
    things = company.things["Mira"]
    task, lead, call = f"/live/tasks/{things.task}", f"/live/leads/{things.lead}", f"/calls/{things.call}"
    for value in NASTY:
        answers = (
            rita.send("POST", "/preferences", data={"card_opens": value, "back": value}),
            rita.send("POST", f"{task}/take", data={"seen": value}),
            rita.send("POST", f"{task}/hand-over", data={"owner_id": value, "seen": value}),
            rita.send("POST", f"{lead}/edit", data={"name": value, "note": value, "owner_id": value, "version": value}),
            rita.send("POST", f"{lead}/same", data={"contact_id": value}),
            rita.send("GET", f"{lead}/same?who={quote(value)}&part={quote(value)}"),
            rita.send("POST", f"{call}/choose", data={"contact_id": value, "then": value}),
            rita.send("GET", f"/live/columns?wall={quote(value)}"),
        )
        assert max(answer.status_code for answer in answers) < 500, value
        assert all("<script>alert" not in answer.text for answer in answers)


def test_what_is_wrong_with_a_small_form_is_said_beside_its_field(company: Company, rita: Browser) -> None:
    things = company.things["Mira"]
    for address, data in (
        (f"/live/leads/{things.lead}/edit", {"name": "x" * 201}),
        (f"/live/leads/{things.lead}/edit", {"name": "Mira", "note": "x" * 6000}),
        (f"/live/leads/{things.lead}/edit", {"name": "Mira", "owner_id": "999999"}),
        (f"/live/tasks/{things.task}/hand-over", {"owner_id": ""}),
        (f"/live/tasks/{things.task}/close", {"words": "x" * 301}),
    ):
        answer = rita.send("POST", address, data=data)
        assert answer.status_code == 422, (address, data)
        assert 'aria-invalid="true"' in answer.text
