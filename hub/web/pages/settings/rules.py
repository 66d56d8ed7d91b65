"""The rule table as a grid: kinds of contacts down, lines across; each cell in words, and changed in place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import LazyString, gettext, lazy_gettext
from pydantic import ValidationError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.domain.access import Permission
from hub.domain.errors import NotFound
from hub.leads.rules import ANY_LINE, Place, Rule
from hub.reads import people, rules
from hub.reads.people import LineShape
from hub.reads.rules import CALLS, KINDS, Table
from hub.web import acts_admin
from hub.web.auth import needs
from hub.web.pages import forms
from hub.web.pages.forms import WHOLE, Problems
from hub.web.pages.frame import desk, for_a_part, hub, pages, typed
from hub.web.pages.settings import rule_words, what_if
from hub.web.pages.settings.sections import page

CELL = "/settings/rules/<kind>/<who>"
WHO = {"new": False, "known": True}
FEW = 4
"""So many lines have a column from the start; of more, those with rules of their own and the one that is asked for."""
FIELDS: Mapping[str, LazyString] = {
    "create_contact": lazy_gettext("Make a card"),
    "open_lead": lazy_gettext("Open a lead"),
    "open_task": lazy_gettext("Has to be called back"),
    "deadline_minutes": lazy_gettext("Within so many minutes of business time"),
    "owners": lazy_gettext("For whom"),
}
EXPECTED: Mapping[str, LazyString] = {
    "deadline_minutes": lazy_gettext("a whole number from 1 to 10080, which is a week"),
    "owners": lazy_gettext("one of the answers in the list"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """`own` False: this line has no rule of its own here."""

    place: Place
    who: str
    does: Sequence[str]
    whose: str | None
    own: bool
    usual: bool

    @property
    def id(self) -> str:
        return f"{self.place.kind}-{self.who}-{self.place.line.strip('+') or 'all'}"


@dataclass(frozen=True, slots=True)
class Row:
    """`cells`: for all lines first, then for each line shown; no cell where a kind comes on no line."""

    kind: LazyString
    who: LazyString
    cells: Sequence[Cell | None]


@pages.get("/settings/rules", endpoint="settings_rules")
@needs(Permission.RULES_WRITE)
def grid() -> str:
    with hub().reading() as session:
        table, lines = rules.table(session), people.lines(session)
        tested = what_if.tested(session)
    shown = _shown(table, lines, typed("line"))
    rows = [_row(table, kind, who, [line["number"] for line in shown]) for kind in KINDS for who in ("new", "known")]
    rest = [line for line in lines if line not in shown]
    return page(
        "rules", rows=rows, shown=shown, rest=[(line["number"], what_if.called(line)) for line in rest], **tested
    )


def _shown(table: Table, lines: Sequence[LineShape], asked: str) -> list[LineShape]:
    own = {place.line for place in table.written}
    return [line for line in lines if len(lines) <= FEW or line["number"] in own or line["number"] == asked]


def _row(table: Table, kind: str, who: str, lines: Sequence[str]) -> Row:
    places = [Place(kind, WHO[who], line) for line in (ANY_LINE, *lines)]
    cells = [_cell(table, place) if kind in CALLS or place.line == ANY_LINE else None for place in places]
    return Row(rule_words.KINDS[kind], _who(who), cells)


def _who(who: str) -> LazyString:
    return lazy_gettext("of a known client") if WHO[who] else lazy_gettext("of somebody new")


def _cell(table: Table, place: Place) -> Cell:
    rule = table.of(place)
    return Cell(
        place=place,
        who="known" if place.known else "new",
        does=rule_words.does(place, rule),
        whose=rule_words.whose(place, rule),
        own=table.own(place) is not None,
        usual=rules.is_usual(place, rule),
    )


@pages.get(CELL, endpoint="settings_rule")
@needs(Permission.RULES_WRITE)
def rule(kind: str, who: str) -> str:
    """The form of a cell; inside the grid it takes the place of the words, and `words` brings them back."""
    with hub().reading() as session:
        place, table = _place(session, kind, who), rules.table(session)
        if "words" in request.args:
            return _words(table, place)
        return _form(session, place, table, table.of(place))


@pages.post(CELL, endpoint="settings_edit_rule")
@needs(Permission.RULES_WRITE)
def edit(kind: str, who: str) -> Response | str | tuple[str, int]:
    with hub().reading() as session:
        place, table = _place(session, kind, who), rules.table(session)
        quicker = forms.overtaken(session, f"rule:{place}"[:64], table.of(place))
    given = _given(place, table.of(place))
    problems: Problems = {} if quicker is None else {WHOLE: quicker}
    try:
        wanted = forms.read(acts_admin.RuleBody, given).rule()
        if not problems and wanted.open_lead and not (wanted.create_contact or place.known):
            problems = {"open_lead": gettext("a lead stands on a card: make one too")}
        if not problems:
            acts_admin.set_rule(desk(), place, wanted)
    except ValidationError as error:
        problems = forms.problems(error, EXPECTED)
    if problems:
        with hub().reading() as session:
            status = 422 if for_a_part() or quicker is None else 409
            return _form(session, place, rules.table(session), given, problems), status
    return _saved(place)


@pages.post(f"{CELL}/as-usual", endpoint="settings_drop_rule")
@needs(Permission.RULES_WRITE)
def as_usual(kind: str, who: str) -> Response | str:
    """A line's own rule goes; the one for all lines becomes what it was at first."""
    with hub().reading() as session:
        place = _place(session, kind, who)
    acts_admin.drop_rule(desk(), place)
    return _saved(place)


