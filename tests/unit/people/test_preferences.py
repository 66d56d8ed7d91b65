"""How somebody likes to work."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from hub.domain.errors import Forbidden, Invalid
from hub.people import preferences
from hub.people.models import UserRow
from hub.people.preferences import CardOpens, Preferences


def test_nothing_chosen_is_the_default() -> None:
    assert preferences.read({}) == preferences.read(None) == Preferences()
    assert Preferences().card_opens is CardOpens.ON_ANSWER


def test_what_means_nothing_today_is_as_good_as_none() -> None:
    assert preferences.read({"card_opens": "tomorrow", "colour": "green"}) == Preferences()
    assert preferences.read({"card_opens": 7}) == Preferences()
    assert preferences.read({"card_opens": "ring"}).card_opens is CardOpens.ON_RING


def test_a_choice_is_kept_and_leaves_the_others_alone(session: Session) -> None:
    since = datetime(2026, 11, 23, tzinfo=UTC)
    user = UserRow(email="a@example.org", name="Anna", roles=[], preferences={"of_a_newer_hub": 1}, created_at=since)
    session.add(user)
    session.flush()
    assert preferences.choose(session, user.id, {"card_opens": "never"}).card_opens is CardOpens.NEVER
    session.flush()
    session.refresh(user)
    assert user.preferences == {"of_a_newer_hub": 1, "card_opens": "never"}
    assert preferences.of_user(session, user.id).card_opens is CardOpens.NEVER
    assert preferences.of_user(session, None) == Preferences()


def test_what_is_no_choice_is_refused_and_names_its_field(session: Session) -> None:
    user = UserRow(email="a@example.org", name="Anna", roles=[], created_at=datetime(2026, 11, 23, tzinfo=UTC))
    session.add(user)
    session.flush()
    for changes, field in (({"card_opens": "sometimes"}, "card_opens"), ({"colour": "green"}, "colour")):
        with pytest.raises(Invalid) as refusal:
            preferences.choose(session, user.id, changes)
        assert refusal.value.field == field
    with pytest.raises(Forbidden):
        preferences.choose(session, None, {"card_opens": "ring"})
