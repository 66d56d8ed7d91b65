"""What can come of a call, as people read it: the company's words; those Hub brings are translated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import LazyString, lazy_gettext

from hub.web.pages.frame import hub
from hub.web.pages.words import Mark

USUAL: Mapping[str, LazyString] = {
    "Agreed": lazy_gettext("Agreed"),
    "Call later": lazy_gettext("Call later"),
    "Not interested": lazy_gettext("Not interested"),
    "Wrong number": lazy_gettext("Wrong number"),
}
KINDS: Mapping[str, tuple[str, str]] = {
    "good": ("circle-check", "good"),
    "later": ("history", "warn"),
    "lost": ("minus", "quiet"),
    "wrong": ("ban", "quiet"),
}
"""The shape and the tone of each kind."""


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    mark: Mark


def choices() -> Sequence[Choice]:
    return [Choice(word, mark_of(word)) for word in hub().rules.results]


def mark_of(word: str) -> Mark:
    """A result with its shape; one the company uses no more has none of a kind."""
    icon, tone = KINDS.get(hub().rules.results.get(word, ""), ("check", "quiet"))
    return Mark(USUAL.get(word, word), icon, tone)
