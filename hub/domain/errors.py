"""Errors that say what happens next; adapters translate theirs into these at the boundary."""

from datetime import timedelta


class HubError(Exception):
    """Anything Hub itself says no to; the text is for the person who reads it."""


class Unauthentic(HubError):
    """The sender could not prove who it is: 401, nothing stored but a counter."""


class Unrecognised(HubError):
    """Proven sender, unknown shape: the delivery is parked with this reason and can be replayed."""


class Invalid(HubError):
    """Input from a person or a client that cannot be used; names the field when there is one."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class NotFound(HubError):
    """No such thing, or not within the asker's sight: the answer is the same."""


class Forbidden(HubError):
    """In sight, but this role may not do that."""


class LinkAltered(Forbidden):
    """A link that does not open what it points to: changed, or its maker's right is gone."""


class Gone(HubError):
    """It was there once: expired or erased; asking again does not help."""


class Conflict(HubError):
    """The state of things does not allow it now."""


class Stale(Conflict):
    """It was changed since the asker read it: nothing is overwritten; read it anew."""


class Misconfigured(HubError):
    """A setting is wrong: which one, what it got, what it expects."""


class Transient(HubError):
    """It may work later; `after` says when to try again."""

    def __init__(self, message: str, after: timedelta = timedelta(seconds=5)) -> None:
        super().__init__(message)
        self.after = after


class Rejected(HubError):
    """The other side will never take this: a dead letter."""
