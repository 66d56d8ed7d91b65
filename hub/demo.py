"""The invented company of `hub demo`: its people, cards, two phone systems, and days of calls on them.

Everybody and everything in it is invented; its calls enter through the same doors as real ones. What the phone
systems meant to happen stands in their diary, ``diary.jsonl`` beside the data.
"""

import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import takewhile
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub import bootstrap, pipeline
from hub.domain import clock
from hub.domain.access import Role
from hub.domain.delivery import Delivery
from hub.domain.errors import NotFound
from hub.inbox.models import DeliveryRow
from hub.leads import cards
from hub.leads.rules import seed_rules
from hub.people import passwords, preferences, users
from hub.reads.setup import GUIDE
from hub.recordings import work
from hub.recordings.listening import grading
from hub.recordings.listening.grading import Asked
from hub.recordings.models import RecordingRow
from hub.recordings.work import Kept
from hub.settings import Settings
from hub.telephony import lines
from hub.telephony.ami.wire import parse
from hub.telephony.models import CallRow
from hub.telephony.simulator import Simulator, Take, hours, load, scripted, truth, voices
from hub.telephony.simulator.days import Days, RecordsFile
from hub.telephony.simulator.desk import DeskScript
from hub.telephony.simulator.diary import Diary
from hub.telephony.simulator.pusher import Pusher
from hub.telephony.simulator.script import Planned, Script
from hub.unit_of_work import Hub

PASSWORD = "invented company"  # noqa: S105 - printed on the sign-in page's own terminal; it guards invented data
PBX, DESK = "pbx", "desk"
ZONE = "Europe/Kyiv"
SECRET = "simulated"  # noqa: S105 - guards a simulated PBX on this machine alone
DIARY, RECORDS = "diary.jsonl", "cdr.csv"
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
SHOP = "+380445551210"
"""The line of the shop, whose desk is the second phone system."""
DESK_PHONES = {"201": "iryna@example.com", "202": "andrii@example.com"}
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
QUESTIONS = (
    ("Greeted, and said who speaks", 1),
    ("Understood what the client needs", 3),
    ("Agreed on the next step", 2),
)
RECORDED, LONGEST = 16, 180.0
"""So many of the newest talks have a recording, of three minutes at most."""
SET_UP = {GUIDE: {"checked": ["company", "rules"]}}
"""Whoever opens the demo wants to see a company at work, not its first day."""
EARLIER = timedelta(hours=24)
EARLIER_CALLS = 60
A_MOMENT_AGO = timedelta(minutes=2)
CALLS_AN_HOUR, PUSHED_AN_HOUR = 110, 40
"""As many as three people can take: who opens the demo wants to see something."""


def own_place(settings: Settings) -> Settings:
    """The demo never touches a company's own data."""
    if settings.database_url:
        return settings
    return settings.model_copy(update={"data_dir": settings.data_dir / "demo", "region": "UA", "timezone": ZONE})


def set_clock(settings: Settings, speed: float) -> None:
    """The company's time: as it is, or faster from when the company is next open; never before where it was left."""
    hub = bootstrap.build(settings)
    with hub.reading() as session:
        left = session.scalar(select(func.max(DeliveryRow.received_at)))
    now = clock.now()
    since = max(now, left or now)
    clock.run_at(speed, (hours.opening(since) if speed > 1 else since) if speed > 1 or since > now else None)


def prepare(settings: Settings) -> None:
    """The company, on the first start only: people, lines, cards, and the calls of the last day."""
    hub = bootstrap.build(settings)
    with hub.unit_of_work() as session:
        seed_rules(session)
        try:
            hub.connections.named(session, PBX)
        except NotFound:
            pass
        else:
            return
    _found(hub, settings.data_dir)
    _earlier_calls(hub, settings.data_dir)


def _found(hub: Hub, folder: Path) -> None:
    """`folder`: where the phone system keeps its call detail records."""
    pbx = {
        "host": "127.0.0.1",
        "port": "5038",
        "username": "hub",
        "secret": SECRET,
        "extensions": r"^1\d\d$",
        "trunks": "PJSIP/pstn-trunk",
        "region": "UA",
        "timezone": ZONE,
        "lines": ",".join(LINES),
        "cdr": str((folder / RECORDS).absolute()),
    }
    people = {}
    with hub.unit_of_work() as session:
        first = hub.connections.add(session, "asterisk", PBX, pbx, clock.now()).id
        second = hub.connections.add(session, "generic", DESK, {"lines": SHOP, "region": "UA"}, clock.now()).id
        team = users.create_team(session, "Sales")
        for email, name, role, extension in PEOPLE:
            people[email] = _person(session, email, name, role, team.id)
            if extension:
                lines.assign(session, first, extension, people[email])
        for phone, email in DESK_PHONES.items():
            lines.assign(session, second, phone, people[email])
        for number, name in LINES.items():
            lines.edit(session, lines.ensure(session, number, "UA", first, ZONE).id, {"name": name})
        lines.edit(session, lines.ensure(session, SHOP, "UA", second, ZONE).id, {"name": "Shop"})
        for name, company, number in CARDS:
            fields = cards.CardFields(name=name, company=company, numbers=[number])
            cards.create(session, fields, "UA", clock.now())


