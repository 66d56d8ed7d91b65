"""What is noted about a call while it goes on: saved as it is typed, by more than one person perhaps."""

import re
from hashlib import blake2b

from hub.domain.errors import Invalid

MAX_NOTE = 4000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def cleaned(text: str) -> str | None:
    """A note as it is kept; None when there is nothing in it."""
    note = _CONTROL.sub("\ufffd", text.replace("\r\n", "\n")).strip()
    if len(note) > MAX_NOTE:
        raise Invalid(f"a note has at most {MAX_NOTE} characters", "text")
    return note or None


def version(note: str | None) -> str:
    """What names this text: whoever writes on says which text they read before."""
    return blake2b((note or "").encode("utf-8", "replace"), digest_size=8).hexdigest()
