"""The invented company of `hub demo`: its people, cards and a phone system that plays captured calls in a loop.

Everybody and everything in it is invented; its calls enter through the same door as real ones.
"""

import json
import random
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta

from hub import bootstrap, pipeline
from hub.domain import clock
from hub.domain.access import Role
from hub.domain.delivery import Delivery
from hub.domain.errors import NotFound
from hub.leads import cards
from hub.leads.rules import seed_rules
from hub.people import passwords, users
from hub.settings import Settings
from hub.telephony import lines
from hub.telephony.ami.wire import parse
from hub.telephony.simulator import Cast, Simulator, Take, load, titles
from hub.unit_of_work import Hub

PASSWORD = "invented company"  # noqa: S105 - printed on the sign-in page's own terminal; it guards invented data
PBX = "pbx"
SECRET = "simulated"  # noqa: S105 - guards a simulated PBX on this machine alone
PEOPLE = (
    ("olena@example.com", "Olena Kovalenko", Role.MANAGER, "101"),
    ("andrii@example.com", "Andrii Melnyk", Role.MANAGER, "102"),
    ("iryna@example.com", "Iryna Bondar", Role.RECEPTION, "103"),
    ("maria@example.com", "Maria Shevchuk", Role.SUPERVISOR, None),
    ("admin@example.com", "Administrator", Role.ADMINISTRATOR, None),
)
LINES = {
    "+380445551200": "Main",
    "+380445551201": "Sales",
    "+380445551202": "Andrii direct",
    "+380445551203": "Iryna direct",
    "+380445551204": "Support",
    "+380445551206": "Showroom",
}
CARDS = (
    ("Bohdan Savchenko", "Savchenko Windows", "+380671234501"),
    ("Kateryna Lysenko", "Kvitka Flowers", "+380671234502"),
    ("Taras Hrytsenko", "Hrytsenko & Sons", "+380671234503"),
    ("Yuliia Panchenko", None, "+380671234504"),
    ("Roman Tkachuk", "Tkachuk Logistics", "+380671234505"),
    ("Daria Moroz", "Moroz Dental", "+380671234506"),
)
CLIENTS = [f"67123450{digit}" for digit in range(1, 7)] + [f"50111220{digit}" for digit in range(10)]
WELCOME = f"""An invented company; sign in as one of
  {"".join(f"{email:<22} {role.value}{chr(10)}  " for email, _, role, _ in PEOPLE)}password: {PASSWORD}"""
OFFLINE = ("11-click-to-call-agent-no-answer", "10-click-to-call-answered", "10b-click-to-call-local-channel")
EARLIER_CALLS = 60
PAUSE_SECONDS = (3.0, 9.0)


def own_place(settings: Settings) -> Settings:
    """The demo never touches a company's own data."""
    if settings.database_url:
        return settings
    return settings.model_copy(
        update={"data_dir": settings.data_dir / "demo", "region": "UA", "timezone": "Europe/Kyiv"}
    )


def prepare(settings: Settings) -> None:
    """The company, on the first start only: people, lines, cards, and the calls of the last hours."""
    hub = bootstrap.build(settings)
    with hub.unit_of_work() as session:
        seed_rules(session)
        try:
            hub.connections.named(session, PBX)
        except NotFound:
            pass
        else:
            return
    _found(hub)
    _earlier_calls(hub)


def _found(hub: Hub) -> None:
    secret = passwords.hashed(PASSWORD)
    settings = {
        "host": "127.0.0.1",
        "port": "5038",
        "username": "hub",
        "secret": SECRET,
        "extensions": r"^1\d\d$",
        "trunks": "PJSIP/pstn-trunk",
        "region": "UA",
        "timezone": "Europe/Kyiv",
        "lines": ",".join(LINES),
    }
    with hub.unit_of_work() as session:
        pbx = hub.connections.add(session, "asterisk", PBX, settings, clock.now())
        team = users.create_team(session, "Sales")
        for email, name, role, extension in PEOPLE:
            new = users.NewUser(
                email=email,
                name=name,
                roles=frozenset({role}),
                password=secret,
                team_id=team.id,
                timezone="Europe/Kyiv",
            )
            row = users.create_user(session, new, clock.now())
            if extension:
                lines.assign(session, pbx.id, extension, row.id)
        for number, name in LINES.items():
            lines.edit(session, lines.ensure(session, number, "UA", pbx.id).id, {"name": name})
        for name, company, number in CARDS:
            fields = cards.CardFields(name=name, company=company, numbers=[number])
            cards.create(session, fields, "UA", clock.now())


def _earlier_calls(hub: Hub) -> None:
    """The morning's calls, so that the first page has something to show."""
    dice = random.Random(2026)  # noqa: S311 - the same morning each time
    with hub.reading() as session:
        pbx = hub.connections.named(session, PBX)
    moment = clock.now() - timedelta(hours=6)
    for number in range(EARLIER_CALLS):
        moment += timedelta(seconds=dice.uniform(120, 540))
        if moment > clock.now() - timedelta(minutes=2):
            break
        body = b"\n".join(_lines(_take(dice, moment), moment))
        delivery = Delivery(
            connection_id=pbx.id, body=body, content_type="application/x-ndjson", received_at=clock.now()
        )
        pipeline.accept(hub, delivery, key=f"demo:{number}")
    pipeline.drain(hub, pbx.id)


def _take(dice: random.Random, at: datetime) -> Take:
    title = dice.choice([title for title in titles() if title not in OFFLINE])
    return Take(load(title), at, _cast(dice))


def _cast(dice: random.Random) -> Cast:
    clients = dice.sample(CLIENTS, 3)
    return Cast(clients=dict(zip(("671234567", "501112233", "931230045"), clients, strict=True)))


def _lines(take: Take, began: datetime) -> Iterator[bytes]:
    """A take as a listener would have stored it."""
    for step in take.capture.steps:
        at = began + timedelta(seconds=step.after)
        event = parse(take.text(step).encode())
        yield json.dumps({"at": at.isoformat(), "event": event}).encode()


def play(hub: Hub) -> None:
    """Start the phone system beside a running Hub, and its calls, for as long as the process lives."""
    pbx = ExitStack().enter_context(Simulator(secret=SECRET))
    with hub.unit_of_work() as session:
        hub.connections.change(session, PBX, {"port": pbx.port})
    threading.Thread(target=_play, args=(pbx,), name="invented phone system", daemon=True).start()


def _play(pbx: Simulator) -> None:
    dice = random.SystemRandom()
    while True:
        if pbx.listeners:
            title = dice.choice([title for title in titles() if title not in OFFLINE])
            pbx.play(title, cast=_cast(dice))
        threading.Event().wait(dice.uniform(*PAUSE_SECONDS))