def _saved(place: Place) -> Response | str:
    if for_a_part():
        with hub().reading() as session:
            return _words(rules.table(session), place)
    flash(gettext("The rule is saved"))
    return redirect(url_for("pages.settings_rules"), 303)


def _words(table: Table, place: Place) -> str:
    return render_template("settings/rule_cell.html", cell=_cell(table, place), fresh=True)


def _place(session: Session, kind: str, who: str) -> Place:
    """The cell of an address; NotFound when there is none."""
    line = typed("line")
    if line and not line.startswith("+"):
        line = f"+{line}"  # a plus sign in an address is a space
    known_line = not line or (kind in CALLS and any(each["number"] == line for each in people.lines(session)))
    if kind not in KINDS or who not in WHO or not known_line:
        raise NotFound("no such rule")
    return Place(kind, WHO[who], line)


def _given(place: Place, kept: Rule) -> dict[str, Any]:
    """What the form says; what it does not ask for this kind stays as it is."""
    form = request.form
    able = rule_words.owners_of(place.kind)
    asked = [form.get(f"owner-{number}", "") for number in range(len(able))]
    task = rule_words.may_task(place.kind)
    return {
        "create_contact": kept.create_contact if place.known else "create_contact" in form,
        "open_lead": "open_lead" in form,
        "open_task": "open_task" in form if task else kept.open_task,
        "owners": [rung for rung in asked if rung] + [rung for rung in kept.owners if rung not in (*able, "default")],
        "deadline_minutes": forms.whole(form.get("deadline_minutes", "")) if task else kept.deadline_minutes,
    }


def _form(
    session: Session, place: Place, table: Table, filled: Rule | Mapping[str, Any], problems: Problems | None = None
) -> str:
    able = rule_words.owners_of(place.kind)
    values = filled if isinstance(filled, Mapping) else _values(filled)
    chosen = [rung for rung in values["owners"] if rung in able]
    line = next((each for each in people.lines(session) if each["number"] == place.line), None)
    shown = {
        "cell": _cell(table, place),
        "kind": rule_words.KINDS[place.kind],
        "who_words": _who("known" if place.known else "new"),
        "where": what_if.called(line) if line else gettext("All lines"),
        "values": values,
        "may_task": rule_words.may_task(place.kind),
        "owners": [(number, chosen[number] if number < len(chosen) else "") for number in range(len(able))],
        "rungs": [(rung, rule_words.OWNERS[rung]) for rung in able],
        "seen": forms.mark(table.of(place)),
        "fields": FIELDS,
        "problems": problems or {},
        "told": list(forms.listed(problems or {}, FIELDS)),
        "in_place": for_a_part(),
    }
    return render_template("settings/rule_form.html", **shown) if for_a_part() else page("rule", **shown)


def _values(rule: Rule) -> dict[str, Any]:
    return {
        "create_contact": rule.create_contact,
        "open_lead": rule.open_lead,
        "open_task": rule.open_task,
        "owners": rule.owners,
        "deadline_minutes": rule.deadline_minutes,
    }
