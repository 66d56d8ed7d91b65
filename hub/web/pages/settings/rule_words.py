"""What a rule does, in words; and what would come of a call that is only thought of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import LazyString, gettext, lazy_gettext, ngettext

from hub.domain.activity import CallKind
from hub.leads.foresight import Foreseen
from hub.leads.rules import Place, Rule
from hub.reads.rules import ANSWERED, CALLS
from hub.web.pages import words
from hub.web.pages.people_in_calls import Speaker
from hub.web.pages.told import tell

KINDS: Mapping[str, LazyString] = {
    "inbound_answered": lazy_gettext("Incoming call, answered"),
    "inbound_missed": lazy_gettext("Incoming call, missed"),
    "outbound_answered": lazy_gettext("Outgoing call, answered"),
    "outbound_unanswered": lazy_gettext("Outgoing call, not answered"),
    "form": lazy_gettext("Form"),
    "mail": lazy_gettext("Letter"),
}
OWNERS: Mapping[str, LazyString] = {
    "answered_by": lazy_gettext("whoever talked"),
    "card_owner": lazy_gettext("the card's owner"),
    "line_owner": lazy_gettext("the line's owner"),
}


def owners_of(kind: str) -> list[str]:
    """Who can be named for this kind: nobody talked in a missed call, and a form comes on no line."""
    if kind in ANSWERED:
        return list(OWNERS)
    return ["card_owner", "line_owner"] if kind in CALLS else ["card_owner"]


def may_task(kind: str) -> bool:
    """Whether somebody may have to call back: not where they talked."""
    return kind not in ANSWERED


def does(place: Place, rule: Rule) -> list[str]:
    """What a rule does, a sentence each; one that says so when it does nothing."""
    return list(_does(place, rule)) or [gettext("Nothing: it stands on the card and in the log")]


def _does(place: Place, rule: Rule) -> Iterator[str]:
    if rule.create_contact and not place.known:
        yield gettext("Makes a card")
    if rule.open_lead:
        yield gettext("Opens a lead, where none is open")
    if rule.open_task and may_task(place.kind):
        yield gettext("Has to be called back within %(time)s of business time", time=minutes(rule.deadline_minutes))


def whose(place: Place, rule: Rule) -> str | None:
    """``For whoever talked, else the card's owner``; None when there is nothing to own."""
    if not list(_does(place, rule)):
        return None
    able = owners_of(place.kind)
    named = [str(OWNERS[rung]) for rung in rule.owners if rung in able]
    return gettext("For %(people)s", people=gettext(", else ").join(named)) if named else gettext("For nobody at first")


def minutes(count: int) -> str:
    """``15 minutes``, ``2 hours``."""
    if count >= 60 and count % 60 == 0:
        return ngettext("%(num)s hour", "%(num)s hours", count // 60)
    return ngettext("%(num)s minute", "%(num)s minutes", count)


@dataclass(frozen=True, slots=True)
class Course:
    """What would come of a call: when somebody answers it, and when nobody does."""

    title: str
    steps: Sequence[str]


def courses(foreseen: Mapping[CallKind, Foreseen], speaker: Speaker) -> list[Course]:
    titles = {
        CallKind.INBOUND_ANSWERED: gettext("When somebody answers"),
        CallKind.INBOUND_MISSED: gettext("When nobody answers"),
    }
    return [Course(titles[kind], list(_course(kind, each, speaker))) for kind, each in foreseen.items()]


def _course(kind: CallKind, foreseen: Foreseen, speaker: Speaker) -> Iterator[str]:
    if foreseen.card is not None:
        yield gettext("It stands on the card of %(name)s", name=words.card_name({"name": foreseen.card.name}))
    elif foreseen.makes_card:
        yield gettext("A card is made for the number")
    else:
        yield gettext("No card is made: it stands in the log alone")
    yield _lead(foreseen, speaker)
    if kind in ANSWERED:
        if foreseen.task is not None:
            yield gettext("The missed call that waits is done: somebody talked")
    elif foreseen.due_at is not None:
        yield _task(foreseen, foreseen.due_at, speaker)
    else:
        yield gettext("Nobody has to call back")


def _lead(foreseen: Foreseen, speaker: Speaker) -> str:
    if foreseen.lead is not None:
        owner = speaker.user_name(foreseen.lead.owner_id)
        return gettext("It joins the open lead of %(name)s", name=owner) if owner else gettext("It joins the open lead")
    if foreseen.opens_lead:
        return gettext("A lead is opened for %(name)s", name=_owner(foreseen, speaker))
    return gettext("No lead is opened")


def _owner(foreseen: Foreseen, speaker: Speaker) -> str:
    """Whose it would be, by the rule's ladder."""
    if foreseen.owner.talked:
        return gettext("whoever answers")
    name = speaker.user_name(foreseen.owner.user_id)
    return name or gettext("nobody at first (%(why)s)", why=tell(foreseen.owner.why))


def _task(foreseen: Foreseen, due_at: datetime, speaker: Speaker) -> str:
    if foreseen.task is not None:
        owner = speaker.user_name(foreseen.task.owner_id) or gettext("nobody yet")
        return gettext(
            "It is one more try of the missed call that waits already, of %(name)s, due %(when)s",
            name=owner,
            when=words.exact(foreseen.task.due_at),
        )
    return gettext(
        "It has to be called back by %(when)s, by %(name)s",
        name=_owner(foreseen, speaker),
        when=words.exact(due_at),
    )
