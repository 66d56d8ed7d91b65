"""Cards as people keep them: every field bounded, numbers as typed, wrong input refused by its field's name."""

from typing import Any, cast

import pytest

from hub.domain.errors import Invalid, NotFound, Stale
from hub.leads import cards, corrections, relinks
from hub.leads.cards import CardFields
from hub.leads.models import ContactMailRow, ContactNumberRow, ContactRow
from tests.pipeline.leads.words import Desk, answered, mail, minutes


def create(desk: Desk, **fields: Any) -> int:
    with desk.transaction() as session:
        return cards.create(session, cast(CardFields, {"name": "Anna"} | fields), "UA", minutes(0)).id


def edit(desk: Desk, contact_id: int, fields: CardFields) -> None:
    with desk.transaction() as session:
        cards.edit(session, contact_id, fields, "UA", minutes(1))


def numbers(desk: Desk) -> list[tuple[str, str | None]]:
    return [(row.typed, row.e164) for row in desk.rows(ContactNumberRow)]


def test_a_card_says_what_was_said_of_it(desk: Desk) -> None:
    olena = desk.user("olena")
    create(
        desk,
        name="  Anna Koval ",
        company="Koval & Co",
        owner_id=olena,
        tags=["wholesale", "wholesale", " Kyiv "],
        note="Line one\nline two",
        do_not_call=True,
        numbers=["067 123 45 67", "+37167123456"],
        mails=["Anna@Example.com"],
    )
    card = desk.one(ContactRow)
    assert (card.name, card.company, card.owner_id, card.do_not_call) == ("Anna Koval", "Koval & Co", olena, True)
    assert (card.tags, card.note) == (["wholesale", "Kyiv"], "Line one\nline two")
    assert (card.source, card.origin, card.stand_in) == ("person", None, False)
    assert numbers(desk) == [("067 123 45 67", "+380671234567"), ("+37167123456", "+37167123456")]
    assert desk.one(ContactMailRow).address == "anna@example.com"


def test_a_number_nobody_can_read_is_kept_with_the_reason_and_matches_perhaps(desk: Desk) -> None:
    anna = create(desk, numbers=["99 067 123 45 67"])
    row = desk.one(ContactNumberRow)
    assert (row.e164, row.problem, row.tail) == (None, "too long to be a telephone number", "671234567")
    outcome = desk.tell(answered("c1"))
    assert outcome.match.candidates == (outcome.match.contact_id, anna)


def test_an_edit_changes_what_is_given_and_nothing_else(desk: Desk) -> None:
    anna = create(desk, company="Koval & Co", tags=["Kyiv"], numbers=["0671234567", "0501112233"])
    kept = desk.rows(ContactNumberRow)[1].id
    edit(desk, anna, {"name": "Anna K.", "company": None, "numbers": ["050 111 22 33", "0931112233"]})
    card = desk.one(ContactRow)
    assert (card.name, card.company, card.tags) == ("Anna K.", None, ["Kyiv"])
    assert numbers(desk) == [("0501112233", "+380501112233"), ("0931112233", "+380931112233")]
    assert desk.rows(ContactNumberRow)[0].id == kept


def test_addresses_are_a_whole_list_too(desk: Desk) -> None:
    anna = create(desk, mails=["anna@example.com", "koval@example.com"])
    edit(desk, anna, {"mails": ["Koval@example.com", "new@example.com"]})
    assert [row.address for row in desk.rows(ContactMailRow)] == ["koval@example.com", "new@example.com"]


def test_a_card_hub_made_is_a_persons_once_it_is_edited(desk: Desk) -> None:
    card_id = desk.tell(answered("c1")).match.contact_id or 0
    edit(desk, card_id, {"note": "asked for a catalogue"})
    assert desk.one(ContactRow).stand_in is False
    assert desk.one(ContactRow).origin == "tel:+380671234567"


def test_an_address_taken_off_the_card_hub_made_gets_a_card_of_its_own(desk: Desk) -> None:
    card_id = desk.tell(mail("m1", addresses=("anna@example.com",))).match.contact_id or 0
    edit(desk, card_id, {"mails": []})
    assert desk.tell(mail("m2", 5, addresses=("anna@example.com",))).match.contact_id not in (None, card_id)


