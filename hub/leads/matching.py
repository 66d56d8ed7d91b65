"""Identity → known card, several, or nobody. Pure; every answer says why in words for people."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from hub.domain.activity import Certainty, Match
from hub.domain.identity import spoken
from hub.leads.persons import Person

LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A card that has the number, an address, or (neither) a number with the same last nine digits."""

    contact_id: int
    number: bool = False
    address: bool = False
    stand_in: bool = False
    open_lead: bool = False
    last_contact_at: datetime | None = None

    @property
    def certain(self) -> bool:
        return self.number or self.address


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What was said of the same contact before: an answer that still holds is not changed by what came later."""

    contact_id: int
    why: str


def pinned(contact_id: int, candidates: Sequence[Candidate]) -> Match:
    """A person said whose contact this is."""
    others = (found.contact_id for found in candidates if found.contact_id != contact_id)
    return Match(
        contact_id=contact_id,
        certainty=Certainty.CERTAIN,
        why="a person said that it belongs to this card",
        candidates=(contact_id, *others),
    )


def decide(
    person: Person, candidates: Sequence[Candidate], *, choice: int | None = None, earlier: Earlier | None = None
) -> Match:
    """The match for `person`. `choice`: the card a person chose for this number."""
    if person.key is None:
        return Match(contact_id=None, certainty=Certainty.NOT_APPLICABLE, why=person.unusable or "nobody to look for")
    certain = [found for found in candidates if found.certain]
    if not certain:
        return _uncertain(person, candidates)
    chosen, reason = _choose(certain, choice)
    if earlier and _still_holds(earlier, chosen, certain, choice):
        chosen, why = next(found for found in certain if found.contact_id == earlier.contact_id), earlier.why
    else:
        why = _why(person, chosen, len(certain), reason)
    others = (found.contact_id for found in candidates if found.contact_id != chosen.contact_id)
    return Match(
        contact_id=chosen.contact_id,
        certainty=Certainty.CERTAIN,
        why=why,
        candidates=(chosen.contact_id, *others),
    )


def _uncertain(person: Person, candidates: Sequence[Candidate]) -> Match:
    name = _named(person)
    if not candidates:
        return Match(contact_id=None, certainty=Certainty.NONE, why=f"no card has {name}")
    cards = "a card has" if len(candidates) == 1 else f"{len(candidates)} cards have"
    return Match(
        contact_id=None,
        certainty=Certainty.PROBABLE,
        why=f"{cards} a number with the same last nine digits as {name}; perhaps the same person",
        candidates=tuple(found.contact_id for found in candidates),
    )


Rung = tuple[str, Callable[[Candidate], bool]]


def _choose(certain: Sequence[Candidate], choice: int | None) -> tuple[Candidate, str]:
    """The one card of several, and the reason it was preferred (empty when there was no choice)."""
    rungs: tuple[Rung, ...] = (
        ("a person chose it for this number", lambda card: card.contact_id == choice),
        ("the number and the address stand on it together", lambda card: card.number and card.address),
        ("a person made it, the other was made by Hub", lambda card: not card.stand_in),
        ("it has an open lead", lambda card: card.open_lead),
    )
    left, reason = list(certain), ""
    for words, holds in rungs:
        kept = [card for card in left if holds(card)]
        if kept and len(kept) < len(left):
            left, reason = kept, words
    if len(left) == 1:
        return left[0], reason
    return max(left, key=lambda card: (card.last_contact_at or LONG_AGO, -card.contact_id)), "it was in contact last"


def _still_holds(earlier: Earlier, chosen: Candidate, certain: Sequence[Candidate], choice: int | None) -> bool:
    """Whether the card told before stays, though another would be preferred today.

    Only a person's word, or a card a person made instead of Hub's stand-in, changes what was said.
    """
    if choice is not None and chosen.contact_id == choice:
        return earlier.contact_id == choice
    kept = [card for card in certain if card.contact_id == earlier.contact_id]
    return bool(kept) and not (kept[0].stand_in and not chosen.stand_in)


def _why(person: Person, chosen: Candidate, count: int, reason: str) -> str:
    what = _named(person, number=chosen.number, address=chosen.address)
    if count == 1:
        return f"{what} stands on this card"
    return f"{count} cards have {what}; chosen because {reason}"


def _named(person: Person, *, number: bool = True, address: bool = True) -> str:
    """``number +380 67 123 4567 or address anna@example.com``, of the identities asked for."""
    words = []
    if number and person.e164:
        words.append(f"number {spoken(person.e164)}")
    if address and person.addresses:
        words.append(f"address {person.addresses[0]}")
    return " and ".join(words)
