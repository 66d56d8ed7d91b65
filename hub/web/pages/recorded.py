"""A recording on the page of its call: the player, the score card beside it, who listened below."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from hub.domain.access import Permission
from hub.reads import listening
from hub.reads.listening import ListeningShape
from hub.reads.shapes import CallShape
from hub.web.auth import viewer
from hub.web.pages import listen
from hub.web.pages.grading import Card, card
from hub.web.pages.people_in_calls import Speaker
from hub.web.pages.player import Player


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A recording on the page of its call. `heard_by` None: who listened is not for this viewer."""

    player: Player
    card: Card | None
    heard_by: Sequence[ListeningShape] | None


def recorded(session: Session, call: CallShape, speaker: Speaker) -> list[Recorded]:
    """The recordings of a call for its page, oldest first."""
    asks = viewer()
    talked = [leg for leg in call["legs"] if leg["answered_at"]]
    ours = [each for each in (call["answered_by"], call["initiated_by"], *talked) if each]
    people = {each["user_id"]: speaker.person(each) for each in ours if each["user_id"]}
    knows = asks.can(Permission.LISTENINGS_READ)
    return [
        Recorded(
            player=each,
            card=card(session, each.id, list(people.items())) if each.plays else None,
            heard_by=listening.listenings(session, asks, UUID(each.id)) if knows else None,
        )
        for each in listen.of_call(session, asks, call)
    ]
