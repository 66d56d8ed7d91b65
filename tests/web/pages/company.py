"""An invented company with its Hub served for real: gunicorn, SQLite, everything inside, a PBX on a socket."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from sqlalchemy import select

from hub import bootstrap, pipeline
from hub.domain import clock
from hub.domain.access import Role
from hub.domain.delivery import Delivery
from hub.inbox import store as inbox
from hub.leads import cards
from hub.leads.cards import CardFields
from hub.leads.rules import seed_rules
from hub.people import passwords, preferences, users
from hub.settings import Settings
from hub.storage.schema import migrate
from hub.telephony import lines
from hub.telephony.ami.wire import parse
from hub.telephony.models import CallRow
from hub.telephony.simulator import Cast, Simulator, Take, load
from hub.unit_of_work import Hub
from tests.recorded import stored
from tests.servers import Server

PASSWORD = "correct horse battery"
PEOPLE = (
    ("olena", "Olena Kovalenko", (Role.MANAGER, Role.RECEPTION), "101"),
    ("andrii", "Andrii Melnyk", (Role.MANAGER,), "102"),
    ("maria", "Maria Shevchuk", (Role.SUPERVISOR,), None),
    ("admin", "Administrator", (Role.ADMINISTRATOR,), None),
)
LINES = {"+380445551200": "Main line", "+380445551201": "Sales"}
CLIENT, CLIENT_NUMBER = "Bohdan Savchenko", "+380671234501"
OTHER_CLIENT, OTHER_NUMBER = "Kateryna Lysenko", "+380671234502"
EARLIER = (
    ("01-inbound-answered", 60),
    ("02-inbound-missed-ring-timeout", 2),
    ("07-inbound-attended-transfer", 1),
    ("08-outbound-answered-agent-hangs-up", 1),
    ("09b-outbound-busy", 1),
    ("12-internal-call", 1),
)
"""Captures and how often each was played before anybody looks; more than a page of the log."""

RECORDED = 6
"""Of the answered calls with a client, the newest so many have a recording."""


class Company(Server):
    """`hub serve` of a company that has had some calls already; `pbx` is where new ones come from."""

    name = "hub"

    def __init__(self) -> None:
        super().__init__()
        self.settings = Settings(data_dir=self.folder / "data", region="UA", timezone="Europe/Kyiv", streams=12)
        self.settings.data_dir.mkdir()
        migrate(self.settings.url)
        self.hub = bootstrap.build(self.settings)
        self.pbx = Simulator()
        self.pbx.pace = 4.0

    def command(self) -> Sequence[str]:
        environment = {
            "HUB_DATA_DIR": str(self.settings.data_dir),
            "HUB_REGION": "UA",
            "HUB_TIMEZONE": "Europe/Kyiv",
            "HUB_STREAMS": str(self.settings.streams),
            "HUB_PUBLIC_URL": self.url,
            "PATH": os.environ["PATH"],
        }
        given = [f"{name}={value}" for name, value in environment.items()]
        return ["env", "-i", *given, str(Path(sys.prefix) / "bin" / "hub"), "serve", "--port", str(self.port)]

    def answers(self) -> bool:
        try:
            with urlopen(f"{self.url}/readyz", timeout=5) as answer:  # noqa: S310 - our own address
                return bool(answer.status == 200)
        except (URLError, ConnectionError):
            return False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def quiet(self) -> bool:
        """Whether every call is over: one that goes on would stand on the pages of the next test too."""
        with self.hub.reading() as session:
            return session.scalar(select(CallRow.id).where(CallRow.state != "ended").limit(1)) is None

    def found(self) -> None:
        """People, lines, two clients, and the calls of the last days."""
        connection_id = _set_up(self.hub, self.pbx)
        moment = clock.now() - timedelta(days=2)
        for title, times in EARLIER:
            for _ in range(times):
                self._tell(connection_id, title, moment)
                moment += timedelta(minutes=30)
        pipeline.drain(self.hub, connection_id)
        with self.hub.reading() as session:
            assert inbox.counts(session).keys() == {"done"}
        self._record()

    def _record(self) -> None:
        """Some of the calls were recorded: the one that was handed over, the one to outside, and a few others."""
        with self.hub.reading() as session:
            answered = select(CallRow).where(CallRow.answered_at.is_not(None), CallRow.direction != "internal")
            rows = session.scalars(answered.order_by(CallRow.started_at.desc()).limit(RECORDED)).all()
            talks = [(row.id, row.talk_seconds) for row in rows]
        for call_id, seconds in talks:
            stored(self.hub, call_id, round(seconds, 1))

    def _tell(self, connection_id: int, title: str, moment: datetime) -> None:
        take = Take(load(title), moment, called_by(CLIENT_NUMBER))
        body = b"\n".join(_as_heard(take, moment))
        delivery = Delivery(
            connection_id=connection_id, body=body, content_type="application/x-ndjson", received_at=clock.now()
        )
        pipeline.accept(self.hub, delivery, key=f"earlier:{moment.isoformat()}")


def called_by(number: str) -> Cast:
    """The captures' first client, played by this number."""
    return Cast(clients={"671234567": number.removeprefix("+380")})


def _as_heard(take: Take, began: datetime) -> Iterator[bytes]:
    """A take as a listener would have stored it."""
    for step in take.capture.steps:
        at = began + timedelta(seconds=step.after)
        yield json.dumps({"at": at.isoformat(), "event": parse(take.text(step).encode())}).encode()


def _set_up(hub: Hub, pbx: Simulator) -> int:
    settings = {
        "host": pbx.host,
        "port": str(pbx.port),
        "username": pbx.username,
        "secret": pbx.secret,
        "extensions": r"^1\d\d$",
        "trunks": "PJSIP/pstn-trunk",
        "region": "UA",
        "lines": ",".join(LINES),
    }
    secret, now = passwords.hashed(PASSWORD), clock.now()
    with hub.unit_of_work() as session:
        seed_rules(session)
        connection = hub.connections.add(session, "asterisk", "pbx", settings, now)
        team = users.create_team(session, "Sales")
        for who, name, roles, extension in PEOPLE:
            new = users.NewUser(
                email=f"{who}@example.com",
                name=name,
                roles=frozenset(roles),
                password=secret,
                team_id=team.id,
                timezone="Europe/Kyiv",
            )
            row = users.create_user(session, new, now)
            # A call that an earlier test left open must not take the page from the next one.
            preferences.choose(session, row.id, {"card_opens": "never"})
            if extension:
                lines.assign(session, connection.id, extension, row.id)
        for number, name in LINES.items():
            lines.edit(session, lines.ensure(session, number, "UA", connection.id).id, {"name": name})
        for name, number in ((CLIENT, CLIENT_NUMBER), (OTHER_CLIENT, OTHER_NUMBER)):
            cards.create(session, CardFields(name=name, company="Savchenko Windows", numbers=[number]), "UA", now)
        return connection.id
