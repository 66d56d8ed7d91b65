"""A card's line of time in words: one entry for each thing that happened, by day."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from flask import url_for
from flask_babel import LazyString, gettext, lazy_gettext, ngettext

from hub.reads.notes import NoteShape
from hub.web.pages import words
from hub.web.pages.people_in_calls import Speaker
from hub.web.pages.results import mark_of
from hub.web.pages.told import tell

KINDS: Mapping[str, tuple[LazyString, tuple[str, ...]]] = {
    "calls": (lazy_gettext("Calls"), ("call",)),
    "notes": (lazy_gettext("Notes"), ("note",)),
    "work": (lazy_gettext("Leads and tasks"), ("lead", "task")),
}
"""The chips above the line, and the kinds of entries each shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line: `said` marks words a person wrote, `address` where more is told, `note` and `result` are a call's."""

    title: str
    at: str
    icon: str
    tone: str = ""
    text: str = ""
    address: str | None = None
    said: bool = False
    note: str = ""
    result: words.Mark | None = None
    player: str | None = None
    """Where the recording of the call is played from, in place."""


@dataclass(frozen=True, slots=True)
class Line:
    """Entries from the reads, the notes they name, what came of the calls, which can be heard, and who says names."""

    speaker: Speaker
    notes: Mapping[str, NoteShape]
    results: Mapping[str, str] = field(default_factory=dict)
    heard: Container[str] = ()

    def days(self, found: Iterable[Mapping[str, Any]]) -> list[tuple[str, list[Entry]]]:
        """Entries under the heading of their day, in the order given (newest first)."""
        entries = [entry for each in found if (entry := self._entry(each)) is not None]
        return [(heading, list(group)) for heading, group in groupby(entries, lambda entry: words.day(entry.at))]

    def _entry(self, found: Mapping[str, Any]) -> Entry | None:
        tell: Mapping[str, Callable[[Mapping[str, Any]], Entry | None]] = {
            "call": self._call,
            "note": self._note,
            "lead": self._lead,
            "task": self._task,
        }
        return tell[found["kind"]](found) if found["kind"] in tell else None

    def _call(self, found: Mapping[str, Any]) -> Entry | None:
        if (call := found["call"]) is None:
            return None
        mark, direction = words.result(call), words.DIRECTIONS[call["direction"]]
        missed = mark.tone == "bad"
        return Entry(
            title=gettext("%(direction)s call: %(result)s", direction=direction.word, result=str(mark.word).lower()),
            at=found["at"],
            icon=mark.icon if missed else direction.icon,
            tone=mark.tone if mark.tone in ("good", "bad") else "",
            text=_joined((self._who(call), *_lengths(call), tell(call["reason"]), tell(found["why"]))),
            note=call["note"] or "",
            result=mark_of(self.results[call["id"]]) if call["id"] in self.results else None,
            address=url_for("pages.call", call_id=call["id"]),
            player=url_for("pages.call_player", call_id=call["id"]) if call["id"] in self.heard else None,
        )

    def _who(self, call: Mapping[str, Any]) -> str:
        person = call["answered_by"] or call["initiated_by"]
        return self.speaker.person(person) if person else ""

    def _note(self, found: Mapping[str, Any]) -> Entry | None:
        if (note := self.notes.get(found["subject"])) is None:
            return None
        author = self.speaker.user_name(note["user_id"]) or gettext("Note")
        return Entry(title=author, at=found["at"], icon="note", text=note["text"], said=True)

    def _lead(self, found: Mapping[str, Any]) -> Entry:
        lead = found["lead"]
        moved = lead and lead["status"] != "new"
        now = gettext("now: %(status)s", status=str(words.LEAD_STATUS[lead["status"]]).lower()) if moved else ""
        text = _joined((self.speaker.lead_source(lead) if lead else "", now, tell(found["why"])))
        return Entry(title=gettext("Lead opened"), at=found["at"], icon="star", tone="accent", text=text)

    def _task(self, found: Mapping[str, Any]) -> Entry:
        task = found["task"]
        title = task_title(task) if task else gettext("Task")
        return Entry(
            title=title, at=found["at"], icon="list-check", text=_joined((_standing(task), tell(found["why"])))
        )


def task_title(task: Mapping[str, Any]) -> str:
    if task["kind"] != "missed_call":
        return str(task["title"])
    return ngettext("Call back: %(num)s try", "Call back: %(num)s tries", task["tries"])


def _standing(task: Mapping[str, Any] | None) -> str:
    if task is None:
        return ""
    if task["state"] == "open":
        return gettext("open, due %(when)s", when=words.short(task["due_at"]))
    return task["close_reason"] or (gettext("done: they have talked since") if task["proof"] else gettext("done"))


def _lengths(call: Mapping[str, Any]) -> Sequence[str]:
    waited = gettext("waited %(time)s", time=words.duration(call["ring_seconds"])) if call["ring_seconds"] else ""
    talked = gettext("talked %(time)s", time=words.duration(call["talk_seconds"])) if call["talk_seconds"] else ""
    return waited, talked


def _joined(parts: Iterable[str | None]) -> str:
    return " · ".join(part for part in parts if part)
