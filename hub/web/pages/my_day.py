"""My day: what is due, missed by me, my leads without an answer, what is done; one key takes the next."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.domain import clock
from hub.domain.access import Permission
from hub.reads import cards, my_day
from hub.reads.my_day import Day
from hub.reads.names import colleagues, names
from hub.web.auth import needs, viewer
from hub.web.pages import words
from hub.web.pages.clients import REASONS
from hub.web.pages.frame import hub, pages
from hub.web.pages.people_in_calls import Speaker
from hub.web.pages.timeline import task_title


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to do. `name` is its own (``task-5``); `since` what its clock runs from, `late` whether it is."""

    name: str
    title: str
    whom: str
    since: str
    address: str
    late: bool = False
    number: str | None = None
    contact_id: int | None = None
    task: Mapping[str, Any] | None = None
    told: str = ""


@pages.get("/my-day", endpoint="my_day")
@needs(Permission.TASKS_WRITE)
def mine() -> str:
    with hub().reading() as session:
        found = _day(session)
        drawing = Drawing.of(session, found)
        users = colleagues(session)
    due, missed, leads = drawing.due(found), drawing.missed(found), drawing.leads(found)
    return render_template(
        "my_day.html",
        groups=[
            ("due", gettext("Due today"), due, gettext("Nothing is due today.")),
            ("missed", gettext("Missed by me"), missed, gettext("Nobody waits for your call.")),
            ("leads", gettext("My new leads"), leads, gettext("Every lead of yours has had its answer.")),
        ],
        later=[drawing.task(task) for task in found.later],
        first=next(iter((*due, *missed, *leads)), None),
        done=_done(found),
        closed=found.done.tasks,
        task_title=task_title,
        users=users,
        reasons=REASONS,
    )


@pages.get("/my-day/next", endpoint="my_day_next")
@needs(Permission.TASKS_WRITE)
def following() -> Response:
    """On to what is to be done after the thing that is named, or first of all; back to the day when that was all."""
    with hub().reading() as session:
        found = _day(session)
        items = list(Drawing.of(session, found).all(found))
    names_of = [item.name for item in items]
    before = request.args.get("after", "")
    place = names_of.index(before) + 1 if before in names_of else 0
    return redirect(items[place].address if place < len(items) else url_for("pages.my_day"), 303)


def _day(session: Session) -> Day:
    here = clock.now().astimezone(ZoneInfo(viewer().timezone))
    begin = datetime.combine(here.date(), time.min, tzinfo=here.tzinfo)
    return my_day.day(session, viewer(), begin, begin + timedelta(days=1))


def _done(found: Day) -> str:
    """The day so far in a sentence."""
    talks = ngettext("%(num)s talk", "%(num)s talks", found.done.calls)
    tasks = ngettext("%(num)s task done", "%(num)s tasks done", len(found.done.tasks))
    return gettext(
        "%(talks)s, %(time)s; %(tasks)s", talks=talks, time=words.total(found.done.talk_seconds), tasks=tasks
    )


@dataclass(frozen=True, slots=True)
class Drawing:
    """Makes items of tasks and leads; knows the first number of each card."""

    speaker: Speaker
    numbers: Mapping[int, str]
    now: datetime

    @classmethod
    def of(cls, session: Session, found: Day) -> "Drawing":
        """Of cards out of sight there is no number to call."""
        wanted = {each["contact_id"] for each in (*found.due, *found.missed, *found.leads, *found.later)}
        seen = cards.some(session, viewer(), [each for each in wanted if each is not None])
        numbers = {card["id"]: next((one["e164"] for one in card["numbers"] if one["e164"]), "") for card in seen}
        return cls(Speaker(names(session)), {card: number for card, number in numbers.items() if number}, clock.now())

    def all(self, found: Day) -> Iterator[Item]:
        yield from (*self.due(found), *self.missed(found), *self.leads(found))

    def due(self, found: Day) -> list[Item]:
        return [self.task(task) for task in found.due]

    def missed(self, found: Day) -> list[Item]:
        return [self.task(task) for task in found.missed]

    def leads(self, found: Day) -> list[Item]:
        return [self._lead(lead) for lead in found.leads]

    def task(self, task: Mapping[str, Any]) -> Item:
        name = f"task-{task['id']}"
        number = task["number"] or self.numbers.get(task["contact_id"] or 0)
        whom = words.card_name(task["contact"]) if task["contact"] else words.number(number) if number else ""
        return Item(
            name=name,
            title=task_title(task),
            whom=whom,
            since=task["due_at"],
            late=clock.parse_iso(task["due_at"]) <= self.now,
            address=_address(name, task["contact_id"], number),
            number=number,
            contact_id=task["contact_id"],
            task=task,
        )

    def _lead(self, lead: Mapping[str, Any]) -> Item:
        name = f"lead-{lead['id']}"
        return Item(
            name=name,
            title=gettext("New lead"),
            whom=words.card_name(lead["contact"]) if lead["contact"] else "",
            since=lead["created_at"],
            address=_address(name, lead["contact_id"], None),
            number=self.numbers.get(lead["contact_id"]),
            contact_id=lead["contact_id"],
            told=self.speaker.lead_source(lead),
        )


def _address(name: str, contact_id: int | None, number: str | None) -> str:
    """Where it is done: on the card; without one, among the calls of the number."""
    if contact_id is not None:
        return url_for("pages.client", contact_id=contact_id, day=name)
    return url_for("pages.calls", text=number) if number else url_for("pages.my_day")
