"""Who reaches what: every route of the application × role × whose thing it is. A route without an entry fails."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest
from werkzeug.routing import Rule

from hub.domain.access import Role
from tests.pipeline.office import Office
from tests.web.company import NOBODY, Browser, Company, Program, Things

ROLES = {"manager": "Mira", "supervisor": "Sofia", "reception": "Rita", "administrator": "Adam"}
CLIENT = "API client"
"""A program with an administrator's token: the CRM."""
COLUMNS = (*ROLES, CLIENT)
WHOSE = ("own", "team", "other", "nobody")
SIGHT: Mapping[str, tuple[str, ...]] = {"O": ("own",), "T": ("own", "team"), "A": WHOSE, "-": ()}
DONE = {200, 201, 202, 204, 303, 409}
"""Allowed. 409: allowed, but the thing is as wanted already, or the value is none."""
NOWHERE = "00000000-0000-7000-8000-000000000000"


@dataclass(frozen=True)
class Entry:
    """What the access matrix says of one route, a letter for each role: manager, supervisor, reception,
    administrator. O own, T team, A all, - none. `sees` is how far they see the thing, `may` how far they may
    do this; a route that is about no thing has no `sees`. `client`: both for the API client. `done`: what an
    allowed request answers."""

    may: str
    sees: str | None = None
    client: str = "A"
    path: Mapping[str, object] = field(default_factory=dict)
    query: Mapping[str, object] = field(default_factory=dict)
    json: Mapping[str, Any] | None = None
    form: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    done: frozenset[int] = frozenset(DONE)

    def letters(self, role: str) -> tuple[str, str]:
        """How far a role may, and how far it sees."""
        if role == CLIENT:
            return self.client, self.client
        place = list(ROLES).index(role)
        return self.may[place], (self.sees or self.may)[place]


def _thing(may: str, sees: str = "OTAA", **more: Any) -> Entry:
    return Entry(may=may, sees=sees, **more)


def _heard(may: str, **more: Any) -> Entry:
    """Bytes of a recording: out of reach is out of sight, however well one sees its call."""
    return Entry(may=may, sees=may, **more)


