"""What the search on top does beside finding: call somebody, a new client, go to a place; also in one's own words."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext

from hub.domain.access import Permission
from hub.web.auth import viewer
from hub.web.pages.frame import PLACES

FEWEST = 2
"""Letters before a command is offered: one letter means anything."""


@dataclass(frozen=True, slots=True)
class Command:
    word: str
    icon: str
    address: str


def to_call(query: str) -> str | None:
    """Whom "call …" is about; None when it is no such command, or the viewer may not call."""
    verb, _, whom = query.strip().partition(" ")
    is_verb = verb.casefold() in ("call", gettext("call").casefold())
    return whom.strip() or None if is_verb and viewer().can(Permission.CALLS_ORIGINATE) else None


def matching(query: str) -> Iterator[Command]:
    """The commands that begin like this."""
    typed = " ".join(query.casefold().split())
    if len(typed) < FEWEST:
        return
    if viewer().can(Permission.LEADS_WRITE):
        yield from _new_client(query, typed)
    for place in PLACES:
        english = place.endpoint.removeprefix("pages.").replace("_", " ")
        names = (f"go to {english}", gettext("go to %(place)s", place=place.word).casefold())
        if viewer().can(place.permission) and (_begins(typed, *names, str(place.word).casefold())):
            yield Command(gettext("Go to %(place)s", place=place.word), place.icon, url_for(place.endpoint))


def _new_client(query: str, typed: str) -> Iterator[Command]:
    for phrase in dict.fromkeys(("new client", gettext("new client").casefold())):
        if phrase.startswith(typed):
            yield Command(gettext("New client"), "plus", url_for("pages.client_new"))
            return
        if typed.startswith(f"{phrase} "):
            name = " ".join(query.split())[len(phrase) + 1 :]
            yield Command(gettext("New client “%(name)s”", name=name), "plus", url_for("pages.client_new", name=name))
            return


def meant(query: str) -> str | None:
    """Where Enter leads when what was typed is a whole command; None when it is something to look for."""
    typed = " ".join(query.casefold().split())
    if not typed.startswith(("go to ", "new client", *_own_beginnings())):
        return None
    return next((command.address for command in matching(query)), None)


def _own_beginnings() -> tuple[str, ...]:
    return (f"{gettext('go to %(place)s', place='').strip().casefold()} ", gettext("new client").casefold())


def _begins(typed: str, *phrases: str) -> bool:
    return any(phrase.startswith(typed) for phrase in phrases)
