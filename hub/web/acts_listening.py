"""What is done with recordings: shared by a link, remarked on, graded, opened by breaking the glass. All journalled.

A link is signed and names one recording, its maker and its end. What it may is asked anew each time it is opened: a
maker who may not share the recording any more has no links to it.
"""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from flask import current_app
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.orm import Session

from hub.domain import clock
from hub.domain.access import Permission, Viewer
from hub.domain.errors import Forbidden, Gone, Invalid, LinkAltered, NotFound
from hub.people import glass, journal
from hub.people.models import UserRow
from hub.people.viewers import viewer_of
from hub.reads import listening, reviews
from hub.reads.listening import Playable
from hub.reads.reviews import RemarkShape
from hub.recordings.listening import grading, remarks
from hub.recordings.listening.grading import Asked, Grading
from hub.recordings.listening.models import RemarkRow
from hub.unit_of_work import Hub
from hub.web.acts import Desk, acting

LINK_HOURS = (1, 24, 24 * 7, 24 * 30)
"""How long a link may live."""
REFUSALS, REFUSALS_WITHIN = 20, 600.0
"""From one address so many in so many seconds go into the journal, the others into the log alone: it must not be filled
by whoever knocks."""
NOBODY = Viewer(user_id=None, roles=frozenset())

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a link says."""

    recording_id: UUID
    user_id: int
    ends: datetime


def share(desk: Desk, recording_id: UUID, hours: int) -> tuple[str, datetime]:
    """The word of a link to one recording, and when it ends. Invalid for a length that is not offered."""
    if hours not in LINK_HOURS:
        raise Invalid("choose how long the link opens the recording", "hours")
    with acting(desk) as act:
        row = listening.require(act.session, desk.viewer, recording_id, Permission.RECORDINGS_SHARE)
        ends = (act.now + timedelta(hours=hours)).replace(microsecond=0)
        act.wrote("recording.shared", f"recording:{row.id}", until=clock.iso(ends))
    said = [recording_id.hex, desk.viewer.user_id, int(ends.timestamp())]
    return str(_signer().dumps(said)), ends


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="recording link")


def opened(hub: Hub, word: str, address: str) -> tuple[Playable, Viewer]:
    """What a link opens, and who made it. LinkAltered, Gone: refused, and it stands in the journal."""
    link = _read(hub, word, address)
    if link.ends <= clock.now():
        refused(hub, NOBODY, link.recording_id, "the link has expired", address)
        raise Gone("this link has expired")
    with hub.reading() as session:
        maker = _maker(session, link.user_id)
        try:
            return listening.playable(session, maker, link.recording_id, Permission.RECORDINGS_SHARE), maker
        except NotFound:
            pass
    refused(hub, maker, link.recording_id, "whoever made the link may not share the recording any more", address)
    raise LinkAltered("this link does not open the recording any more")


def _read(hub: Hub, word: str, address: str) -> Link:
    try:
        recording, user_id, ends = _signer().loads(word)
        return Link(recording_id=UUID(recording), user_id=int(user_id), ends=datetime.fromtimestamp(ends, UTC))
    except (BadData, ValueError, TypeError) as error:
        refused(hub, NOBODY, _named(word), "the link was altered", address)
        raise LinkAltered("this link is not whole") from error


def _named(word: str) -> UUID | None:
    """The recording an altered link names, as far as one can tell."""
    try:
        said = _signer().loads_unsafe(word)[1]
        return UUID(said[0]) if isinstance(said, list) and said else None
    except (ValueError, TypeError, AttributeError):
        return None


def _maker(session: Session, user_id: int) -> Viewer:
    row = session.get(UserRow, user_id)
    return viewer_of(session, row) if row is not None and row.active else NOBODY


def refused(hub: Hub, by: Viewer, recording_id: UUID | None, why: str, address: str) -> None:
    """Somebody asked for a recording and does not get it: into the journal, in words."""
    log.warning("a recording was refused", recording=str(recording_id), user=by.user_id, why=why)
    if not _may_write(address):
        return
    with hub.unit_of_work() as session:
        subject = f"recording:{recording_id or 'unknown'}"
        journal.append(session, by, "recording.refused", subject, clock.now(), why=why, address=address)


_knocks: defaultdict[str, deque[float]] = defaultdict(deque)
_lock = threading.Lock()


def _may_write(address: str) -> bool:
    now = time.monotonic()
    with _lock:
        for known in [known for known, knocks in _knocks.items() if knocks and now - knocks[-1] > REFUSALS_WITHIN]:
            del _knocks[known]
        knocks = _knocks[address]
        while knocks and now - knocks[0] > REFUSALS_WITHIN:
            knocks.popleft()
        if len(knocks) >= REFUSALS:
            return False
        knocks.append(now)
        return True


def remark(desk: Desk, recording_id: UUID, second: float, text: str, tag: str) -> RemarkShape:
    """Say something of a second."""
    with acting(desk) as act:
        row = listening.require(act.session, desk.viewer, recording_id, Permission.RECORDINGS_REMARK)
        made = RemarkRow(
            recording_id=row.id, user_id=desk.viewer.user_id, second=second, text=text, tag=tag, created_at=act.now
        )
        remarks.add(act.session, made, row.seconds)
        act.wrote("recording.remarked", f"recording:{row.id}", second=round(second, 1))
        return next(each for each in reviews.remarks(act.session, row.id) if each["id"] == made.id)


def drop_remark(desk: Desk, recording_id: UUID, remark_id: int) -> None:
    """Take one's own remark away."""
    with acting(desk) as act:
        row = listening.require(act.session, desk.viewer, recording_id, Permission.RECORDINGS_REMARK)
        remarks.drop(act.session, row.id, remark_id, desk.viewer.user_id)
        act.wrote("recording.remark_dropped", f"recording:{row.id}")


def grade(desk: Desk, recording_id: UUID, graded_id: int | None, points: Mapping[int, int | None], note: str) -> int:
    """Grade a talk on the score card as it is; again: changed. The score, 0 to 100."""
    if desk.viewer.user_id is None:
        raise Forbidden("only people grade")
    with acting(desk) as act:
        row = listening.require(act.session, desk.viewer, recording_id, Permission.RECORDINGS_GRADE)
        given = grading.answers(grading.questions(act.session), points)
        said = Grading(
            recording_id=row.id, reviewer_id=desk.viewer.user_id, graded_id=graded_id, answers=given, note=note
        )
        score = grading.grade(act.session, said, act.now)
        act.wrote("recording.graded", f"recording:{row.id}", score=score)
        return score


def keep_score_card(desk: Desk, asked: list[Asked]) -> None:
    """These are the questions from now on."""
    with acting(desk) as act:
        grading.keep(act.session, asked)
        act.wrote("scorecard.changed", "scorecard:1", questions=len(asked))


def break_glass(desk: Desk, reason: str, hours: int) -> datetime:
    """Hear what the role keeps shut, for this reason, until then."""
    if desk.viewer.user_id is None or desk.viewer.token:
        raise Forbidden("only people break the glass")
    with acting(desk) as act:
        row = glass.shatter(act.session, desk.viewer.user_id, reason, timedelta(hours=hours), act.now)
        act.wrote("glass.broken", f"user:{desk.viewer.user_id}", reason=row.reason, until=clock.iso(row.until))
        return row.until


def mend_glass(desk: Desk) -> None:
    """Shut it before its time."""
    if desk.viewer.user_id is None:
        raise Forbidden("only people break the glass")
    with acting(desk) as act:
        if glass.mend(act.session, desk.viewer.user_id, act.now):
            act.wrote("glass.mended", f"user:{desk.viewer.user_id}")
