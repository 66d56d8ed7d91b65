"""Whose contact it is, and the words that say why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from hub.domain.activity import Certainty, Channel, Contacted
from hub.domain.identity import PhoneNumber
from hub.leads.matching import Candidate, Earlier, decide, pinned
from hub.leads.persons import Person

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NUMBER = PhoneNumber.parse("0671234567", "UA")
ANNA = Person(number=NUMBER)
ANNA_WRITES = Person(number=NUMBER, addresses=("anna@example.com",))


def test_exactly_the_number_is_certain() -> None:
    match = decide(ANNA, [Candidate(contact_id=7, number=True)])
    assert (match.contact_id, match.certainty, match.candidates) == (7, Certainty.CERTAIN, (7,))
    assert match.why == "number +380 67 123 4567 stands on this card"


def test_the_last_nine_digits_are_shown_and_decide_nothing() -> None:
    match = decide(ANNA, [Candidate(contact_id=7), Candidate(contact_id=9)])
    assert (match.contact_id, match.certainty, match.candidates) == (None, Certainty.PROBABLE, (7, 9))
    assert match.why == (
        "2 cards have a number with the same last nine digits as number +380 67 123 4567; perhaps the same person"
    )


def test_beside_a_certain_card_the_probable_ones_are_candidates_still() -> None:
    match = decide(ANNA, [Candidate(contact_id=9, number=True), Candidate(contact_id=7)])
    assert (match.contact_id, match.candidates) == (9, (9, 7))


def test_nobody_has_the_number() -> None:
    match = decide(ANNA, [])
    assert (match.contact_id, match.certainty) == (None, Certainty.NONE)
    assert match.why == "no card has number +380 67 123 4567"


def test_without_anything_to_look_for_it_says_why() -> None:
    for typed, why in [("anonymous", "the number is withheld"), ("101", "too short to be an outside number")]:
        told = Contacted(channel=Channel.CALL, subject="c", at=NOON, number=PhoneNumber.parse(typed, "UA"))
        match = decide(Person.of(told), [])
        assert (match.contact_id, match.certainty, match.why) == (None, Certainty.NOT_APPLICABLE, why)


LAST_SEEN = Candidate(contact_id=1, number=True, last_contact_at=NOON)
OTHER = Candidate(contact_id=2, number=True, last_contact_at=NOON - timedelta(days=9))


def test_of_several_cards_one_is_chosen_and_the_reason_told() -> None:
    match = decide(ANNA, [LAST_SEEN, replace(OTHER, open_lead=True)])
    assert match.contact_id == 2
    assert match.why == "2 cards have number +380 67 123 4567; chosen because it has an open lead"
    assert decide(ANNA, [LAST_SEEN, OTHER], choice=2).why.endswith("chosen because a person chose it for this number")
    match = decide(ANNA, [LAST_SEEN, OTHER])
    assert (match.contact_id, match.candidates) == (1, (1, 2))
    assert match.why.endswith("it was in contact last")


def test_a_persons_choice_is_stronger_than_an_open_lead() -> None:
    cards = [Candidate(contact_id=1, number=True), Candidate(contact_id=2, number=True, open_lead=True)]
    assert decide(ANNA, cards, choice=1).contact_id == 1


def test_a_card_a_person_made_is_stronger_than_one_hub_made() -> None:
    cards = [Candidate(contact_id=1, number=True, stand_in=True, open_lead=True), Candidate(contact_id=2, number=True)]
    assert decide(ANNA, cards).contact_id == 2
    assert decide(ANNA, cards).why.endswith("a person made it, the other was made by Hub")


def test_number_and_address_together_are_stronger_than_either() -> None:
    cards = [Candidate(contact_id=1, number=True, open_lead=True), Candidate(contact_id=2, number=True, address=True)]
    match = decide(ANNA_WRITES, cards)
    assert match.contact_id == 2
    assert match.why == (
        "2 cards have number +380 67 123 4567 and address anna@example.com; "
        "chosen because the number and the address stand on it together"
    )


def test_what_was_said_before_holds_though_another_would_be_preferred_today() -> None:
    earlier = Earlier(contact_id=1, why="number +380 67 123 4567 stands on this card")
    match = decide(ANNA, [LAST_SEEN, replace(OTHER, open_lead=True)], earlier=earlier)
    assert (match.contact_id, match.why, match.candidates) == (1, earlier.why, (1, 2))


def test_what_was_said_before_gives_way_to_a_person() -> None:
    earlier = Earlier(contact_id=1, why="before")
    assert decide(ANNA, [LAST_SEEN, OTHER], choice=2, earlier=earlier).contact_id == 2
    cards = [Candidate(contact_id=1, number=True, stand_in=True), Candidate(contact_id=2, number=True)]
    assert decide(ANNA, cards, earlier=earlier).contact_id == 2
    assert decide(ANNA, [Candidate(contact_id=2, number=True)], earlier=earlier).contact_id == 2


def test_a_pinned_contact_is_where_the_person_put_it() -> None:
    match = pinned(5, [Candidate(contact_id=1, number=True), Candidate(contact_id=5)])
    assert (match.contact_id, match.certainty, match.candidates) == (5, Certainty.CERTAIN, (5, 1))
    assert match.why == "a person said that it belongs to this card"


CARDS = st.lists(
    st.builds(
        Candidate,
        contact_id=st.integers(1, 9),
        number=st.booleans(),
        address=st.booleans(),
        stand_in=st.booleans(),
        open_lead=st.booleans(),
        last_contact_at=st.none() | st.integers(0, 3).map(lambda days: NOON - timedelta(days=days)),
    ),
    max_size=6,
    unique_by=lambda card: card.contact_id,
)


@given(CARDS, st.none() | st.integers(1, 9), st.randoms())
def test_the_order_of_candidates_decides_nothing(cards: list[Candidate], choice: int | None, random: Random) -> None:
    mixed = list(cards)
    random.shuffle(mixed)
    first, second = decide(ANNA_WRITES, cards, choice=choice), decide(ANNA_WRITES, mixed, choice=choice)
    assert (first.contact_id, first.certainty, first.why) == (second.contact_id, second.certainty, second.why)
    assert set(first.candidates) == {card.contact_id for card in cards}
    assert (first.contact_id is not None) == any(card.certain for card in cards)
    assert len(first.why) <= 300


@given(CARDS, st.integers(1, 9), st.none() | st.integers(1, 9))
def test_said_again_it_is_the_same(cards: list[Candidate], choice: int, before: int | None) -> None:
    earlier = Earlier(contact_id=before, why="before") if before else None
    first = decide(ANNA, cards, choice=choice, earlier=earlier)
    if first.contact_id is not None:
        again = decide(ANNA, cards, choice=choice, earlier=Earlier(contact_id=first.contact_id, why=first.why))
        assert (again.contact_id, again.why) == (first.contact_id, first.why)
