"""Who may do what, and how far they see: the one table (default is no).

`Reach` is how far a permission goes: OWN (took part, or on a card or lead one owns), TEAM, ALL.
Stores and reads turn a reach into a query clause; views name the permission they need.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Role(StrEnum):
    RECEPTION = "reception"
    MANAGER = "manager"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


class Reach(IntEnum):
    NONE = 0
    OWN = 1
    TEAM = 2
    ALL = 3


class Permission(StrEnum):
    """A resource and a verb; API token scopes use the same words."""

    CALLS_READ = "calls:read"
    CALLS_WRITE = "calls:write"
    CALLS_LINK = "calls:link"
    CALLS_ORIGINATE = "calls:originate"
    RECORDINGS_READ = "recordings:read"
    """To listen."""
    RECORDINGS_DOWNLOAD = "recordings:download"
    RECORDINGS_SHARE = "recordings:share"
    RECORDINGS_REMARK = "recordings:remark"
    RECORDINGS_GRADE = "recordings:grade"
    RECORDINGS_ERASE = "recordings:erase"
    """To erase one, and to say that one must stay."""
    LISTENINGS_READ = "listenings:read"
    """Who listened, downloaded, and opened a link."""
    BREAK_GLASS = "recordings:break_glass"
    """To open recordings one may not hear, for a stated reason and a few hours."""
    LEADS_READ = "leads:read"
    LEADS_WRITE = "leads:write"
    TASKS_READ = "tasks:read"
    TASKS_WRITE = "tasks:write"
    EXPORT = "export"
    RECORDINGS_WRITE = "recordings:write"
    LINES_READ = "lines:read"
    LINES_WRITE = "lines:write"
    USERS_READ = "users:read"
    USERS_WRITE = "users:write"
    CONNECTIONS_READ = "connections:read"
    CONNECTIONS_WRITE = "connections:write"
    INBOX_RELEASE = "inbox:release"
    TOKENS_WRITE = "tokens:write"
    RULES_WRITE = "rules:write"
    JOURNAL_READ = "journal:read"
    METRICS_READ = "metrics:read"


_M, _S, _R, _A = Role.MANAGER, Role.SUPERVISOR, Role.RECEPTION, Role.ADMINISTRATOR
_P = Permission
MATRIX: Mapping[Permission, Mapping[Role, Reach]] = {
    _P.CALLS_READ: {_M: Reach.OWN, _S: Reach.TEAM, _R: Reach.ALL, _A: Reach.ALL},
    _P.CALLS_WRITE: {_M: Reach.OWN, _S: Reach.TEAM, _R: Reach.OWN},
    _P.CALLS_LINK: {_M: Reach.OWN, _S: Reach.TEAM, _R: Reach.ALL},
    _P.CALLS_ORIGINATE: {_M: Reach.OWN, _S: Reach.OWN, _R: Reach.OWN},
    _P.RECORDINGS_READ: {_M: Reach.OWN, _S: Reach.TEAM},
    _P.RECORDINGS_DOWNLOAD: {_S: Reach.TEAM},
    _P.RECORDINGS_SHARE: {_S: Reach.TEAM},
    _P.RECORDINGS_REMARK: {_M: Reach.OWN, _S: Reach.TEAM},
    _P.RECORDINGS_GRADE: {_S: Reach.TEAM},
    _P.RECORDINGS_ERASE: {_A: Reach.ALL},
    _P.LISTENINGS_READ: {_S: Reach.TEAM, _A: Reach.ALL},
    _P.BREAK_GLASS: {_A: Reach.ALL},
    _P.LEADS_READ: {_M: Reach.OWN, _S: Reach.TEAM, _R: Reach.ALL, _A: Reach.ALL},
    _P.LEADS_WRITE: {_M: Reach.OWN, _S: Reach.TEAM, _R: Reach.ALL},
    _P.TASKS_READ: {_M: Reach.OWN, _S: Reach.TEAM, _R: Reach.ALL, _A: Reach.ALL},
    _P.TASKS_WRITE: {_M: Reach.OWN, _S: Reach.TEAM, _R: Reach.ALL},
    _P.EXPORT: {_S: Reach.TEAM},
    _P.RECORDINGS_WRITE: {_A: Reach.ALL},
    _P.LINES_READ: {_M: Reach.ALL, _S: Reach.ALL, _R: Reach.ALL, _A: Reach.ALL},
    _P.LINES_WRITE: {_A: Reach.ALL},
    _P.USERS_READ: {_M: Reach.ALL, _S: Reach.ALL, _R: Reach.ALL, _A: Reach.ALL},
    _P.USERS_WRITE: {_A: Reach.ALL},
    _P.CONNECTIONS_READ: {_A: Reach.ALL},
    _P.CONNECTIONS_WRITE: {_A: Reach.ALL},
    _P.INBOX_RELEASE: {_A: Reach.ALL},
    _P.TOKENS_WRITE: {_A: Reach.ALL},
    _P.RULES_WRITE: {_A: Reach.ALL},
    _P.JOURNAL_READ: {_A: Reach.ALL},
    _P.METRICS_READ: {_A: Reach.ALL},
}
API_CLIENT: Mapping[Permission, Reach] = {
    _P.CALLS_READ: Reach.ALL,
    _P.CALLS_WRITE: Reach.ALL,
    _P.CALLS_LINK: Reach.ALL,
    _P.CALLS_ORIGINATE: Reach.ALL,
    _P.RECORDINGS_READ: Reach.ALL,
    _P.RECORDINGS_DOWNLOAD: Reach.ALL,
    _P.LISTENINGS_READ: Reach.ALL,
    _P.LEADS_READ: Reach.ALL,
    _P.LEADS_WRITE: Reach.ALL,
    _P.TASKS_READ: Reach.ALL,
    _P.TASKS_WRITE: Reach.ALL,
    _P.EXPORT: Reach.ALL,
    _P.RECORDINGS_WRITE: Reach.ALL,
    _P.METRICS_READ: Reach.ALL,
}
"""What the CRM may do: a token that an administrator made with the administrator's role, within its scopes."""
GLASS: Mapping[Permission, Mapping[Role, Reach]] = {_P.RECORDINGS_READ: {_A: Reach.ALL}}
"""What is allowed besides, for as long as somebody has broken the glass; a token never has."""


