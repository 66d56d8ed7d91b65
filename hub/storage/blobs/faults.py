"""What a store may fail with."""

import errno

from hub.domain.errors import Transient

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""The disk is full, or as full as we may make it."""


class NoStore(Transient):
    """The store does not answer now: what was to be kept is not kept, what is there is still there."""
