"""Forms of pages: the API's own bounds, what is wrong by field, and a word when somebody else was quicker.

A form says what it was filled in from (`seen`). When that is no longer how the thing stands, nothing is written: the
second person is told who was quicker, keeps what was typed, and may send it again.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from flask import request
from flask_babel import gettext, ngettext
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from sqlalchemy.orm import Session

from hub.domain.errors import HubError, Invalid
from hub.reads import journal
from hub.web.pages import words
from hub.web.pages.frame import BIGGEST_ID
from hub.web.pages.told import tell

Model = TypeVar("Model", bound=BaseModel)
Problems = dict[str, str]
"""What is wrong, by the name of the field; under `WHOLE` what is wrong with all of it."""
WHOLE = ""
SHOWN = 80
"""Characters of what was typed that a refusal repeats."""


def read(model: type[Model], given: Mapping[str, Any]) -> Model:
    """What a form gave, within the bounds of the API's body; ValidationError says what is not."""
    return model.model_validate_json(json.dumps(given))


def whole(text: str) -> int | str:
    """The number somebody chose; what is none stays text, and is refused by name."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(BIGGEST_ID)) else text


def chosen(name: str) -> int | str | None:
    """The id chosen in a list whose first entry is nobody."""
    text = request.form.get(name, "")
    return whole(text) if text else None


def problems(error: ValidationError | HubError, expected: Mapping[str, Any]) -> Problems:
    """What is wrong, by field; `expected` says what a field takes where a pattern would say it badly."""
    if isinstance(error, ValidationError):
        found: Problems = {}
        for one in error.errors():
            found.setdefault(_field(one), said(one, expected.get(_field(one))))
        return found
    if isinstance(error, Invalid) and error.field:
        return {error.field: tell(str(error))}
    return {WHOLE: tell(str(error))}


def _field(one: ErrorDetails) -> str:
    return str(one["loc"][0]) if one["loc"] else WHOLE


def said(one: ErrorDetails, expected: object = None) -> str:
    """One thing that is wrong, in words: what is there, and what is expected."""
    got = one["input"]
    if one["type"] == "missing" or got in ("", None):
        return gettext("fill this in")
    if expected is not None:
        return gettext("got “%(got)s”, expected %(expected)s", got=str(got)[:SHOWN], expected=expected)
    return _bound(one["type"], one.get("ctx", {})) or tell(one["msg"].removeprefix("Value error, "))


def _bound(kind: str, bounds: Mapping[str, Any]) -> str | None:
    match kind:
        case "string_too_long":
            return ngettext("at most %(num)s character", "at most %(num)s characters", bounds["max_length"])
        case "string_too_short":
            return ngettext("at least %(num)s character", "at least %(num)s characters", bounds["min_length"])
        case "too_short":
            return gettext("choose at least one")
        case "too_long":
            return ngettext("at most %(num)s of them", "at most %(num)s of them", bounds["max_length"])
    return None


def mark(shape: object) -> str:
    """What a form is filled in from, as a short word that changes with it."""
    return hashlib.sha256(json.dumps(shape, sort_keys=True, default=str).encode()).hexdigest()[:16]


def overtaken(session: Session, subject: str, shape: object) -> str | None:
    """Who was quicker, in a sentence, when the thing no longer stands as the form saw it."""
    seen = request.form.get("seen")
    if seen is None or seen == mark(shape):
        return None
    last = journal.last(session, subject)
    who, when = (last.who or gettext("a program"), words.age(last.at)) if last else (gettext("somebody"), "–")
    return gettext(
        "%(who)s changed this %(when)s, after you had opened it. Nothing of yours is written yet: "
        "save again to put it in place of theirs.",
        who=who,
        when=when,
    )


def listed(found: Problems, names: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Problems in the order of the form, each with its field's name."""
    for name, problem in sorted(found.items(), key=lambda pair: [*names, pair[0]].index(pair[0])):
        yield str(names.get(name, "")), problem


def changed(given: Mapping[str, Any], shape: Mapping[str, Any]) -> dict[str, Any]:
    """Of what a form gave, that which is not so already: the journal names what was changed and nothing else."""
    return {name: value for name, value in given.items() if name not in shape or value != shape[name]}
