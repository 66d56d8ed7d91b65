"""What can be wrong with a line to a phone system, whatever is spoken on it."""

from hub.domain.errors import Misconfigured, Transient


class Lost(Transient):
    """The line to the PBX is gone or of no use: closed, silent, or not what is spoken there."""


class LoginRefused(Misconfigured):
    """The PBX knows no such user with such a secret, or does not let this address in."""
