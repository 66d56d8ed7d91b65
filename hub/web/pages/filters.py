"""The call log's filters: from an address to a `CallFilter`, and to chips that can each be taken off."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from flask_babel import LazyString, gettext, lazy_gettext

from hub.domain import clock
from hub.domain.access import Viewer
from hub.domain.calls import CallState, Direction, Outcome
from hub.domain.identity import PhoneNumber, clean
from hub.reads.call_query import CallFilter
from hub.reads.names import Names
from hub.web.pages import results, words

TEXT_LIMIT = 200
FEWEST_DIGITS = 4
"""Shorter runs of digits are looked for as text: an extension, a queue."""
UNSAID, YES, NO, UNHEARD = "none", "yes", "no", "unheard"
OPEN = "open"
"""Beside the outcomes: calls that have none yet."""


@dataclass(frozen=True, slots=True)
class Team:
    name: str
    members: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What it takes to understand a filter: who asks, the names of things, the region of typed numbers."""

    viewer: Viewer
    names: Names
    region: str
    teams: Mapping[int, Team] = field(default_factory=dict)
    clients: Mapping[int, str] = field(default_factory=dict)
    """Cards the viewer sees, by id: those an address may name."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One filter as it stands in the address, and in words."""

    name: str
    value: str
    word: str


@dataclass(slots=True)
class Reading:
    """What the address asks for; `problems` say in words what could not be understood and is left out."""

    wanted: CallFilter = field(default_factory=CallFilter)
    asked: list[Asked] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


Read = Callable[[str, Scene], tuple[Mapping[str, Any], str]]
"""A value and the scene → fields of the CallFilter and the chip's words; ValueError when it makes no sense."""


def parsed(query: str) -> dict[str, str]:
    """The filters of an address that came in a form; nothing else of it."""
    try:
        given = parse_qsl(query, max_num_fields=100)
    except ValueError:
        return {}
    return {name: value for name, value in given if name in READERS}


def read(address: Mapping[str, str], scene: Scene) -> Reading:
    """The filters of an address, in the order they are shown."""
    reading = Reading()
    for name, understand in READERS.items():
        value = clean(address.get(name), TEXT_LIMIT)
        if not value:
            continue
        try:
            fields, word = understand(value, scene)
        except ValueError:
            reading.problems.append(gettext("“%(value)s” makes no sense as a filter and is left out.", value=value))
            continue
        reading.wanted = replace(reading.wanted, **fields)
        reading.asked.append(Asked(name, value, word))
    return reading


def _text(value: str, scene: Scene) -> tuple[Mapping[str, Any], str]:
    """A number in any spelling is looked for as a number, anything else as words."""
    digits = sum(character.isdigit() for character in value)
    if digits >= FEWEST_DIGITS and not any(character.isalpha() for character in value):
        return {"number": PhoneNumber.parse(value, scene.region)}, gettext("number %(value)s", value=value)
    return {"text": value}, f"“{value}”"


def _direction(value: str, _scene: Scene) -> tuple[Mapping[str, Any], str]:
    return {"directions": (Direction(value),)}, str(words.DIRECTIONS[value].word)


def _outcome(value: str, _scene: Scene) -> tuple[Mapping[str, Any], str]:
    if value == OPEN:
        return {"states": (CallState.RINGING, CallState.TALKING)}, gettext("Going on now")
    return {"outcomes": (Outcome(value),)}, str(words.OUTCOMES[value].word)


def _team(value: str, scene: Scene) -> tuple[Mapping[str, Any], str]:
    team = scene.teams.get(int(value))
    if team is None:
        raise ValueError(value)
    return {"users": team.members}, gettext("team %(name)s", name=team.name)


def _client(value: str, scene: Scene) -> tuple[Mapping[str, Any], str]:
    card = int(value)
    if card not in scene.clients:
        raise ValueError(value)
    return {"contact_id": card}, scene.clients[card]


def _user(value: str, scene: Scene) -> tuple[Mapping[str, Any], str]:
    user = int(value)
    if user not in scene.names.users:
        raise ValueError(value)
    return {"users": frozenset({user})}, scene.names.users[user]


def _line(value: str, scene: Scene) -> tuple[Mapping[str, Any], str]:
    name = scene.names.lines.get(value) or words.number(value)
    return {"line": value}, gettext("line %(name)s", name=name)


def _queue(value: str, _scene: Scene) -> tuple[Mapping[str, Any], str]:
    return {"queue": value}, gettext("queue %(name)s", name=value)


def _since(value: str, scene: Scene) -> tuple[Mapping[str, Any], str]:
    day = date.fromisoformat(value)
    return {"since": _midnight(day, scene)}, gettext("from %(day)s", day=words.named(day))


def _until(value: str, scene: Scene) -> tuple[Mapping[str, Any], str]:
    """The day named is still inside."""
    day = date.fromisoformat(value)
    end = _midnight(min(day, date.max - timedelta(days=1)) + timedelta(days=1), scene)
    return {"until": end}, gettext("to %(day)s", day=words.named(day))


def _midnight(day: date, scene: Scene) -> datetime:
    """Days begin where the viewer lives; the years at either end of the calendar belong to nobody's call log."""
    if not 1900 <= day.year <= 9000:
        raise ValueError(day)
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(scene.viewer.timezone))


