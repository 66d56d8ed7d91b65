"""How somebody likes to work: a few choices of one's own, each with what holds until it is made.

A new one is a field of `Preferences` with its default. What is stored of an older or a newer Hub and means nothing to
this one is left where it is and read as the default.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.orm import Session

from hub.domain.errors import Forbidden, Invalid
from hub.people.models import UserRow


class CardOpens(StrEnum):
    """When the card of whoever calls opens by itself for the person whose phone it is."""

    ON_RING = "ring"
    ON_ANSWER = "answer"
    NEVER = "never"


class ClickPhone(StrEnum):
    """Which of one's phones rings when one clicks on a number; the other one only where `THEN` says so."""

    FIRST = "first"
    """The first of them, whatever it is."""
    BROWSER = "browser"
    BROWSER_THEN_DESK = "browser_then_desk"
    DESK = "desk"
    DESK_THEN_BROWSER = "desk_then_browser"


class CallColumn(StrEnum):
    """What the call log shows of a call beside when it was, how it went and with whom."""

    PERSON = "person"
    LINE = "line"
    WAITED = "waited"
    TALKED = "talked"
    RESULT = "result"
    TAGS = "tags"
    NOTE = "note"


class Preferences(BaseModel):
    """What one chose, and the defaults of all the rest."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    card_opens: CardOpens = CardOpens.ON_ANSWER
    click_phone: ClickPhone = ClickPhone.FIRST
    call_columns: tuple[CallColumn, ...] = (
        CallColumn.PERSON,
        CallColumn.LINE,
        CallColumn.WAITED,
        CallColumn.TALKED,
        CallColumn.RESULT,
    )


def read(stored: Mapping[str, Any] | None) -> Preferences:
    """Never raises: a choice that means nothing today is as good as none."""
    told = {name: value for name, value in (stored or {}).items() if name in Preferences.model_fields}
    try:
        return Preferences.model_validate(told)
    except ValidationError as error:
        wrong = {each["loc"][0] for each in error.errors()}
        return Preferences.model_validate({name: value for name, value in told.items() if name not in wrong})


def of_user(session: Session, user_id: int | None) -> Preferences:
    """The choices of this user; the defaults for nobody (a token made at the machine)."""
    row = None if user_id is None else session.get(UserRow, user_id)
    return read(row.preferences if row else None)


def choose(session: Session, user_id: int | None, changes: Mapping[str, object]) -> Preferences:
    """Keep what `changes` names, the rest stays; Invalid names the choice there is no such value for."""
    row = None if user_id is None else session.get(UserRow, user_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise Forbidden("only people have preferences")
    for name in changes:
        if name not in Preferences.model_fields:
            raise Invalid("there is no such preference", name)
    try:
        made = Preferences.model_validate(read(row.preferences).model_dump() | dict(changes))
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        raise Invalid("there is no such choice", name) from error
    row.preferences = row.preferences | {name: made.model_dump(mode="json")[name] for name in changes}
    return made
