"""What people say of calls: notes, the result with what is next, tags; and how they look at the log."""

from collections.abc import Sequence
from uuid import UUID

from hub import pipeline
from hub.domain.access import Permission
from hub.domain.errors import Invalid, Stale
from hub.leads.cards import MAX_TAGS
from hub.people import views
from hub.reads import calls as call_log
from hub.telephony import remarks
from hub.web.acts import Desk, Promise, acting, held_call, promised, write_on_call


def save_note(desk: Desk, call_id: UUID, text: str, was: str) -> str:
    """Keep a note as far as it is typed and give its version.

    Stale when somebody else wrote another since the version it `was`: theirs is not overwritten.
    """
    note = remarks.cleaned(text)
    with acting(desk) as act:
        row = held_call(desk, act, call_id, Permission.CALLS_WRITE)
        if row.note == note:
            return remarks.version(note)
        if remarks.version(row.note) != was:
            raise Stale("somebody else wrote a note meanwhile")
        write_on_call(desk, act, row, {"note": note})
    return remarks.version(note)


def conclude(desk: Desk, call_id: UUID, result: str | None, following: Promise | None) -> None:
    """Say what came of a call, in one of the company's words, and promise what follows from it."""
    with acting(desk) as act:
        row = call_log.require(act.session, desk.viewer, call_id, Permission.CALLS_WRITE)
        if result and result not in (*desk.hub.rules.results, row.disposition):
            raise Invalid("no such result", "result")
        if following is not None:
            promised(desk, act, following)
        row.disposition = result or row.disposition  # last: the pipeline holds a card before its calls
        act.wrote("call.concluded", f"call:{row.id}", result=row.disposition)


def tag(desk: Desk, ids: Sequence[UUID], word: str) -> tuple[int, int]:
    """Put a word on calls: how many have it now, and how many of those named may not be changed by this viewer."""
    with acting(desk) as act:
        rows = call_log.writable(act.session, desk.viewer, ids)
        for connection in sorted({row.connection_id for row in rows}):
            pipeline.open_scene(desk.hub, act.session, connection)
        for row in rows:
            act.session.refresh(row)
            if word not in row.tags and len(row.tags) < MAX_TAGS:
                write_on_call(desk, act, row, {"tags": [*row.tags, word]})
        return sum(word in row.tags for row in rows), len(set(ids)) - len(rows)


def save_view(desk: Desk, place: str, name: str, query: str) -> int:
    """Keep the filters of a list under a name, for oneself."""
    with acting(desk) as act:
        view_id = views.save(act.session, desk.viewer.user_id, place, name, query, act.now)
        act.wrote("view.saved", f"view:{view_id}", place=place)
        return view_id


def forget_view(desk: Desk, view_id: int) -> None:
    with acting(desk) as act:
        views.forget(act.session, desk.viewer.user_id, view_id)
        act.wrote("view.forgotten", f"view:{view_id}")
