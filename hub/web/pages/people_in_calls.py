"""Who of ours stands in a call, in words: the last to talk, and how many others."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext, ngettext
from markupsafe import Markup

from hub.reads.names import Names
from hub.web.pages import words
from hub.web.pages.lanes import Bar, Lane


class Speaker:
    """Says names; a phone nobody owns is called by its extension."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def user_name(self, user_id: int | None) -> str | None:
        return self._names.users.get(user_id) if user_id is not None else None

    def line_name(self, number: str | None) -> str | None:
        """A line by its name, else by its number, which need not be one (``sip-trunk-2``)."""
        if number is None:
            return None
        return self._names.lines.get(number) or words.number(number)

    def person(self, person: Mapping[str, Any]) -> str:
        return self.user_name(person["user_id"]) or gettext("Phone %(number)s", number=person["extension"])

    def our_person(self, call: Mapping[str, Any]) -> Markup:
        """For a row of the log: whoever talked last, "+1" when handed on; when nobody talked, whose phone rang."""
        talked = [leg for leg in call["legs"] if leg["answered_at"]]
        caller = call["initiated_by"]
        if caller and call["direction"] != "internal":
            talked.insert(0, caller)
        if talked:
            return Markup("{}{}").format(self.person(talked[-1]), _others(_different(talked) - 1))
        if not call["legs"]:
            return Markup('<span class="quiet">{}</span>').format(self.person(caller) if caller else "–")
        first, rest = self.person(call["legs"][0]), _others(_different(call["legs"]) - 1)
        return Markup('<span class="quiet">{}{}</span>').format(_ringing(call, first), rest)

    def whom(self, call: Mapping[str, Any]) -> str:
        """For a live card: who rings or talks right now."""
        here = [leg for leg in call["legs"] if not leg["left_at"]] or [
            leg for leg in call["legs"] if leg["answered_at"]
        ]
        talking = [leg for leg in here if leg["answered_at"]]
        people = ", ".join(dict.fromkeys(self.person(leg) for leg in talking or here))
        if not call["initiated_by"]:
            return people
        caller = self.person(call["initiated_by"])
        return f"{caller} → {people}" if people and people != caller else caller

    def whom_now(self, call: Mapping[str, Any]) -> str:
        """The same in a sentence while it rings: ``rings Anna, Boris``."""
        people = self.whom(call)
        rings = call["state"] == "ringing" and not call["initiated_by"]
        return gettext("rings %(name)s", name=people) if rings and people else people

    def lead_source(self, lead: Mapping[str, Any]) -> str:
        """Where a lead came from: the channel of its first touch, and the line that was called."""
        channel = str(words.CHANNELS[lead["source"]])
        line = self.line_name(lead["line"])
        return gettext("%(channel)s to %(line)s", channel=channel, line=line) if line else channel

    def lane_words(self, lane: Lane) -> str:
        """A lane for those who do not see it."""
        who = self.person({"user_id": lane.user_id, "extension": lane.extension})
        return ", ".join((who, *(bar_words(bar) for bar in lane.bars)))


def _ringing(call: Mapping[str, Any], name: str) -> str:
    """A phone rings, or rang, or was only tried: it was busy, or offline."""
    if not any(leg["rang_at"] for leg in call["legs"]):
        return gettext("tried %(name)s", name=name)
    if call["state"] == "ringing":
        return gettext("rings %(name)s", name=name)
    return gettext("rang %(name)s", name=name)


def bar_words(bar: Bar) -> str:
    length = words.duration(bar.seconds)
    told = {
        "ring": gettext("rang %(time)s", time=length),
        "talk": gettext("talked %(time)s", time=length),
        "hold": gettext("client on hold %(time)s", time=length),
    }
    return told[bar.kind]


def _different(people: Sequence[Mapping[str, Any]]) -> int:
    return len({person["extension"] for person in people})


def _others(count: int) -> Markup:
    if count < 1:
        return Markup("")
    title = ngettext("and %(num)s more", "and %(num)s more", count)
    return Markup(' <span class="tag" title="{}">+{}</span>').format(title, count)
