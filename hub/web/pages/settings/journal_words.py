"""What was done, as the journal tells it to people."""

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString, gettext, lazy_gettext, ngettext

from hub.leads.rules import Place, Rule
from hub.reads.journal import Entry
from hub.web.pages.settings import rule_words

ACTIONS: Mapping[str, LazyString] = {
    "user.created": lazy_gettext("added a user"),
    "user.edited": lazy_gettext("changed a user"),
    "user.invited": lazy_gettext("made an invitation"),
    "user.joined": lazy_gettext("chose a password by an invitation"),
    "user.password": lazy_gettext("changed their password"),
    "team.created": lazy_gettext("added a team"),
    "team.edited": lazy_gettext("changed a team"),
    "team.removed": lazy_gettext("removed a team"),
    "token.created": lazy_gettext("made a token"),
    "token.revoked": lazy_gettext("took a token back"),
    "line.created": lazy_gettext("added a line"),
    "line.edited": lazy_gettext("changed a line"),
    "connection.created": lazy_gettext("connected a phone system"),
    "connection.edited": lazy_gettext("changed a connection"),
    "connection.shown": lazy_gettext("looked at the secret addresses of a connection"),
    "connection.replayed": lazy_gettext("tried all deliveries again that waited"),
    "delivery.released": lazy_gettext("tried a delivery again"),
    "rule.changed": lazy_gettext("changed a rule"),
    "guide.checked": lazy_gettext("said of a step of the set-up that it is right"),
    "call.noted": lazy_gettext("wrote on a call"),
    "call.linked": lazy_gettext("said whose call it was"),
    "recording.shared": lazy_gettext("made a link to a recording"),
    "recording.refused": lazy_gettext("asked for a recording and was refused"),
    "recording.remarked": lazy_gettext("commented a recording"),
    "recording.remark_dropped": lazy_gettext("took a comment away"),
    "recording.graded": lazy_gettext("graded a recording"),
    "glass.broken": lazy_gettext("opened recordings to themselves"),
    "glass.mended": lazy_gettext("closed recordings to themselves again"),
    "scorecard.changed": lazy_gettext("changed the score card"),
    "contact.created": lazy_gettext("made a card"),
    "contact.edited": lazy_gettext("changed a card"),
    "contact.noted": lazy_gettext("wrote a note"),
    "lead.opened": lazy_gettext("opened a lead"),
    "lead.worked": lazy_gettext("worked on a lead"),
    "task.promised": lazy_gettext("promised something"),
    "task.closed": lazy_gettext("closed a task"),
    "task.handed_over": lazy_gettext("handed a task over"),
}
KINDS: Mapping[str, LazyString] = {
    "user": lazy_gettext("Users"),
    "team": lazy_gettext("Teams"),
    "token": lazy_gettext("Tokens"),
    "line": lazy_gettext("Lines"),
    "connection": lazy_gettext("Connections"),
    "delivery": lazy_gettext("Deliveries"),
    "rule": lazy_gettext("Rules"),
    "guide": lazy_gettext("Set-up"),
    "call": lazy_gettext("Calls"),
    "recording": lazy_gettext("Recordings"),
    "glass": lazy_gettext("Recordings opened by administrators"),
    "scorecard": lazy_gettext("Score card"),
    "contact": lazy_gettext("Clients"),
    "lead": lazy_gettext("Leads"),
    "task": lazy_gettext("Tasks"),
}


def what(entry: Entry) -> object:
    """What was done; the journal's own word where there is no sentence yet."""
    return ACTIONS.get(entry.action, entry.action)


def more(entry: Entry) -> str:
    """What else is known of it: fields that were changed, how many, how a rule reads now."""
    detail = entry.detail
    if entry.action == "rule.changed":
        return _rule(entry.subject, detail.get("became"))
    if fields := detail.get("fields"):
        return ", ".join(str(field) for field in fields)
    if "count" in detail:
        return ngettext("%(num)s delivery", "%(num)s deliveries", int(detail["count"]))
    return ", ".join(f"{name}: {value}" for name, value in detail.items() if isinstance(value, str | int))


def _rule(subject: str, became: Mapping[str, Any] | None) -> str:
    _, kind, who, line = (*subject.split(":", 3), "", "", "")[:4]
    where = ", ".join(filter(None, (str(rule_words.KINDS.get(kind, kind)), line)))
    if became is None:
        return gettext("%(where)s: as for all lines", where=where)
    rule = Rule(**{**became, "owners": tuple(became["owners"])})
    return f"{where}: {'; '.join(rule_words.does(Place(kind, who == 'known', line), rule))}"
