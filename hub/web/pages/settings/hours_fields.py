"""Business hours as a week of text fields: ``9–13, 14–18`` on a day, nothing where it is closed."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext

from hub.domain.hours import DAYS, HOLIDAYS
from hub.web.pages.forms import SHOWN, Problems

SPAN = re.compile(r"(\d{1,2})(?:[:.](\d\d))?\s*[-–—]\s*(\d{1,2})(?:[:.](\d\d))?", re.ASCII)
LONGEST = 4000


def days() -> list[tuple[str, str]]:
    return [
        ("mon", gettext("Monday")),
        ("tue", gettext("Tuesday")),
        ("wed", gettext("Wednesday")),
        ("thu", gettext("Thursday")),
        ("fri", gettext("Friday")),
        ("sat", gettext("Saturday")),
        ("sun", gettext("Sunday")),
    ]


def shown(hours: Mapping[str, Any] | None) -> dict[str, str]:
    """What stands in the fields: of each day, and of the holidays."""
    week = hours or {day: [["09:00", "18:00"]] for day in DAYS[:5]}
    told = {day: ", ".join("–".join(span) for span in week.get(day, [])) for day in DAYS}
    return told | {HOLIDAYS: ", ".join(week.get(HOLIDAYS, []))}


def typed(form: Mapping[str, str]) -> dict[str, str]:
    """The fields as they were sent."""
    return {name: form.get(f"hours-{name}", "")[:LONGEST] for name in (*DAYS, HOLIDAYS)}


def whole(hours: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Hours with every day named, so that two that mean the same are the same."""
    return None if hours is None else {name: hours.get(name, []) for name in (*DAYS, HOLIDAYS)}


def read(form: Mapping[str, str]) -> tuple[dict[str, Any] | None, Problems]:
    """The hours a form says, None for always open, and what is wrong by field."""
    if form.get("open") != "week":
        return None, {}
    fields, problems = typed(form), Problems()
    hours: dict[str, Any] = {}
    for name, text in fields.items():
        try:
            hours[name] = list(_dates(text) if name == HOLIDAYS else _spans(text))
        except ValueError:
            expected = gettext("dates such as 2026-12-25") if name == HOLIDAYS else gettext("hours such as 9–13, 14–18")
            problems[f"hours-{name}"] = gettext(
                "got “%(got)s”, expected %(expected)s", got=text[:SHOWN], expected=expected
            )
    return hours, problems


def _unread(name: str, text: str) -> str:
    expected = gettext("dates such as 2026-12-25") if name == HOLIDAYS else gettext("hours such as 9–13, 14–18")
    return gettext("got “%(got)s”, expected %(expected)s", got=text[:SHOWN], expected=expected)


def _parts(text: str) -> Iterator[str]:
    yield from filter(None, (part.strip() for part in re.split("[,;]", text)))


def _spans(text: str) -> Iterator[list[str]]:
    for part in _parts(text):
        found = SPAN.fullmatch(part)
        if found is None:
            raise ValueError(part)
        opens, closes = _minute(found[1], found[2]), _minute(found[3], found[4])
        if opens == "24:00":
            raise ValueError(part)
        yield [opens, closes]


def _minute(hour: str, minute: str | None) -> str:
    hours, minutes = int(hour), int(minute or 0)
    if minutes > 59 or hours * 60 + minutes > 24 * 60:
        raise ValueError(hour)
    return f"{hours:02}:{minutes:02}"


def _dates(text: str) -> Iterator[str]:
    for part in _parts(text):
        yield date.fromisoformat(part).isoformat()
