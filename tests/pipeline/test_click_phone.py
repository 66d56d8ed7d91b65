"""Which of one's phones a click rings: as one has chosen, and another one only where one has chosen that too."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import BaseModel

from hub import clicks
from hub.clicks import choosing
from hub.domain import clock
from hub.domain.access import Role, Viewer
from hub.domain.dialing import BrowserPhone, PhoneState
from hub.domain.errors import Conflict
from hub.people import preferences, users
from hub.telephony import lines
from hub.telephony.models import DialRow
from tests.pipeline.office import Office
from tests.pipeline.providers.acme import Acme

ANNA = "+380671234567"
DESK, BROWSER = "101", "9101"


@dataclass
class Scene:
    office: Office
    manager: Viewer
    states: dict[str, PhoneState] = field(default_factory=dict)

    def prefers(self, phone: str) -> None:
        with self.office.hub.unit_of_work() as session:
            preferences.choose(session, self.manager.user_id, {"click_phone": phone})

    def rings(self, key: str = "k1", **more: Any) -> str:
        click = clicks.Click(**({"number": ANNA, "key": key} | more))
        return str(clicks.dial(self.office.hub, self.manager, click)["extension"])


@pytest.fixture
def hire(office: Office) -> Callable[..., Scene]:
    """A manager with these phones on acme, of which one may be in the browser."""

    def hire(*phones: str) -> Scene:
        with office.hub.unit_of_work() as session:
            new = users.NewUser(email="o@example.org", name="Olena", roles=frozenset({Role.MANAGER}), password="!")
            user = users.create_user(session, new, clock.now())
            for phone in phones:
                lines.assign(session, office.ids["acme"], phone, user.id)
            scene = Scene(office, Viewer(user_id=user.id, roles=frozenset({Role.MANAGER})))

        class Wired(Acme):
            def phone_state(self, settings: BaseModel, extension: str) -> PhoneState:
                return scene.states.get(extension, PhoneState.UNKNOWN)

            def browser_phone(self, settings: BaseModel, extension: str) -> BrowserPhone | None:
                if extension != BROWSER:
                    return None
                return BrowserPhone(kind="sip", identity="sip:9101@pbx", token="secret", expires_at=clock.now())

        office.teach(Wired())
        return scene

    return hire


@pytest.mark.parametrize(
    ("choice", "ready", "rung"),
    [
        ("first", None, DESK),
        ("first", True, DESK),
        ("desk", True, DESK),
        ("browser", True, BROWSER),
        ("browser", None, BROWSER),
        ("browser_then_desk", True, BROWSER),
        ("browser_then_desk", False, DESK),
        ("desk_then_browser", True, DESK),
    ],
)
def test_a_click_rings_the_phone_one_has_chosen(
    hire: Callable[..., Scene], choice: str, ready: bool | None, rung: str
) -> None:
    scene = hire(DESK, BROWSER)
    scene.prefers(choice)
    assert scene.rings(browser_ready=ready) == rung


def test_a_phone_in_the_browser_that_is_not_connected_is_refused_and_none_other_rings(
    hire: Callable[..., Scene],
) -> None:
    scene = hire(DESK, BROWSER)
    scene.prefers("browser")
    with pytest.raises(Conflict, match="your phone in the browser is not connected"):
        scene.rings(browser_ready=False)
    assert scene.office.rows(DialRow) == []
    assert scene.rings(extension=DESK, browser_ready=False) == DESK


def test_the_other_one_rings_where_the_phone_system_says_the_first_is_away(hire: Callable[..., Scene]) -> None:
    scene = hire(DESK, BROWSER)
    scene.states = {DESK: PhoneState.AWAY, BROWSER: PhoneState.AWAY}
    scene.prefers("desk_then_browser")
    assert scene.rings("k1", browser_ready=True) == BROWSER
    with pytest.raises(Conflict, match="neither"):
        scene.rings("k2", browser_ready=False)
    scene.prefers("browser_then_desk")
    assert scene.rings("k3", browser_ready=None) == DESK
    scene.prefers("desk")
    assert scene.rings("k4", browser_ready=True) == DESK


def test_the_same_click_keeps_its_phone_whatever_has_changed_since(hire: Callable[..., Scene]) -> None:
    scene = hire(DESK, BROWSER)
    scene.prefers("browser")
    assert scene.rings("k1", browser_ready=True) == BROWSER
    assert scene.rings("k1", browser_ready=False) == BROWSER
    scene.prefers("desk")
    assert scene.rings("k1") == BROWSER


def test_a_kind_of_phone_one_has_not_is_said_before_the_click_and_at_it(hire: Callable[..., Scene]) -> None:
    scene = hire(DESK)
    scene.prefers("browser")
    told = clicks.check(scene.office.hub, scene.manager, ANNA)["refusal"]
    assert told == choosing.NONE_IN_BROWSER
    with pytest.raises(Conflict, match="none of your phones can be used in the browser"):
        scene.rings(browser_ready=True)
    assert clicks.phone(scene.office.hub, scene.manager) is None
    scene.prefers("browser_then_desk")
    assert scene.rings(browser_ready=False) == DESK


@pytest.mark.parametrize(
    ("kind", "settings", "desk", "browser"),
    [
        (
            "asterisk",
            {
                "host": "pbx.example.com",
                "username": "hub",
                "secret": "not a secret",
                "phone_address": "wss://pbx.example.com:8089/ws",
                "phone_secrets": "9101=not a secret",
            },
            "101",
            "9101",
        ),
        (
            "twilio",
            {
                "account_sid": "AC" + "0" * 32,
                "auth_token": "not a secret",
                "public_url": "https://hub.example.org",
                "api_key_sid": "SK" + "0" * 32,
                "api_key_secret": "not a secret, but as long as one of Twilio",
                "app_sid": "AP" + "0" * 32,
            },
            "sip:olena@example.sip.twilio.com",
            "client:olena",
        ),
        (
            "twilio",  # the phone in the browser is not set up whole, and is no desk phone for that
            {"account_sid": "AC" + "0" * 32, "auth_token": "not a secret", "public_url": "https://hub.example.org"},
            "+442079460000",
            "client:olena",
        ),
    ],
)
def test_every_phone_system_says_which_of_its_phones_are_in_a_browser(
    office: Office, kind: str, settings: dict[str, str], desk: str, browser: str
) -> None:
    connection = office.connect(kind, "real", **settings)
    with office.hub.unit_of_work() as session:
        new = users.NewUser(email="o@example.org", name="Olena", roles=frozenset({Role.MANAGER}), password="!")
        user = users.create_user(session, new, clock.now())
        for phone in (desk, browser):
            lines.assign(session, connection, phone, user.id)
        preferences.choose(session, user.id, {"click_phone": "browser_then_desk"})
        session.flush()
        viewer = Viewer(user_id=user.id, roles=frozenset({Role.MANAGER}))
        ladder = choosing.own(office.hub, session, viewer)
        assert [(phone.number, phone.in_browser) for phone in ladder] == [(browser, True), (desk, False)]
    asked = clicks.dial(office.hub, viewer, clicks.Click(number=ANNA, key="k1", browser_ready=True))
    assert asked["extension"] == browser
    asked = clicks.dial(office.hub, viewer, clicks.Click(number=ANNA, key="k2", browser_ready=False))
    assert asked["extension"] == desk
