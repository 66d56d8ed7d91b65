"""A client card as a form: what stands in it, what is wrong with it, and what somebody else changed meanwhile."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import LazyString, gettext, lazy_gettext
from werkzeug.datastructures import MultiDict

from hub.domain.identity import MAX_TYPED, MailAddress, clean
from hub.leads.cards import MAX_IDENTITIES, MAX_NAME, MAX_NOTE, MAX_TAG, MAX_TAGS, CardFields
from hub.web.pages import words

FIELDS: Mapping[str, LazyString] = {
    "name": lazy_gettext("Name"),
    "company": lazy_gettext("Company"),
    "owner_id": lazy_gettext("Owner"),
    "numbers": lazy_gettext("Numbers"),
    "mails": lazy_gettext("E-mail addresses"),
    "tags": lazy_gettext("Tags"),
    "note": lazy_gettext("Remark"),
    "do_not_call": lazy_gettext("Do not call"),
}
EMPTY: Mapping[str, Any] = dict.fromkeys(FIELDS, "") | {"numbers": [], "mails": [], "do_not_call": False}
BIGGEST_ID = 2**31 - 1
Values = Mapping[str, Any]
"""By field: text, a list of texts, or whether it is ticked. Tags are one text with commas."""


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """A field somebody else changed: what stands there `now`, and whether the form took it over."""

    field: str
    now: str
    taken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The form: `base` is what its fields were when it was first opened, `version` of which version that is."""

    values: Values
    base: Values = field(default_factory=lambda: EMPTY)
    version: int | None = None
    problems: Mapping[str, str] = field(default_factory=dict)
    meanwhile: tuple[Meanwhile, ...] = ()

    @property
    def base_text(self) -> str:
        return json.dumps(self.base, ensure_ascii=False)


def of_card(card: Mapping[str, Any], version: int) -> Sheet:
    values = values_of(card)
    return Sheet(values=values, base=values, version=version)


def values_of(card: Mapping[str, Any]) -> Values:
    """A card as the form's fields say it."""
    return {
        "name": words.card_name(card),
        "company": card["company"] or "",
        "owner_id": str(card["owner_id"] or ""),
        "numbers": [words.number(each["e164"]) if each["e164"] else each["typed"] for each in card["numbers"]],
        "mails": list(card["mails"]),
        "tags": ", ".join(card["tags"]),
        "note": card["note"] or "",
        "do_not_call": card["do_not_call"],
    }


def typed(form: MultiDict[str, str]) -> Values:
    """What somebody filled in; fields left empty are none."""
    listed = {name: [text.strip() for text in form.getlist(name) if text.strip()] for name in ("numbers", "mails")}
    return {
        **{name: form.get(name, "").replace("\r\n", "\n").strip() for name in ("name", "company", "owner_id", "tags")},
        **listed,
        "note": form.get("note", "").replace("\r\n", "\n").strip(),
        "do_not_call": "do_not_call" in form,
    }


def base_of(form: MultiDict[str, str]) -> Values:
    """What the form was opened with, as it says itself; nothing when that cannot be read."""
    try:
        told = json.loads(form.get("base", ""))
    except (ValueError, RecursionError):
        return EMPTY
    kept = told if isinstance(told, dict) else {}
    return {name: kept[name] if type(kept.get(name)) is type(empty) else empty for name, empty in EMPTY.items()}


def fields(values: Values) -> CardFields:
    """As the card takes it; `problems` has found nothing wrong."""
    return {
        "name": values["name"],
        "company": values["company"] or None,
        "owner_id": int(values["owner_id"]) if values["owner_id"] else None,
        "numbers": values["numbers"],
        "mails": values["mails"],
        "tags": _tags(values),
        "note": values["note"] or None,
        "do_not_call": values["do_not_call"],
    }


def _tags(values: Values) -> list[str]:
    return [tag for text in values["tags"].split(",") if (tag := text.strip())]


def problems(values: Values, owners: Mapping[int, str]) -> dict[str, str]:
    """What is wrong, by field; `owners`: who may own a card."""
    return dict((*_missing(values, owners), *_too_long(values), *_unfit(values)))


def _missing(values: Values, owners: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    if not clean(values["name"], MAX_NAME):
        yield "name", gettext("Write a name.")
    if values["owner_id"] and _whole(values["owner_id"]) not in owners:
        yield "owner_id", gettext("Choose somebody from the list.")


def _too_long(values: Values) -> Iterator[tuple[str, str]]:
    for name, limit in (("name", MAX_NAME), ("company", MAX_NAME), ("note", MAX_NOTE)):
        if len(values[name]) > limit:
            yield name, gettext("At most %(num)d characters.", num=limit)
    for name in ("numbers", "mails"):
        if len(values[name]) > MAX_IDENTITIES:
            yield name, gettext("At most %(num)d of them.", num=MAX_IDENTITIES)
    tags = _tags(values)
    if len(tags) > MAX_TAGS or any(len(tag) > MAX_TAG for tag in tags):
        yield "tags", gettext("At most %(num)d tags of %(length)d characters each.", num=MAX_TAGS, length=MAX_TAG)


def _unfit(values: Values) -> Iterator[tuple[str, str]]:
    if any(len(text) > MAX_TYPED for text in values["numbers"]):
        yield "numbers", gettext("A number has at most %(num)d characters.", num=MAX_TYPED)
    wrong = [text for text in values["mails"] if MailAddress.parse(text) is None]
    if wrong:
        yield "mails", gettext("“%(text)s” is no e-mail address.", text=clean(wrong[0], MAX_TYPED))


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(BIGGEST_ID)) else None


def met(mine: Values, base: Values, theirs: Mapping[str, Any], version: int, names: Mapping[int, str]) -> Sheet:
    """My form, after somebody changed the card to `theirs`: what I did not touch is taken over, the rest stays mine."""
    now = values_of(theirs)
    changed = [name for name in FIELDS if now[name] not in (base[name], mine[name])]
    taken = {name: now[name] for name in changed if mine[name] == base[name]}
    told = tuple(Meanwhile(name, _said(name, now[name], names), name in taken) for name in changed)
    return Sheet(values={**mine, **taken}, base=now, version=version, meanwhile=told)


def _said(name: str, value: Any, names: Mapping[int, str]) -> str:
    """A field's value for somebody who reads it."""
    if name == "owner_id":
        return names.get(_whole(value) or 0) or gettext("nobody yet")
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return (", ".join(value) if isinstance(value, list) else value) or gettext("empty")