PEOPLE_ALONE = frozenset({_P.TOKENS_WRITE, _P.BREAK_GLASS, _P.RECORDINGS_SHARE, _P.RECORDINGS_ERASE})
"""What no token does, whoever made it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Whoever asks: a signed-in user, a token, or Hub itself (`SYSTEM`).

    `team` are the user ids of the viewer's team, oneself included. A token acts for its creator
    (`user_id`) within its `scopes` (None: all its roles allow), from its `extension` if one is named;
    no token makes tokens.
    """

    user_id: int | None
    roles: frozenset[Role]
    team: frozenset[int] = frozenset()
    token: bool = False
    scopes: frozenset[Permission] | None = None
    extension: str | None = None
    timezone: str = "UTC"
    language: str = "en"
    name: str = ""
    glass_broken: bool = False
    """Whether what is closed to the role was opened for a reason, just now."""

    def reach(self, permission: Permission) -> Reach:
        """How far this viewer's `permission` goes; NONE when it is not held."""
        out_of_scope = self.scopes is not None and permission not in self.scopes
        if out_of_scope or (self.token and permission in PEOPLE_ALONE):
            return Reach.NONE
        reaches = [MATRIX[permission].get(role, Reach.NONE) for role in self.roles]
        if self.glass_broken and not self.token:
            reaches += [reach for role, reach in GLASS.get(permission, {}).items() if role in self.roles]
        if self.client:
            reaches.append(API_CLIENT.get(permission, Reach.NONE))
        return max(reaches, default=Reach.NONE)

    @property
    def client(self) -> bool:
        """Whether this is the CRM, or a script that stands for it."""
        return self.token and Role.ADMINISTRATOR in self.roles

    def can(self, permission: Permission) -> bool:
        return self.reach(permission) > Reach.NONE

    def users_in_reach(self, permission: Permission) -> frozenset[int] | None:
        """The users whose things this viewer sees with `permission`; None means everybody's."""
        reach = self.reach(permission)
        if reach is Reach.ALL:
            return None
        own = frozenset() if self.user_id is None else frozenset({self.user_id})
        return {Reach.NONE: frozenset[int](), Reach.OWN: own, Reach.TEAM: own | self.team}[reach]


def parse_roles(words: Iterable[str]) -> frozenset[Role]:
    """Roles from their names; ValueError names the one that does not exist."""
    return frozenset(Role(word) for word in words)
