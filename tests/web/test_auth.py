"""How the web knows who asks: cookies, tokens, CSRF, redirects, headers."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from hub import keeping
from hub.app import create_app
from hub.domain import clock
from hub.domain.access import Role
from hub.people import passwords, signin, users
from hub.web import auth
from tests.pipeline.office import Office
from tests.web.company import Company

PASSWORD = "correct horse battery"
HASHED = passwords.hashed(PASSWORD)


@pytest.fixture
def company(sqlite_url: str, tmp_path: Path) -> Iterator[Company]:
    office = Office.opened(sqlite_url, tmp_path)
    company = Company.opened(office)
    with office.hub.unit_of_work() as session:
        users.user(session, company.people["Mira"]).password = HASHED
    yield company
    office.hub.engine.dispose()


@pytest.fixture
def client(company: Company) -> FlaskClient:
    return company.app.test_client()


def _csrf(client: FlaskClient, path: str = "/sign-in") -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get(path, follow_redirects=True).text)
    assert found
    return found.group(1)


def _sign_in(client: FlaskClient, password: str = PASSWORD, **form: str) -> int:
    form = {"email": "mira@example.org", "password": password, "csrf_token": _csrf(client)} | form
    return client.post("/sign-in", data=form).status_code


def test_signing_in_and_out(client: FlaskClient) -> None:
    assert _sign_in(client) == 303
    assert json.loads(client.get("/api/v1/me").data)["name"] == "Mira"
    assert client.post("/sign-out", data={"csrf_token": _csrf(client, "/")}).status_code == 303
    assert client.get("/api/v1/me").status_code == 401


def test_after_a_restore_people_sign_in_again(company: Company, client: FlaskClient, tmp_path: Path) -> None:
    _sign_in(client)
    hub, file = company.office.hub, tmp_path / "hub.backup"
    keeping.back_up(hub.engine, hub.seal, file)
    keeping.restore(hub.engine, hub.seal, file, replacing=True)
    assert client.get("/api/v1/me").status_code == 401
    assert _sign_in(client) == 303
    assert json.loads(client.get("/api/v1/me").data)["name"] == "Mira"


def test_the_cookie_is_for_the_server_alone(client: FlaskClient) -> None:
    _sign_in(client)
    cookie = client.get_cookie("hub")
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site, cookie.secure) == (True, "Lax", False)


def test_behind_https_cookies_are_bound_to_the_host(company: Company) -> None:
    app = create_app(company.office.hub, secret="s" * 32, public_url="https://hub.example.org", streams=1)
    client = app.test_client()
    page = client.get("/sign-in", base_url="https://hub.example.org")
    assert all("__Host-hub" in cookie and "Secure" in cookie for cookie in page.headers.getlist("Set-Cookie"))
    assert page.headers["Strict-Transport-Security"].startswith("max-age=")


def test_each_sign_in_is_a_new_session(client: FlaskClient) -> None:
    secrets = set()
    for _ in range(2):
        client.delete_cookie("hub")
        _sign_in(client)
        cookie = client.get_cookie("hub")
        assert cookie is not None
        secrets.add(cookie.value)
    assert len(secrets) == 2


@pytest.mark.parametrize("email", ["mira@example.org", "nobody@example.org"])
def test_the_same_answer_for_unknown_people_and_wrong_passwords(client: FlaskClient, email: str) -> None:
    assert _sign_in(client, "wrong password", email=email) == 422


def test_too_many_tries_say_when_to_come_back(client: FlaskClient, company: Company) -> None:
    with company.office.hub.unit_of_work() as session:
        for number in range(10):
            signin.begin(session, f"user{number}@example.org", "127.0.0.1", clock.now())
    assert _sign_in(client) == 429


WRITE = ("/api/v1/contacts", {"name": "Anna"})


def test_a_browser_s_write_needs_the_csrf_token(client: FlaskClient) -> None:
    _sign_in(client)
    path, body = WRITE
    refused = client.post(path, json=body)
    assert (refused.status_code, json.loads(refused.data)["code"]) == (400, "csrf")
    assert client.post(path, json=body, headers={"X-CSRFToken": "made up"}).status_code == 400
    assert client.post(path, json=body, headers={"X-CSRFToken": _csrf(client, "/")}).status_code == 201


def test_a_program_needs_none(company: Company) -> None:
    path, body = WRITE
    assert company.program(Role.RECEPTION).send("POST", path, json=body).status_code == 201


@pytest.mark.parametrize(
    "header", ["Bearer hub_wrong", "Bearer", "Basic bWlyYTp4", "hub_x", "Bearer \udcff", "Digest a=b"]
)
def test_a_wrong_token_is_nobody_even_beside_a_good_cookie(client: FlaskClient, header: str) -> None:
    _sign_in(client)
    refused = client.get("/api/v1/me", headers={"Authorization": header})
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="hub"'


def test_a_stranger_on_a_page_signs_in_and_comes_back(client: FlaskClient) -> None:
    away = client.get("/calls?outcome=missed")
    assert (away.status_code, away.headers["Location"]) == (303, "/sign-in?next=%2Fcalls%3Foutcome%3Dmissed")
    part = client.get("/calls", headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["HX-Redirect"]) == (401, "/sign-in?next=%2Fcalls")


def test_a_stranger_s_open_line_ends_and_is_not_tried_again(client: FlaskClient) -> None:
    for address in ("/live/events", "/live/mine/events"):
        answer = client.get(address, headers={"Accept": "text/event-stream"})
        assert (answer.status_code, answer.data) == (204, b"")


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("/calls?outcome=missed", "/calls?outcome=missed"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/calls\r\nSet-Cookie: a=b", "/"),
        ("\t//evil.example", "/"),
        ("/a\\b", "/"),
        ("", "/"),
        (None, "/"),
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(asked: str | None, given: str) -> None:
    assert auth.local(asked) == given


def test_every_answer_has_the_headers(client: FlaskClient) -> None:
    for path in ("/sign-in", "/api/v1/me", "/nowhere", "/static/mark.svg"):
        with client.get(path) as answer:
            headers = answer.headers
        assert headers["Content-Security-Policy"].startswith("default-src 'self'")
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Request-Id"]
    assert client.get("/api/v1/me").headers["Cache-Control"] == "no-store"


def test_a_route_that_says_nothing_is_closed(company: Company) -> None:
    company.app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    assert company.browser("Adam").send("GET", "/forgotten").status_code == 403
