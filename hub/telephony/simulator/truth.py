"""What truly happens in a take, as people would tell it: the diary of the simulated PBX.

It comes from the notes taken beside each capture of who dialled, spoke and hung up when, never from the events.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

from hub.domain.clock import iso, parse_iso, seconds
from hub.telephony.simulator.captures import Stretch, Take, load

Notes = Mapping[str, Any]
Entry = dict[str, Any]
"""A call under the names the call log's JSON has; `started_at`, `answered_at` and `ended_at` in ISO 8601."""

_COUNTRY = "+380"
_ENDED_BY = {"customer": "client", "manager": "us", "pbx": "system"}
_UNREACHED = {"no answer": "no_answer", "busy": "busy", "congestion": "failed"}
_NOT_PICKED_UP = {
    "ring timeout": "no_answer",
    "phone offline": "no_answer",
    "message left": "no_answer",
    "manager busy": "busy",
    "manager declined": "rejected",
}
_REASONS = {
    "ring timeout": "ring timeout",
    "caller hung up while ringing": "caller gave up",
    "abandoned in queue": "caller gave up",
    "manager busy": "phone busy",
    "manager declined": "declined",
    "phone offline": "phone offline",
    "no answer": "no answer",
    "busy": "busy",
    "congestion": "congestion",
    "manager hung up before answer": "we gave up",
    "manager did not pick up; the customer was never called": "our phone was not picked up",
}


@cache
def notes(title: str) -> Notes:
    """The notes of a capture; its times `t_…` are seconds, and `started_at` is when `t_start` was."""
    found: Notes = json.loads(_file(title, "truth.json"))
    return found


@cache
def records(title: str) -> str:
    """The call detail records the PBX wrote of a capture, as CSV with a header line."""
    return _file(title, "cdr.csv")


def _file(title: str, end: str) -> str:
    return resources.files(__package__).joinpath("captures", f"{title}.{end}").read_text(encoding="utf-8")


def phones(title: str) -> list[str]:
    """Short numbers that ring, talk or dial in a capture."""
    return [one["extension"] for one in notes(title)["managers"]]


def longer(title: str, by: int) -> Stretch | None:
    """`by` whole seconds more of its last talk; None when nobody talks."""
    told, capture = notes(title), load(title)
    talks = [one["talk_seconds"] for one in told["managers"] if one["talk_seconds"]]
    if not talks or not by:
        return None
    end = (parse_iso(told["started_at"]) - capture.began).total_seconds() + told["t_end"] - told["t_start"]
    moments = [step.after for step in capture.steps if end - talks[-1] <= step.after <= end]
    _, quiet = max((later - earlier, (earlier + later) / 2) for earlier, later in pairwise(moments))
    return Stretch(after=quiet, by=by)


def entry(take: Take) -> Entry:
    """The take as the call log must show it."""
    return _Told(take, notes(take.capture.title)).entry()


@dataclass(frozen=True, slots=True)
class _Told:
    take: Take
    notes: Notes

    def entry(self) -> Entry:
        told = self.notes
        longer = self.take.stretch.by if self.take.stretch else 0
        return {
            "provider_call_id": self.take.renamed[told["linkedids"][0]],
            "direction": told["direction"],
            "state": "ended",
            "outcome": self._outcome(),
            "reason": _REASONS.get(told["outcome_detail"] or ""),
            "external_number": self._number(),
            "line": self._line(),
            "queue": told["queue"].split()[0] if told["queue"] else None,
            "started_at": self._shown(told["t_start"]),
            "answered_at": self._shown(told["t_answer"]),
            "ended_at": self._shown(told["t_end"]),
            "ring_seconds": told["ring_seconds"],
            "talk_seconds": told["talk_seconds"] + longer,
            "hold_seconds": told["hold_seconds"],
            "duration_seconds": seconds(self._at(told["t_end"]) - self._at(told["t_start"])),
            "hung_up_by": _ENDED_BY[told["ended_by"]],
            "initiated_by": self._first("caller", "role"),
            "answered_by": None if told["direction"] == "outbound" else self._first(True, "picked_up", "callee"),
            "legs": list(self._legs()),
        }

    def _outcome(self) -> str:
        detail = self.notes["outcome_detail"] or ""
        if detail == "abandoned in queue":
            return "abandoned"
        if self.notes["outcome"] == "not_answered":
            return _UNREACHED.get(detail, "cancelled")
        return str(self.notes["outcome"])

    def _number(self) -> str | None:
        number = self.notes["customer_number"]
        return number and _COUNTRY + self.take.renamed_number(number)[-9:]

    def _line(self) -> str | None:
        """The client was not called, so no line was shown to anybody."""
        unseen = self.notes["direction"] == "outbound" and self.notes["managers"][0]["picked_up"] is False
        never_called = unseen and "click_to_call" in self.notes
        return None if never_called or not self.notes["line"] else f"+{self.notes['line']}"

    def _first(self, value: object, name: str, role: str | None = None) -> str | None:
        """The extension of the first of ours whose note `name` is `value`."""
        ours = (one for one in self.notes["managers"] if role in (None, one["role"]) and one[name] == value)
        return next((self.take.renamed_extension(one["extension"]) for one in ours), None)

    def _at(self, t: float) -> datetime:
        """A moment of the notes in this take's time."""
        captured = parse_iso(self.notes["started_at"]) + timedelta(seconds=t - self.notes["t_start"])
        return self.take.later(captured)

    def _shown(self, t: float | None) -> str | None:
        return None if t is None else iso(self._at(t))

    def _legs(self) -> Iterator[Entry]:
        moves = {move["to"]: move for move in self.notes.get("transfers", ())}
        left = {move["from"]: move["t"] for move in moves.values()}
        for one in self.notes["managers"]:
            if one["role"] == "callee":
                leg = self._moved(moves[one["extension"]]) if one["extension"] in moves else self._called(one)
                gone = left.get(one["extension"], self._gone(one))
                extension = self.take.renamed_extension(one["extension"])
                yield {"extension": extension, "left_at": self._shown(gone), **leg}

    def _called(self, one: Notes) -> Entry:
        detail = self.notes["outcome_detail"] or ""
        return {
            "rang_at": self._shown(self.notes["t_start"]) if one["rang"] else None,
            "answered_at": self._shown(self.notes["t_answer"]) if one["picked_up"] else None,
            "outcome": "answered" if one["picked_up"] else _NOT_PICKED_UP.get(detail, "cancelled"),
            "via": "queue" if self.notes["queue"] else "direct",
        }

    def _gone(self, one: Notes) -> float:
        """Who did not pick up stops ringing when somebody else does, or when it rang long enough."""
        told = self.notes
        if one["picked_up"] or not one["rang"]:
            return float(told["t_end"])
        return float(told["t_answer"] or told["t_start"] + told["ring_seconds"])

    def _moved(self, move: Notes) -> Entry:
        """The phone a call was handed to. When it began to ring in a consultation is not in the notes."""
        blind = move["type"] == "blind"
        picked_up = move["t"] + move["second_ring_seconds"] if blind else move["t"] - move["consultation_seconds"]
        rang = {"rang_at": self._shown(move["t"])} if blind else {}
        return {
            "answered_at": self._shown(picked_up),
            "outcome": "answered",
            "via": f"transfer_{move['type']}",
            **rang,
        }