def _person(session: Session, email: str, name: str, role: Role, team: int) -> int:
    new = users.NewUser(
        email=email,
        name=name,
        roles=frozenset({role}),
        password=passwords.hashed(PASSWORD),
        team_id=team,
        timezone=ZONE,
    )
    row = users.create_user(session, new, clock.now())
    row.preferences = SET_UP
    # The simulator answers for everybody all the time: cards that open by themselves would leave nobody on a page.
    preferences.choose(session, row.id, {"card_opens": preferences.CardOpens.NEVER})
    return row.id


def _earlier_calls(hub: Hub, folder: Path) -> None:
    """The calls of the last day, so that the first page has something to show."""
    diary, records = Diary(folder / DIARY), RecordsFile(folder / RECORDS)
    with hub.reading() as session:
        pbx = hub.connections.named(session, PBX)
    for planned in _last_calls(clock.now() - A_MOMENT_AGO):
        take = Take(load(planned.title), planned.at, planned.cast, planned.stretch)
        delivery = Delivery(
            connection_id=pbx.id,
            body=b"\n".join(_heard(take)),
            content_type="application/x-ndjson",
            received_at=clock.now(),
        )
        entry = truth.entry(take)
        pipeline.accept(hub, delivery, key=f"demo:{entry['provider_call_id']}")
        records.add(take)
        diary.write(PBX, entry)
    pipeline.drain(hub, pbx.id)
    _record(hub, folder)


def _record(hub: Hub, folder: Path) -> None:
    """The newest talks can be heard: voices without words, and what supervisors grade them by."""
    with hub.unit_of_work() as session:
        grading.keep(session, [Asked(id=None, text=text, weight=weight) for text, weight in QUESTIONS])
    with hub.reading() as session:
        talks = select(CallRow).where(CallRow.answered_at.is_not(None), CallRow.direction != "internal")
        newest = talks.order_by(CallRow.started_at.desc()).limit(RECORDED)
        calls = [(row.id, row.answered_at, min(row.talk_seconds, LONGEST)) for row in session.scalars(newest)]
    for call_id, answered_at, seconds in calls:
        _recorded(hub, folder, call_id, answered_at, seconds)


def _recorded(hub: Hub, folder: Path, call_id: UUID, began: datetime | None, seconds: float) -> None:
    frames, sound, shape = voices.talk(seconds, str(call_id)), folder / "talk.wav", folder / "talk.json"
    voices.write(sound, frames)
    shape.write_text(voices.waveform(frames))
    audio, drawn = hub.blobs.put(sound), hub.blobs.put(shape)
    with hub.unit_of_work() as session:
        mine = select(RecordingRow).where(RecordingRow.call_id == call_id, RecordingRow.sha256.is_(None))
        row = session.scalars(mine).first() or RecordingRow(
            id=uuid4(), call_id=call_id, reference=f"invented: {call_id}", created_at=clock.now()
        )
        session.add(row)
        work.hold(row, Kept(source="upload", media_type="audio/wav", size=audio.size, sha256=audio.sha256), clock.now())
        row.seconds, row.channels, row.tracks = round(seconds, 1), 2, ["client", "ours"]
        row.started_at, row.peaks_sha256 = began, drawn.sha256
    sound.unlink()
    shape.unlink()


def _last_calls(until: datetime) -> deque[Planned]:
    """Those that ended before `until`."""
    script = Script(2026, until - EARLIER, CLIENTS)
    begun = takewhile(lambda call: call.at < until, script.calls())
    ended = (call for call in begun if call.at + timedelta(seconds=call.seconds) < until)
    return deque(ended, maxlen=EARLIER_CALLS)


def _heard(take: Take) -> Iterator[bytes]:
    """A take as a listener would have stored it."""
    for step in take.capture.steps:
        event = parse(take.text(step).encode())
        yield json.dumps({"at": take.moment(step).isoformat(), "event": event}).encode()


def play(hub: Hub, *, address: str, folder: Path) -> None:
    """Start the phone systems beside a running Hub at `address`, and their days, for as long as the process lives."""
    diary, records = Diary(folder / DIARY), RecordsFile(folder / RECORDS)

    def ended(take: Take) -> None:
        records.add(take)
        diary.write(PBX, truth.entry(take))

    running = ExitStack()
    pbx = Simulator(secret=SECRET)
    pbx.stamps, pbx.pace, pbx.ended = True, clock.speed(), ended
    running.enter_context(pbx)
    with hub.unit_of_work() as session:
        hub.connections.change(session, PBX, {"port": pbx.port})
        desk = hub.connections.named(session, DESK)
    push = next(iter(desk.connector.addresses(desk.settings, f"{address}/hooks/{DESK}").values()))
    since = clock.now()
    seed = int(since.timestamp())
    by_night = clock.speed() == 1  # people come at any hour; where time is faster, the next morning is near
    pusher = running.enter_context(Pusher(push, seed, lambda call: diary.write(DESK, scripted.entry(call))))
    shoppers = [f"+380{client}" for client in CLIENTS]
    calls = Script(seed, since, CLIENTS, CALLS_AN_HOUR, never_closed=by_night).calls()
    pushes = DeskScript(seed, since, shoppers, SHOP, PUSHED_AN_HOUR, never_closed=by_night).calls()
    days = Days(pbx, pusher, calls, pushes)
    threading.Thread(target=days.run, args=(threading.Event(),), name="invented company", daemon=True).start()