ANYBODY, SIGNED_IN, ADMINISTRATOR = "public", "AAAA", "---A"
MISSING = frozenset({404})
UNFIT = frozenset({422})
KEY = {"Idempotency-Key": "click-1"}
DIAL = {"number": "+380671234567"}
MATRIX: Mapping[str, Entry] = {
    # Calls
    "GET api.list_calls": Entry("OTAA"),
    "GET api.count_calls": Entry("OTAA"),
    "GET api.export_calls": Entry("-T--"),
    "GET api.get_call": _thing("OTAA"),
    "PATCH api.note_call": _thing("OTO-", json={"note": "said yes"}),
    "POST api.link_call": _thing("OTA-", json={"contact_id": "{contact}"}),
    "POST api.upload_for_call": _thing("---A", done=frozenset({415})),
    "POST api.upload_recording": Entry("---A", done=frozenset({415})),
    "GET api.list_orphans": Entry("---A"),
    "GET api.get_story": Entry("---A", path={"recording_id": NOWHERE}, done=MISSING),
    "POST api.attach_recording": Entry("---A", path={"recording_id": NOWHERE}, json={"call_id": NOWHERE}, done=MISSING),
    "POST api.fetch_recording": Entry("---A", path={"recording_id": NOWHERE}, done=MISSING),
    "POST api.dial": Entry("OOO-", json=DIAL, headers=KEY),
    "GET api.check_call": Entry("OOO-", query={"number": "0671234567"}),
    "POST api.cancel_dial": Entry("OOO-", path={"dial_id": NOWHERE}, done=MISSING),
    "GET api.get_dial": Entry("OOO-", path={"dial_id": NOWHERE}, done=MISSING),
    # Recordings
    "GET api.list_recordings": _thing("OT--", client="A"),
    "GET api.get_recording": _thing("OT--"),
    "GET api.get_recording_audio": _heard("OT--"),
    "GET api.get_recording_original": _heard("-T--"),
    "GET api.get_recording_peaks": _heard("OT--"),
    "POST api.share_recording": _thing("-T--", client="-", json={"hours": 1}),
    "GET api.list_listenings": _thing("-T-A"),
    "GET api.list_remarks": _thing("OT--"),
    "POST api.add_remark": _thing("OT--", client="-", json={"second": 1, "text": "well said"}),
    "GET api.list_gradings": _thing("OT--"),
    # Clients
    "GET api.list_contacts": Entry("OTAA"),
    "POST api.create_contact": Entry("OTA-", json={"name": "Anna"}),
    "GET api.get_contact": _thing("OTAA"),
    "PATCH api.edit_contact": _thing("OTA-", json={"company": "Acme"}),
    "GET api.get_timeline": _thing("OTAA"),
    "POST api.add_note": _thing("OTA-", json={"text": "called back"}),
    "POST api.merge_contacts": _thing("OTA-", json={"gone_id": "{contact}"}),
    "POST api.undo_merge": Entry("OTA-", path={"merge_id": 999_999}, done=MISSING),
    # Leads and tasks
    "GET api.list_leads": Entry("OTAA"),
    "POST api.open_lead": _thing("OTA-", json={"contact_id": "{contact}"}),
    "GET api.get_lead": _thing("OTAA"),
    "PATCH api.work_lead": _thing("OTA-", json={"status": "new"}),
    "GET api.list_tasks": Entry("OTAA"),
    "POST api.promise": Entry("OTA-", json={"title": "Send the offer", "due_at": "2026-12-01T10:00:00Z"}),
    "GET api.get_task": _thing("OTAA"),
    "PATCH api.hand_over_task": _thing("OTA-", json={"owner_id": 999_999}),
    "POST api.close_task": _thing("OTA-", json={"reason": "a wrong number"}),
    # People and lines
    "GET api.get_me": Entry(SIGNED_IN),
    "GET api.list_users": Entry("AAAA"),
    "GET api.get_user": Entry("AAAA", path={"user_id": 1}),
    "POST api.create_user": Entry(
        ADMINISTRATOR, json={"email": "new@example.org", "name": "New", "roles": ["manager"]}
    ),
    "PATCH api.edit_user": Entry(ADMINISTRATOR, path={"user_id": 1}, json={"language": "uk"}),
    "GET api.list_teams": Entry("AAAA"),
    "POST api.create_team": Entry(ADMINISTRATOR, json={"name": "North"}),
    "PUT api.edit_team": Entry(ADMINISTRATOR, path={"team_id": 2}, json={"name": "Support"}),
    "DELETE api.remove_team": Entry(ADMINISTRATOR, path={"team_id": 999_999}, done=MISSING),
    "GET api.list_lines": Entry("AAAA"),
    "GET api.get_line": Entry("AAAA", path={"line_id": 999_999}, done=MISSING),
    "POST api.create_line": Entry(ADMINISTRATOR, json={"number": "+380445551299", "region": "UA"}),
    "PATCH api.edit_line": Entry(ADMINISTRATOR, path={"line_id": 999_999}, json={"name": "x"}, done=MISSING),
    "GET api.try_route": Entry(
        ADMINISTRATOR, query={"connection": "acme", "from": "0671234567", "to": "+380445551200"}
    ),
    "GET api.get_softphone": Entry("OOO-", done=frozenset({409})),
    "GET api.list_tokens": Entry(ADMINISTRATOR, client="-"),
    "POST api.create_token": Entry(ADMINISTRATOR, client="-", json={"name": "script", "roles": ["manager"]}),
    "DELETE api.revoke_token": Entry(ADMINISTRATOR, client="-", path={"token_id": 999_999}, done=MISSING),
    # Connections
    "GET api.list_connections": Entry(ADMINISTRATOR),
    "GET api.get_connection": Entry(ADMINISTRATOR, path={"name": "acme"}),
    "POST api.create_connection": Entry(ADMINISTRATOR, json={"kind": "exchange", "name": "second", "settings": {}}),
    "PATCH api.edit_connection": Entry(ADMINISTRATOR, path={"name": "acme"}, json={"enabled": True}),
    "POST api.test_connection": Entry(ADMINISTRATOR, path={"name": "acme"}),
    "GET api.list_comparisons": Entry(ADMINISTRATOR, path={"name": "acme"}),
    "GET api.list_deliveries": Entry(ADMINISTRATOR),
    "POST api.replay_delivery": Entry(ADMINISTRATOR, path={"delivery_id": 999_999}, done=MISSING),
    "GET api.list_changes": Entry(SIGNED_IN),
    "GET metrics": Entry(ADMINISTRATOR),
    # Pages
    "GET pages.home": Entry(SIGNED_IN),
    "POST pages.sign_out": Entry(SIGNED_IN),
    "GET pages.account": Entry(SIGNED_IN),
    "POST pages.keep_account": Entry(SIGNED_IN, form={"language": "en"}),
    "POST pages.settings_remove_team": Entry(ADMINISTRATOR, path={"team_id": 999_999}, done=MISSING),
    "GET pages.password": Entry(SIGNED_IN),
    "POST pages.change_password": Entry(
        SIGNED_IN, form={"password": "short", "again": "short"}, done=frozenset({409, 422})
    ),
    "GET pages.calls": Entry("OTAA"),
    "POST pages.call_view_save": Entry("OTAA", form={"name": "Missed", "query": "outcome=missed"}, client="-"),
    "POST pages.call_view_forget": Entry("OTAA", path={"view_id": 999_999}, done=MISSING),
    "POST pages.call_columns": Entry(SIGNED_IN, form={"column": "note"}, client="-"),
    "POST pages.call_tag": Entry("OTO-", form={"tag": "VIP", "call": NOWHERE}),
    "GET pages.calls_csv": Entry("-T--"),
    "GET pages.call": _thing("OTAA"),
    "POST pages.call_note": _thing("OTO-", form={"text": "said yes", "version": "no such"}),
    "POST pages.call_result": _thing("OTO-", form={"result": "Agreed"}),
    "GET pages.choices": _thing("OTA-"),
    "POST pages.choose": _thing("OTA-", form={"contact_id": "{contact}"}),
    "GET pages.recording": _thing("OTAA"),
    "GET pages.call_player": _thing("OT--"),
    "GET pages.recording_audio": _heard("OT--"),
    "GET pages.recording_peaks": _heard("OT--"),
    "GET pages.recording_original": _heard("-T--"),
    "POST pages.recording_heard": _heard("OT--", form={"session": "none", "spans": "0-1"}, done=MISSING),
    "POST pages.recording_share": _thing("-T--", client="-", form={"hours": "24"}),
    "POST pages.recording_erase": _thing("---A", client="-", form={"why": ""}),
    "POST pages.recording_hold": _thing("---A", client="-", form={"why": ""}),
    "POST pages.recording_release": _thing("---A", client="-"),
    "POST pages.recording_remark": _thing("OT--", client="-", form={"second": "1", "text": "well said"}),
    "POST pages.recording_drop_remark": _thing("OT--", client="-", path={"remark_id": 999_999}, done=MISSING),
    "POST pages.recording_grade": _thing("-T--", client="-", form={"note": "no answers"}),
    "POST pages.break_glass": Entry(ADMINISTRATOR, client="-", form={"reason": "", "hours": "1"}),
    "POST pages.mend_glass": Entry(ADMINISTRATOR, client="-"),
    "GET pages.clients": Entry("OTAA"),
    "GET pages.search": Entry("OTAA"),
    "GET pages.client": _thing("OTAA"),
    "POST pages.note": _thing("OTA-", form={"text": "called back", "key": "note-1"}),
    "GET pages.client_new": Entry("OTA-"),
    "POST pages.client_create": Entry("OTA-", form={"name": "Anna"}),
    "GET pages.client_edit": _thing("OTA-"),
    "POST pages.client_save": _thing("OTA-", form={"name": "Anna", "version": "1"}),
    "GET pages.client_in_hand": _thing("OTAA"),
    "POST pages.client_lead": _thing("OTA-"),
    "POST pages.client_promise": _thing("OTA-", form={"title": "Send the offer", "when": "tomorrow", "key": "1"}),
    "POST pages.lead_move": _thing("OTA-", form={"status": "new"}),
    "POST pages.lead_give": _thing("OTA-", form={"owner_id": 999_999}, done=UNFIT),
    "POST pages.task_close": _thing("OTA-", form={"reason": "a wrong number"}),
    "POST pages.task_give": _thing("OTA-", form={"owner_id": 999_999}, done=frozenset({409, 422})),
    "POST pages.dial": Entry("OOO-", form=DIAL | {"key": "click-2"}),
    "GET pages.dial_state": Entry("OOO-", path={"dial_id": NOWHERE}, done=MISSING),
    "GET pages.dial_events": Entry("OOO-", path={"dial_id": NOWHERE}, done=MISSING),
    "POST pages.cancel_dial": Entry("OOO-", path={"dial_id": NOWHERE}, done=MISSING),
    "GET pages.dial_phone": Entry("OOO-"),
    "GET pages.phone_who": Entry("OOO-"),
    "GET pages.my_day": Entry("AAA-"),
    "GET pages.my_day_next": Entry("AAA-"),
    "GET pages.live": Entry("OTAA"),
    "GET pages.live_wall": Entry("OTAA"),
    "GET pages.live_columns": Entry("OTAA"),
    "GET pages.live_events": Entry("OTAA"),
    "GET pages.mine": Entry("OTAA"),
    "GET pages.mine_events": Entry("OTAA"),
    "POST pages.prefer": Entry(SIGNED_IN, client="-", form={"card_opens": "ring"}),
    "GET pages.lead_form": _thing("OTA-"),
    "POST pages.edit_lead": _thing("OTA-", form={"name": "Anna"}),
    "GET pages.same_form": _thing("OTA-"),
    "POST pages.same_person": _thing("OTA-", form={"contact_id": "{contact}"}),
    "GET pages.merges": _thing("OTAA"),
    "POST pages.undo_merge": Entry("OTA-", path={"merge_id": 999_999}, done=MISSING),
    "POST pages.take_task": _thing("OTA-", form={"seen": ""}),
    "GET pages.hand_over_form": _thing("OTA-"),
    "POST pages.hand_over_task": _thing("OTA-", form={"owner_id": "999999"}, done=frozenset({409, 422})),
    "GET pages.close_form": _thing("OTA-"),
    "POST pages.close_task": _thing("OTA-", form={"reason": "a wrong number"}),
    "GET pages.settings": Entry(ADMINISTRATOR),
    "POST pages.try_again": Entry(ADMINISTRATOR, path={"delivery_id": 999_999}, done=MISSING),
    "GET pages.settings_connection": Entry(ADMINISTRATOR, path={"name": "acme"}),
    "GET pages.settings_new_connection": Entry(ADMINISTRATOR, path={"kind": "generic"}),
    "POST pages.settings_connect": Entry(
        ADMINISTRATOR, path={"kind": "generic"}, form={"name": "desk"}, done=frozenset({303, 422})
    ),
    "GET pages.settings_change_connection": Entry(ADMINISTRATOR, path={"name": "acme"}),
    "POST pages.settings_edit_connection": Entry(ADMINISTRATOR, path={"name": "acme"}),
    "POST pages.settings_addresses": Entry(ADMINISTRATOR, path={"name": "acme"}),
    "POST pages.settings_test": Entry(ADMINISTRATOR, path={"name": "acme"}),
    "POST pages.settings_in_use": Entry(ADMINISTRATOR, path={"name": "acme"}, form={"enabled": "yes"}),
    "POST pages.try_all_again": Entry(ADMINISTRATOR, path={"name": "acme"}),
    "GET pages.settings_users": Entry(ADMINISTRATOR),
    "GET pages.settings_new_user": Entry(ADMINISTRATOR),
    "POST pages.settings_add_user": Entry(ADMINISTRATOR, form={}, done=frozenset({422})),
    "GET pages.settings_user": Entry(ADMINISTRATOR, path={"user_id": 1}),
    "POST pages.settings_edit_user": Entry(ADMINISTRATOR, path={"user_id": 1}, form={}, done=frozenset({422})),
    "POST pages.settings_user_in_use": Entry(ADMINISTRATOR, path={"user_id": 1}, form={"active": "yes"}),
    "POST pages.settings_invite": Entry(ADMINISTRATOR, path={"user_id": 1}),
    "GET pages.settings_teams": Entry(ADMINISTRATOR),
    "GET pages.settings_new_team": Entry(ADMINISTRATOR),
    "POST pages.settings_add_team": Entry(ADMINISTRATOR, form={}, done=frozenset({422})),
    "GET pages.settings_team": Entry(ADMINISTRATOR, path={"team_id": 1}),
    "POST pages.settings_edit_team": Entry(ADMINISTRATOR, path={"team_id": 1}, form={}, done=frozenset({422})),
    "GET pages.settings_lines": Entry(ADMINISTRATOR),
    "GET pages.settings_new_line": Entry(ADMINISTRATOR),
    "POST pages.settings_add_line": Entry(ADMINISTRATOR, form={}, done=frozenset({422})),
    "GET pages.settings_line": Entry(ADMINISTRATOR, path={"line_id": 999_999}, done=MISSING),
    "POST pages.edit_line": Entry(ADMINISTRATOR, path={"line_id": 999_999}, done=MISSING),
    "GET pages.settings_rules": Entry(ADMINISTRATOR),
    "GET pages.settings_rule": Entry(ADMINISTRATOR, path={"kind": "inbound_missed", "who": "new"}),
    "POST pages.settings_edit_rule": Entry(
        ADMINISTRATOR, path={"kind": "inbound_missed", "who": "new"}, form={}, done=frozenset({422})
    ),
    "POST pages.settings_drop_rule": Entry(ADMINISTRATOR, path={"kind": "inbound_missed", "who": "new"}),
    "GET pages.settings_score_card": Entry(ADMINISTRATOR),
    "POST pages.settings_keep_score_card": Entry(ADMINISTRATOR, form={"id": "", "text": "Greeted?", "weight": "1"}),
    "GET pages.settings_tokens": Entry(ADMINISTRATOR, client="-"),
    "POST pages.settings_make_token": Entry(ADMINISTRATOR, client="-", form={}, done=frozenset({422})),
    "POST pages.settings_revoke_token": Entry(ADMINISTRATOR, client="-", path={"token_id": 999_999}, done=MISSING),
    "GET pages.settings_journal": Entry(ADMINISTRATOR),
    "GET pages.settings_doctor": Entry(ADMINISTRATOR),
    "GET pages.settings_findings": Entry(ADMINISTRATOR),
    "GET pages.settings_guide": Entry(ADMINISTRATOR),
    "POST pages.settings_check_step": Entry(ADMINISTRATOR, path={"step": "none"}, done=MISSING),
    "POST pages.settings_guide_away": Entry(ADMINISTRATOR, client="A", form={"away": "no"}, done=frozenset({303, 403})),
    "GET pages.settings_company": Entry(ADMINISTRATOR),
    # For everybody
    "GET pages.sign_in": Entry(ANYBODY),
    "POST pages.come_in": Entry(ANYBODY, form={"email": "", "password": ""}, done=frozenset({422})),
    "GET pages.invitation": Entry(ANYBODY, path={"word": "none"}, done=MISSING),
    "POST pages.join": Entry(ANYBODY, path={"word": "none"}, done=MISSING),
    "GET pages.recording_link": Entry(ANYBODY, path={"word": "none"}, done=frozenset({403})),
    "GET static": Entry(ANYBODY, path={"filename": "mark.svg"}),
    "GET openapi": Entry(ANYBODY),
    "GET api_docs": Entry(ANYBODY),
    "GET healthz": Entry(ANYBODY),
    "GET readyz": Entry(ANYBODY),
    "GET hook": Entry(ANYBODY, path={"name": "nothing-here"}, done=MISSING),
    "POST hook": Entry(ANYBODY, path={"name": "nothing-here"}, done=MISSING),
}
THINGS = [name for name, entry in MATRIX.items() if entry.sees]
OTHERS = [name for name, entry in MATRIX.items() if not entry.sees and entry.may != ANYBODY]
CLOSED = [name for name, entry in MATRIX.items() if entry.may != ANYBODY]
OPEN = [name for name, entry in MATRIX.items() if entry.may == ANYBODY]


