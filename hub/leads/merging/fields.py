"""What stands on the card itself: joined, and parted again where nobody has changed it since."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.leads import cards
from hub.leads.models import ContactRow


def join(kept: ContactRow, gone: ContactRow) -> dict[str, Any]:
    """Fill what the card lacks; gives for each field what it was and what it is now."""
    note = "\n".join(filter(None, (kept.note, gone.note))) or None
    wanted = {
        "company": kept.company or gone.company,
        "owner_id": kept.owner_id if kept.owner_id is not None else gone.owner_id,
        "tags": list(dict.fromkeys([*kept.tags, *gone.tags]))[: cards.MAX_TAGS],
        "note": note[: cards.MAX_NOTE] if note else None,
        "do_not_call": kept.do_not_call or gone.do_not_call,
    }
    fields = {name: [getattr(kept, name), value] for name, value in wanted.items() if getattr(kept, name) != value}
    for name, value in wanted.items():
        setattr(kept, name, value)
    last = max((each for each in (kept.last_contact_at, gone.last_contact_at) if each), default=None)
    fields["last_contact_at"] = [_iso(kept.last_contact_at), _iso(last)]
    kept.last_contact_at = last
    kept.stand_in = False
    kept.version += 1
    return fields


def part(kept: ContactRow, fields: dict[str, Any]) -> None:
    """A field that is as merging left it is as before again; one a person has changed since stays theirs."""
    first, last = fields["last_contact_at"]
    if _iso(kept.last_contact_at) == last:
        kept.last_contact_at = datetime.fromisoformat(first) if first else None
    for name, (before, after) in fields.items():
        if name != "last_contact_at" and getattr(kept, name) == after:
            setattr(kept, name, before)
    kept.version += 1


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def free_origin(session: Session, origin: str | None) -> str | None:
    """What the card was made for, unless Hub has made another card for it since."""
    taken = origin is not None and session.scalar(select(ContactRow.id).where(ContactRow.origin == origin))
    return None if taken else origin
