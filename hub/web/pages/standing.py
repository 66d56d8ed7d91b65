"""A connection's state in a sentence."""

from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext

from hub.domain import clock
from hub.reads.standing import Phones
from hub.web.pages import words

QUIET_AFTER = timedelta(hours=12)
"""A phone system silent for longer than a night is worth a look."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """`tone`: good, warn or bad."""

    words: str
    tone: str


def sentence(phones: Phones) -> Sentence:
    """``connected, last event 4 sec. ago``, or what is wrong since when."""
    last, tone = _last(phones), "warn" if _silent(phones) else "good"
    if phones.state == "new":
        return Sentence(last, tone)
    if not phones.held:
        return Sentence(gettext("nobody listens, %(last)s", last=last), "bad")
    match phones.state:
        case "connected":
            return Sentence(gettext("connected, %(last)s", last=last), tone)
        case "connecting":
            return Sentence(gettext("connecting, %(last)s", last=last), "warn")
    since = words.short(phones.state_at) if phones.state_at else "–"
    return Sentence(gettext("no connection since %(since)s, %(last)s", since=since, last=last), "bad")


def _last(phones: Phones) -> str:
    if phones.last_at is None:
        return gettext("nothing received yet")
    return gettext("last event %(ago)s", ago=words.age(phones.last_at))


def _silent(phones: Phones) -> bool:
    return phones.last_at is None or clock.now() - phones.last_at > QUIET_AFTER
