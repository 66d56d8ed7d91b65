"""An invented sales company seen through the web: four roles, two teams, and things that are own, the team's,
somebody else's and nobody's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from hub.app import create_app
from hub.domain import clock
from hub.domain.access import Role
from hub.leads import tasks
from hub.leads.models import ContactRow, LeadRow, TaskRow
from hub.people import signin, tokens, users
from hub.people.signin import Attempt
from hub.people.tokens import NewToken
from hub.people.users import NewUser
from hub.telephony import lines
from hub.telephony.models import CallRow
from tests.pipeline.office import MONDAY, Office, hungup, started, talk
from tests.recorded import stored

PUBLIC = "http://localhost"
NOBODY = "nobody"
PHONES = {"Mira": "101", "Max": "102", "Oleg": "103", "Sofia": "104", "Rita": "105", "Adam": "106"}


@dataclass
class Things:
    """One of each kind of thing, all of the same owner."""

    call: str
    contact: int
    lead: int
    task: int
    recording: str


@dataclass
class Company:
    """`people` by name: Mira and Max are managers of Sofia's team, Oleg is a manager of another; Rita sits at the
    reception, Adam is the administrator. `things` by the name of whose they are; "nobody" has some too."""

    office: Office
    app: Flask
    people: dict[str, int] = field(default_factory=dict)
    things: dict[str, Things] = field(default_factory=dict)

    @classmethod
    def opened(cls, office: Office) -> "Company":
        app = create_app(office.hub, secret="a secret of the tests alone", public_url=PUBLIC, streams=2)
        company = cls(office, app)
        company._hire()
        for number, name in enumerate((*PHONES, NOBODY)):
            company._happen(name, f"06712345{number:02}")
        return company

    def _hire(self) -> None:
        roles = {"Sofia": Role.SUPERVISOR, "Rita": Role.RECEPTION, "Adam": Role.ADMINISTRATOR}
        with self.office.hub.unit_of_work() as session:
            sales = users.create_team(session, "Sales").id
            support = users.create_team(session, "Support").id
            teams = {"Mira": sales, "Max": sales, "Sofia": sales, "Oleg": support}
            for name, phone in PHONES.items():
                role = roles.get(name, Role.MANAGER)
                new = NewUser(email=f"{name}@example.org", name=name, roles=frozenset({role}), team_id=teams.get(name))
                self.people[name] = users.create_user(session, new, MONDAY).id
                lines.assign(session, self.office.ids["acme"], phone, self.people[name])

    def _happen(self, name: str, number: str) -> None:
        """A talk that made a client and a lead of theirs, and a promise; nobody's: a call that rang nowhere."""
        call = f"call of {name}"
        if name == NOBODY:
            self.office.hear(started(call, 100, number), hungup(call, 120))
        else:
            phone = PHONES[name]
            begun, rang, answered, ended = talk(call, number=number)
            self.office.hear(begun, rang | {"phone": phone}, answered | {"phone": phone}, ended)
        self.things[name] = self._own(name, call)

    def _own(self, name: str, call: str) -> Things:
        """What came of the call, given to its owner beyond doubt."""
        owner = self.people.get(name)
        found: dict[str, Any]
        with self.office.hub.unit_of_work() as session:
            row = session.scalars(select(CallRow).where(CallRow.provider_call_id == call)).one()
            card, lead = session.get_one(ContactRow, row.contact_id), session.get_one(LeadRow, row.lead_id)
            card.owner_id = lead.owner_id = row.owner_id = owner
            task = session.scalar(select(TaskRow).where(TaskRow.contact_id == card.id))
            if task is None:
                task = tasks.promise(
                    session, title="Send the offer", due_at=MONDAY, contact_id=card.id, owner_id=owner, now=MONDAY
                )
            task.owner_id = owner
            found = {"call": str(row.id), "contact": card.id, "lead": lead.id, "task": task.id}
        recording = stored(self.office.hub, found["call"], seconds=2.0)
        return Things(recording=str(recording), **found)

    def browser(self, name: str) -> "Browser":
        """The signed-in browser of one of the people."""
        with self.office.hub.unit_of_work() as session:
            attempt = Attempt(user_id=self.people[name], stored=None, account="", counted=())
            secret = signin.conclude(session, attempt, clock.now())
        client = self.app.test_client()
        client.set_cookie("hub", secret)
        return Browser(client)

    def token(self, *roles: Role, **more: Any) -> str:
        """The secret of a new token made at the machine."""
        with self.office.hub.unit_of_work() as session:
            new = NewToken(name="script", roles=frozenset(roles), **more)
            return tokens.create(session, new, clock.now())[1]

    def program(self, *roles: Role, **more: Any) -> "Program":
        """A program with a new token."""
        return Program(self.app.test_client(), self.token(*roles, **more))


class Browser:
    """Sends what a browser sends: the cookie, and with each write the CSRF token."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self._csrf: str | None = None

    @property
    def csrf(self) -> str:
        if self._csrf is None:
            page = self.client.get("/", follow_redirects=True).text
            found = re.search(r'name="csrf-token" content="([^"]+)"', page)
            assert found, page
            self._csrf = found.group(1)
        return self._csrf

    def forget_page(self) -> None:
        """The page that stood open is loaded again, with the CSRF token of a new session."""
        self._csrf = None

    def send(self, method: str, path: str, **more: Any) -> Any:
        headers = dict(more.pop("headers", {}))
        if method not in ("GET", "HEAD"):
            headers["X-CSRFToken"] = self.csrf
        return _whole(self.client.open(path, method=method, headers=headers, **more))


def _whole(response: Any) -> Any:
    """The answer, read to its end: what is being sent holds a file open. Streams have none."""
    if response.content_length is not None:
        response.get_data()
    return response


@dataclass
class Program:
    """Sends what a program sends: its token."""

    client: FlaskClient
    secret: str

    def send(self, method: str, path: str, **more: Any) -> Any:
        headers: Mapping[str, str] = {"Authorization": f"Bearer {self.secret}"} | dict(more.pop("headers", {}))
        return _whole(self.client.open(path, method=method, headers=headers, **more))
