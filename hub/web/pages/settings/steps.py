"""The steps of a first start: what each is for, where it is done, and whether it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, ngettext

from hub.reads.setup import Setup


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`told`: how it stands, in words. `checks`: a person says that it is right, for there is nothing to count."""

    name: str
    title: str
    why: str
    told: str
    done: bool
    endpoint: str
    act: str
    checks: bool = False


def steps(setup: Setup) -> Sequence[Step]:
    """In the order in which each needs the one before."""
    return (_company(setup), _phone_system(setup), _lines(setup), _people(setup), _rules(setup), _first_call(setup))


def _company(setup: Setup) -> Step:
    done = "company" in setup.checked
    return Step(
        name="company",
        title=gettext("Company"),
        why=gettext(
            "The country whose numbers are typed without a code, the time zone, the address Hub is reached at."
        ),
        told=gettext("Looked at, and right") if done else gettext("Look whether they are right"),
        done=done,
        endpoint="pages.settings_company",
        act=gettext("Look"),
        checks=True,
    )


def _phone_system(setup: Setup) -> Step:
    count = setup.connected
    return _counted(
        count,
        ngettext("%(num)s is connected", "%(num)s are connected", count),
        name="phones",
        title=gettext("Phone system"),
        why=gettext("What you call with: an Asterisk, a Twilio account, or any other system that can push."),
        endpoint="pages.settings",
        act=gettext("Connect"),
    )


def _lines(setup: Setup) -> Step:
    count = setup.lines
    return _counted(
        count,
        ngettext("%(num)s line", "%(num)s lines", count),
        name="lines",
        title=gettext("Lines"),
        why=gettext("Your own numbers: whom each rings, when it is open, whether it is recorded."),
        endpoint="pages.settings_lines",
        act=gettext("Name them"),
    )


def _counted(count: int, told: str, **words: Any) -> Step:
    """A step that is done as soon as there is one."""
    return Step(told=told if count else gettext("None yet"), done=bool(count), **words)


def _people(setup: Setup) -> Step:
    people = ngettext("%(num)s user", "%(num)s users", setup.people)
    phones = ngettext("%(num)s phone", "%(num)s phones", setup.phones) if setup.phones else gettext("no phone yet")
    return Step(
        name="people",
        title=gettext("People and extensions"),
        why=gettext("Who works here, and whose phone is which: else calls show numbers, not names."),
        told=f"{people}, {phones}",
        done=setup.people > 1 and setup.phones > 0,
        endpoint="pages.settings_users",
        act=gettext("Add them"),
    )


def _rules(setup: Setup) -> Step:
    done = setup.rules_changed or "rules" in setup.checked
    return Step(
        name="rules",
        title=gettext("Rules"),
        why=gettext("What a call leads to: a card, a lead, a task to call back, and whose it is."),
        told=gettext("As you want them") if done else gettext("As a sales company expects them; look whether you do"),
        done=done,
        endpoint="pages.settings_rules",
        act=gettext("Look"),
        checks=True,
    )


def _first_call(setup: Setup) -> Step:
    return Step(
        name="call",
        title=gettext("The first call"),
        why=gettext("Call one of your lines: it must stand in the log at once."),
        told=gettext("It is there") if setup.calls else gettext("None has come yet"),
        done=setup.calls,
        endpoint="pages.calls",
        act=gettext("See the calls"),
    )