@pytest.fixture(scope="module")
def company(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("company")
    shutil.copyfile(sqlite_template, folder / "hub.db")
    office = Office.opened(f"sqlite:///{folder / 'hub.db'}", folder)
    yield Company.opened(office)
    office.hub.engine.dispose()


@pytest.fixture(scope="module")
def senders(company: Company) -> dict[str, Browser | Program]:
    browsers = {role: company.browser(name) for role, name in ROLES.items()}
    return {**browsers, CLIENT: company.program(Role.ADMINISTRATOR, extension="106")}


def _routes(company: Company) -> dict[str, Rule]:
    rules = company.app.url_map.iter_rules()
    return {
        f"{method} {rule.endpoint}": rule for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_has_its_entry(company: Company) -> None:
    assert set(_routes(company)) == set(MATRIX)


def _of(whose: str, role: str) -> str:
    return {"own": ROLES.get(role, "Adam"), "team": "Max", "other": "Oleg", "nobody": NOBODY}[whose]


def _filled(values: Mapping[str, Any] | None, things: Things | None) -> dict[str, Any] | None:
    known = {} if things is None else {f"{{{name}}}": value for name, value in asdict(things).items()}
    return None if values is None else {name: known.get(str(value), value) for name, value in values.items()}


def _send(company: Company, sender: Any, name: str, things: Things | None = None) -> Any:
    """The request of an entry, about these things."""
    method, endpoint = name.split()
    entry = MATRIX[name]
    about = {} if things is None else {f"{kind}_id": value for kind, value in asdict(things).items()}
    with company.app.test_request_context():
        wanted = _routes(company)[name].arguments
        values: dict[str, Any] = {key: value for key, value in (dict(entry.path) | about).items() if key in wanted}
        values |= entry.query
        address = company.app.url_for(endpoint, **values)
    json, form = _filled(entry.json, things), _filled(entry.form, things)
    body = {"json": json} if json is not None else {"data": form} if form is not None else {}
    response = sender.send(method, address, headers=entry.headers, **body)
    response.close()
    return response


@pytest.mark.parametrize("role", COLUMNS)
@pytest.mark.parametrize("name", OTHERS)
def test_who_may(company: Company, senders: dict[str, Browser | Program], name: str, role: str) -> None:
    leaves = name == "POST pages.sign_out" and role != CLIENT
    sender = company.browser(ROLES[role]) if leaves else senders[role]
    may, _ = MATRIX[name].letters(role)
    assert _send(company, sender, name).status_code in (MATRIX[name].done if may != "-" else {403})


@pytest.mark.parametrize("whose", WHOSE)
@pytest.mark.parametrize("role", COLUMNS)
@pytest.mark.parametrize("name", THINGS)
def test_whose_thing_it_is(
    company: Company, senders: dict[str, Browser | Program], name: str, role: str, whose: str
) -> None:
    may, sees = MATRIX[name].letters(role)
    status = _send(company, senders[role], name, company.things[_of(whose, role)]).status_code
    if may == "-":
        assert status == 403
    elif whose not in SIGHT[sees]:
        assert status == 404
    elif whose not in SIGHT[may]:
        assert status == 403
    else:
        assert status in MATRIX[name].done


@dataclass
class Stranger:
    """Nobody: no cookie, no token. Brings a CSRF token, so that it is not refused for the lack of one."""

    browser: Browser

    def send(self, method: str, path: str, **more: Any) -> Any:
        return self.browser.send(method, path, **more)


@pytest.fixture(scope="module")
def stranger(company: Company) -> Stranger:
    return Stranger(Browser(company.app.test_client()))


@pytest.mark.parametrize("name", CLOSED)
def test_a_stranger_sees_nothing(company: Company, stranger: Stranger, name: str) -> None:
    things = company.things["Mira"] if MATRIX[name].sees else None
    response = _send(company, stranger, name, things)
    if name.split()[1].startswith(("api.", "metrics")):
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
    else:
        assert response.status_code == 303
        assert response.headers["Location"].startswith("/sign-in?next=")


@pytest.mark.parametrize("name", OPEN)
def test_what_is_open_to_everybody(company: Company, stranger: Stranger, name: str) -> None:
    assert _send(company, stranger, name).status_code in MATRIX[name].done


LISTS = {"calls": "call", "contacts": "contact", "leads": "lead", "tasks?state=all": "task"}


@pytest.fixture
def fresh(database_url: str, tmp_path: Path) -> Iterator[Company]:
    """A company of its own, on either database."""
    office = Office.opened(database_url, tmp_path)
    yield Company.opened(office)
    office.hub.engine.dispose()


def test_lists_hold_what_is_in_sight_and_nothing_else(fresh: Company) -> None:
    for letter, role in zip("OTAA", ROLES, strict=True):
        browser = fresh.browser(ROLES[role])
        everybody = set(fresh.things)
        seen = {"O": {ROLES[role]}, "T": {"Mira", "Max", "Sofia"}, "A": everybody}[letter]
        for path, kind in LISTS.items():
            items = browser.send("GET", f"/api/v1/{path}").json["items"]
            assert {item["id"] for item in items} == {getattr(fresh.things[name], kind) for name in seen}, (role, path)


def test_the_team_s_things_are_those_of_today_s_team(fresh: Company) -> None:
    """Rights are read again at each request."""
    sofia = fresh.browser("Sofia")
    assert sofia.send("GET", f"/api/v1/calls/{fresh.things['Oleg'].call}").status_code == 404
    adam = fresh.browser("Adam")
    adam.send("PUT", "/api/v1/teams/2", json={"name": "Support", "head_id": fresh.people["Sofia"]})
    assert sofia.send("GET", f"/api/v1/calls/{fresh.things['Oleg'].call}").status_code == 200
