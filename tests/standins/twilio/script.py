"""How people behave on the telephone. All times are seconds of the conversation, not of the test."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Somebody who picks up after ringing for `after`, and talks for `talks`, until they or the other one hangs up.

    `redirect`: when the talk is over, nobody hangs up: the leg named (`parent` or `child`) is sent to that address.
    `press`: the key they press when they are asked to.
    """

    after: int = 4
    talks: int = 60
    hangs_up: bool = False
    press: str = ""
    redirect: tuple[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Busy:
    """A phone that is engaged, or (`status`) cannot be reached at all, after so long."""

    after: int = 1
    status: str = "busy"


@dataclass(frozen=True)
class Absent:
    """A phone that rings and rings."""


ABSENT = Absent()
Behaviour = Answers | Busy | Absent


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Somebody who calls, hangs up when nobody answers for `patience`, and leaves a message of so many seconds."""

    number: str
    line: str
    patience: int = 600
    message: int = 0
    fields: Mapping[str, str] = field(default_factory=dict)