def test_a_new_owner_is_the_owner_of_the_cards_calls(desk: Desk) -> None:
    anna = create(desk, numbers=["0671234567"], mails=["anna@example.com"])
    with desk.transaction() as session:
        for key, asked_at in relinks.waiting(session):
            relinks.done(session, key, asked_at)
    edit(desk, anna, {"owner_id": desk.user("olena")})
    with desk.transaction() as session:
        assert [key for key, _ in relinks.waiting(session)] == ["mail:anna@example.com", "tel:+380671234567"]


def test_one_number_can_be_taken_off(desk: Desk) -> None:
    anna, boris = create(desk, numbers=["0671234567", "0501112233"]), create(desk)
    first = desk.rows(ContactNumberRow)[0].id
    with pytest.raises(NotFound), desk.transaction() as session:
        cards.remove_number(session, boris, first, minutes(1))
    with desk.transaction() as session:
        cards.remove_number(session, anna, first, minutes(1))
    assert numbers(desk) == [("0501112233", "+380501112233")]


REFUSED: list[tuple[str, Any]] = [
    ("name", ""),
    ("name", " \t "),
    ("name", "x" * 201),
    ("company", "x" * 201),
    ("note", "x" * 5001),
    ("tags", ["x"] * 21),
    ("tags", ["x" * 51]),
    ("tags", [""]),
    ("owner_id", 999),
    ("numbers", ["1" * 65]),
    ("numbers", [""]),
    ("numbers", [f"+3806712345{n:02}" for n in range(21)]),
    ("mails", ["anna"]),
    ("mails", [f"a{n}@example.com" for n in range(21)]),
]


def test_what_cannot_be_is_refused_by_name(desk: Desk) -> None:
    anna = create(desk)
    for field, value in REFUSED:
        with pytest.raises(Invalid) as refused:
            create(desk, **{field: value})
        assert refused.value.field == field
        with pytest.raises(Invalid) as refused:
            edit(desk, anna, cast(CardFields, {field: value}))
        assert refused.value.field == field
    assert (desk.one(ContactRow).id, desk.one(ContactRow).name) == (anna, "Anna")


def test_what_cannot_be_stored_is_replaced(desk: Desk) -> None:
    create(desk, name="An\x00na\ud800", note="a\x00\nb")
    assert (desk.one(ContactRow).name, desk.one(ContactRow).note) == ("An\ufffdna\ufffd", "a\ufffd\nb")


def test_no_such_card(desk: Desk) -> None:
    with pytest.raises(NotFound):
        edit(desk, 999, {"name": "x"})
    with pytest.raises(NotFound), desk.transaction() as session:
        corrections.choose(session, "+380671234567", 999, None, minutes(0))


def test_a_choice_needs_a_whole_number(desk: Desk) -> None:
    anna = create(desk)
    for typed in ("0671234567", "+380 67 123 45 67", "101", "", "anonymous"):
        with pytest.raises(Invalid) as refused, desk.transaction() as session:
            corrections.choose(session, typed, anna, None, minutes(0))
        assert refused.value.field == "number"


def test_each_edit_is_a_version_and_who_edits_an_older_one_is_told(desk: Desk) -> None:
    anna = create(desk, numbers=["0671234567"])
    assert desk.one(ContactRow).version == 1
    with desk.transaction() as session:
        cards.edit(session, anna, {"name": "Anna K."}, "UA", minutes(1), version=1)
    with pytest.raises(Stale, match="somebody changed this card meanwhile"), desk.transaction() as session:
        cards.edit(session, anna, {"name": "Anna L.", "numbers": []}, "UA", minutes(2), version=1)
    card = desk.one(ContactRow)
    assert (card.name, card.version, len(numbers(desk))) == ("Anna K.", 2, 1)
    edit(desk, anna, {"name": "Anna L."})
    assert desk.one(ContactRow).version == 3


def test_what_follows_from_calls_is_no_version(desk: Desk) -> None:
    create(desk, numbers=["0671234567"])
    desk.tell(answered("c1"))
    assert desk.one(ContactRow).version == 1
