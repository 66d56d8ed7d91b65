"""What would happen if somebody called a line now: whom it rings, what is recorded, what comes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from hub.domain import clock
from hub.domain.identity import PhoneNumber
from hub.domain.routing import Route
from hub.inbox.connections import Connection
from hub.reads import people, rules
from hub.reads.names import names
from hub.reads.people import LineShape, UserShape
from hub.reads.rules import Thought
from hub.switchboard import Switchboard
from hub.web.pages import words
from hub.web.pages.frame import hub, typed
from hub.web.pages.people_in_calls import Speaker
from hub.web.pages.settings import line_words, rule_words
from hub.web.pages.settings.rule_words import Course
from hub.web.pages.told import tell


@dataclass(frozen=True, slots=True)
class Told:
    """What would happen; `problem` instead, when it cannot be said."""

    problem: str | None = None
    who: str = ""
    open: bool = True
    message: bool = False
    steps: Sequence[str] = ()
    recorded: str = ""
    why: str = ""
    courses: Sequence[Course] = ()


def tested(session: Session) -> dict[str, Any]:
    """What the tester shows, by the names its template knows; the address says who calls and which line."""
    lines = people.lines(session)
    asked = _asked(lines)
    told = _told(session, asked) if asked else None
    choices = [(line["number"], called(line)) for line in lines]
    return {"lines": choices, "chosen": asked, "caller": typed("from"), "told": told}


def called(line: LineShape) -> str:
    """A line by its name and number."""
    number = words.number(line["number"])
    return f"{line['name']} · {number}" if line["name"] else number


def _phones(users: Sequence[UserShape], line: LineShape) -> dict[str, int]:
    """Whose each phone of the line's phone system is."""
    here = line["connection"]
    return {
        phone["number"]: user["id"]
        for user in users
        for phone in user["extensions"]
        if here in (None, phone["connection"])
    }


def _asked(found: Sequence[LineShape]) -> LineShape | None:
    """The line somebody thinks of calling, once both are named."""
    wanted = typed("to") if typed("from") else ""
    return next((line for line in found if line["number"] == wanted), None)


def _told(session: Session, line: LineShape) -> Told:
    caller = typed("from")
    if line["connection"] is None:
        return Told(problem=gettext("No phone system brings calls to this line."))
    connection = hub().connections.named(session, line["connection"])
    route, speaker = Switchboard(hub(), connection).route(caller, line["number"]), Speaker(names(session))
    return Told(
        who=_who(route, PhoneNumber.parse(caller, line["region"])),
        open=route.open,
        message=route.voicemail,
        steps=list(line_words.steps(route, speaker, _phones(people.users(session), line))),
        recorded=str(line_words.RECORDING[route.record]),
        why=tell(route.why),
        courses=_courses(session, connection, line, speaker),
    )


def _courses(session: Session, connection: Connection, line: LineShape, speaker: Speaker) -> Sequence[Course]:
    thought = Thought(typed("from"), line["number"], clock.now())
    return rule_words.courses(rules.foreseen(session, connection, thought, hub().rules), speaker)


def _who(route: Route, number: PhoneNumber) -> str:
    """The caller as Hub knows him."""
    if number.e164 is None:
        return gettext("Unknown caller: %(typed)s is no number one could know", typed=number.typed)
    if route.name is None:
        return gettext("New caller %(number)s: no card certainly has this number", number=words.number(number.e164))
    return gettext("%(name)s, %(number)s", name=route.name, number=words.number(number.e164))
