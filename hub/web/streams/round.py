"""One look at what is new, for every open page of a process: what several of them are told is found and drawn once."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from hub.domain.access import Permission, Viewer
from hub.reads.live import ChangeShape, Cursor, Sight

Found = TypeVar("Found")
SIGHTS = (Permission.CALLS_READ, Permission.LEADS_READ, Permission.TASKS_READ)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """`missed`: whoever begins here has missed more than is remembered. `roll_call`: time to look who is there."""

    session: Session
    now: datetime
    changes: Sequence[ChangeShape]
    cursor: Cursor
    missed: bool = False
    roll_call: bool = False
    drawing: Callable[[Viewer], AbstractContextManager[Any]]
    """Within it, templates are drawn as this viewer sees them."""
    _found: dict[Hashable, Any] = field(default_factory=dict)

    def once(self, key: Hashable, find: Callable[[], Found]) -> Found:
        """What `find` gives; asked once for each key."""
        if key not in self._found:
            self._found[key] = find()
        found: Found = self._found[key]
        return found

    def seen_by(self, asks: Viewer) -> Sequence[ChangeShape]:
        """The changes within this viewer's sight."""
        if not self.changes:
            return ()
        sight = self.once("sight", lambda: Sight.of(self.session, self.changes))
        return self.once(("seen", eyes(asks)), lambda: sight.of_these(asks, self.changes))

    def concerns(self, user_id: int | None, told: Iterable[str]) -> bool:
        """Whether a call has changed that has a phone of this user in it, or that was told of before."""
        if not self.changes:
            return False
        users, calls = self.once("called", self._called)
        return user_id in users or not calls.isdisjoint(told)

    def _called(self) -> tuple[set[int], set[str]]:
        calls = [change["body"] for change in self.changes if change["subject"].startswith("call:")]
        legs = {leg["user_id"] for call in calls for leg in call.get("legs", ())}
        return legs - {None}, {call["id"] for call in calls}


@lru_cache(maxsize=10_000)
def eyes(viewer: Viewer) -> Hashable:
    """Viewers with equal eyes see the same things, in the same words."""
    reach = tuple(viewer.users_in_reach(permission) for permission in SIGHTS)
    rights = frozenset(permission for permission in Permission if viewer.can(permission))
    return reach, rights, viewer.roles, viewer.client, viewer.language, viewer.timezone