PERIODS: Mapping[str, tuple[LazyString, int, int]] = {
    "today": (lazy_gettext("Today"), 0, 1),
    "yesterday": (lazy_gettext("Yesterday"), 1, 1),
    "week": (lazy_gettext("Last 7 days"), 6, 7),
    "month": (lazy_gettext("Last 30 days"), 29, 30),
}
"""Word, how many days ago it begins, how many days it lasts."""


def _period(value: str, scene: Scene) -> tuple[Mapping[str, Any], str]:
    if value not in PERIODS:
        raise ValueError(value)
    word, ago, length = PERIODS[value]
    begin = clock.now().astimezone(ZoneInfo(scene.viewer.timezone)).date() - timedelta(days=ago)
    return {"since": _midnight(begin, scene), "until": _midnight(begin + timedelta(days=length), scene)}, str(word)


def _over(value: str, _scene: Scene) -> tuple[Mapping[str, Any], str]:
    minutes = int(value)
    if not 0 < minutes < 24 * 60:
        raise ValueError(value)
    return {"min_talk": minutes * 60.0}, gettext("talked over %(minutes)d min", minutes=minutes)


def _under(value: str, _scene: Scene) -> tuple[Mapping[str, Any], str]:
    minutes = int(value)
    if not 0 < minutes < 24 * 60:
        raise ValueError(value)
    return {"max_talk": minutes * 60.0}, gettext("talked at most %(minutes)d min", minutes=minutes)


def _result(value: str, _scene: Scene) -> tuple[Mapping[str, Any], str]:
    if value == UNSAID:
        return {"unsaid": True}, gettext("No result")
    return {"result": value}, str(results.mark_of(value).word)


def _open(value: str, _scene: Scene) -> tuple[Mapping[str, Any], str]:
    if value != YES:
        raise ValueError(value)
    return {"waiting": True}, gettext("Not called back")


def _recorded(value: str, _scene: Scene) -> tuple[Mapping[str, Any], str]:
    if value == UNHEARD:
        return {"recorded": True, "heard": False}, gettext("Recorded, not listened to")
    if value not in (YES, NO):
        raise ValueError(value)
    return {"recorded": value == YES}, gettext("With a recording") if value == YES else gettext("Without a recording")


def _tag(value: str, _scene: Scene) -> tuple[Mapping[str, Any], str]:
    return {"tag": value}, gettext("tag %(name)s", name=value)


READERS: Mapping[str, Read] = {
    "text": _text,
    "direction": _direction,
    "outcome": _outcome,
    "open": _open,
    "result": _result,
    "client": _client,
    "team": _team,
    "user": _user,
    "period": _period,
    "line": _line,
    "queue": _queue,
    "since": _since,
    "until": _until,
    "over": _over,
    "under": _under,
    "tag": _tag,
    "recorded": _recorded,
}
"""A person is stronger than a team: read later, it is what is asked."""


def quick() -> Iterator[tuple[str, str, str]]:
    """What is asked for again and again, for one click: word, name and value of the filter."""
    yield gettext("Missed"), "outcome", "missed"
    yield gettext("Not called back"), "open", YES
    yield gettext("No result"), "result", UNSAID
    yield gettext("Over 5 min"), "over", "5"
    yield gettext("Today"), "period", "today"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A filter one picks from a list; `options` are (value, word)."""

    name: str
    word: str
    any: str
    chosen: str
    options: tuple[tuple[str, str], ...]
    rare: bool = False
    """Stands among those that are opened first."""


def choices(reading: Reading, scene: Scene) -> Iterator[Choice]:
    names = scene.names
    chosen = {asked.name: asked.value for asked in reading.asked}

    def choice(name: str, word: str, any_word: str, options: Iterator[tuple[str, str]]) -> Choice:
        return Choice(name=name, word=word, any=any_word, chosen=chosen.get(name, ""), options=tuple(options))

    directions = ((value, str(mark.word)) for value, mark in words.DIRECTIONS.items())
    yield choice("direction", gettext("Direction"), gettext("Any direction"), directions)
    yield choice("outcome", gettext("Outcome"), gettext("Any outcome"), _outcomes())
    people = ((str(user), name) for user, name in names.users.items())
    yield choice("user", gettext("Our person"), gettext("Anybody"), people)
    periods = ((value, str(word)) for value, (word, *_) in PERIODS.items())
    yield choice("period", gettext("When"), gettext("Any time"), periods)
    lines = ((number, name or words.number(number)) for number, name in names.lines.items())
    rare = (
        choice("line", gettext("Line"), gettext("Any line"), lines),
        choice("result", gettext("Result"), gettext("Any result"), _results()),
        choice("recorded", gettext("Recording"), gettext("With or without"), _recordings()),
        choice("team", gettext("Team"), gettext("Any team"), _teams(scene)),
    )
    yield from (replace(each, rare=True) for each in rare)


def _teams(scene: Scene) -> Iterator[tuple[str, str]]:
    yield from ((str(team_id), team.name) for team_id, team in scene.teams.items())


def _results() -> Iterator[tuple[str, str]]:
    yield UNSAID, gettext("No result")
    yield from ((each.value, str(each.mark.word)) for each in results.choices())


def _recordings() -> Iterator[tuple[str, str]]:
    yield YES, gettext("With a recording")
    yield NO, gettext("Without a recording")
    yield UNHEARD, gettext("Recorded, not listened to")


def _outcomes() -> Iterator[tuple[str, str]]:
    yield OPEN, gettext("Going on now")
    yield from ((value, str(mark.word)) for value, mark in words.OUTCOMES.items())
