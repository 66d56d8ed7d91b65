"""Looking for one's own cards finds the same, whether they are looked up first or walked past."""

import pytest

from hub.domain import clock
from hub.domain.access import Role, Viewer
from hub.leads import cards as card_work
from hub.people import users
from hub.people.users import NewUser
from hub.reads import cards, own_cards
from hub.telephony import lines
from tests.pipeline.office import Office, talk


@pytest.mark.parametrize("few", [2000, 0])
def test_the_same_cards_are_found_either_way(office: Office, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(own_cards, "FEW", few)
    with office.hub.unit_of_work() as session:
        new = NewUser(email="o@example.org", name="Olena", roles=frozenset({Role.MANAGER}))
        olena = users.create_user(session, new, clock.now()).id
        lines.assign(session, office.ids["acme"], "101", olena)
        for name, owner, number in (("Anna Own", olena, "0671234501"), ("Anna Other", None, "0671234502")):
            card_work.create(session, {"name": name, "owner_id": owner, "numbers": [number]}, "UA", clock.now())
    office.hear(*talk("c1", number="0671234503"))
    viewer = Viewer(user_id=olena, roles=frozenset({Role.MANAGER}), team=frozenset({olena}))
    everybody = Viewer(user_id=None, roles=frozenset({Role.RECEPTION}))
    with office.hub.reading() as session:

        def found(who: Viewer, text: str) -> set[str]:
            return {card["name"] for card in cards.search(session, who, text, region="UA")}

        assert found(viewer, "anna") == {"Anna Own"}
        assert found(everybody, "anna") == {"Anna Own", "Anna Other"}
        assert len(found(viewer, "0671")) == 2, "one's own and whoever one talked with"
        assert len(found(everybody, "0671")) == 3
        assert found(viewer, "0671234502") == set()
