"""Every phrase of the pages is there in every language, whole: none missing, none left over, no place lost."""

import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog, Message

from hub.people.users import LANGUAGES
from scripts import phrases

PLACE = re.compile(r"%\(\w+\)[sd]|%%")
OURS = [language for language in LANGUAGES if language != "en"]
HIDDEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Marks nobody sees, which a copied text may bring along."""


@pytest.fixture(scope="module")
def sources() -> Catalog:
    return phrases.sources()


@pytest.fixture(scope="module", params=OURS)
def catalog(request: pytest.FixtureRequest) -> Catalog:
    return phrases.catalog(request.param)


def named(message: Message) -> tuple[str | None, str]:
    return message.context, english(message)[0]


def english(message: Message) -> tuple[str, ...]:
    """Singular and plural, or the one form there is."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def forms(message: Message) -> tuple[str, ...]:
    return (message.string or "",) if not isinstance(message.string, (list, tuple)) else tuple(message.string)


def spelled(message: Message) -> Iterator[tuple[str, str]]:
    """Each form of the other language beside the English one it stands for."""
    told = english(message)
    yield from ((told[min(place, len(told) - 1)], form) for place, form in enumerate(forms(message)))


def messages(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def test_there_is_a_catalog_for_every_language_a_user_can_have() -> None:
    assert phrases.languages() == sorted(OURS)


def test_phrases_are_found_in_python_and_in_templates(sources: Catalog) -> None:
    known = {named(message) for message in messages(sources)}
    marked = {(None, "Sign in"), (None, "Inbound"), ("verb", "Call"), ("moment", "Ended"), (None, "caller gave up")}
    assert marked <= known
    assert (None, "%(num)s try") in known
    files = {file for message in messages(sources) for file, _ in message.locations}
    assert {"hub/web/templates/sign_in.html", "hub/web/pages/words.py", "hub/web/pages/phrases.py"} <= files


def test_the_catalog_holds_the_phrases_of_the_sources_and_no_others(sources: Catalog, catalog: Catalog) -> None:
    """`make phrases` brings them in line; the new ones are then to be translated."""
    assert {named(message) for message in messages(catalog)} == {named(message) for message in messages(sources)}
    assert not catalog.obsolete


def test_every_phrase_is_translated_and_nobody_doubts_it(catalog: Catalog) -> None:
    assert [message.id for message in messages(catalog) if not all(forms(message)) or message.fuzzy] == []


def test_every_plural_has_the_forms_its_language_has(sources: Catalog, catalog: Catalog) -> None:
    counted = {named(message) for message in messages(sources) if len(english(message)) > 1}
    assert catalog.num_plurals == 3
    for message in messages(catalog):
        assert len(forms(message)) == (3 if named(message) in counted else 1), message.id


def test_places_are_those_of_the_english_phrase(catalog: Catalog) -> None:
    for message in messages(catalog):
        places = {place for form in english(message) for place in PLACE.findall(form)}
        for form in forms(message):  # 21 takes the singular too, so that each form needs its number
            assert sorted(PLACE.findall(form)) == sorted(places), form
            assert "%" not in PLACE.sub("", form), form


def test_a_phrase_ends_as_in_english_and_hides_nothing(catalog: Catalog) -> None:
    """Whether it is a sentence, a question or goes on; a shortened word may end in a point of its own."""
    for message in messages(catalog):
        for original, form in spelled(message):
            ends = [(original.endswith(sign), form.endswith(sign)) for sign in (".", "…", "?", ":")]
            shortened = len(re.sub(r"%\(\w+\)s ", "", form)) <= 6 and form.endswith(".")
            labelled = form.endswith(":") and original == "due"
            assert all(one == other for one, other in ends) or shortened or labelled, (original, form)
            assert form.strip() == form or original.strip() != original, form
            assert "!" not in form, form
            assert not HIDDEN.search(form), form
