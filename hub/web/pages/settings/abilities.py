"""What a connector can do, in sentences: read from which of the port's methods it implements."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext

from hub.connectors import Connector
from hub.inbox.connections import Connection


@dataclass(frozen=True, slots=True)
class Ability:
    """`can` False: this kind of system cannot, or is not set up to; `why` says which."""

    words: str
    can: bool
    why: str = ""


def abilities(connection: Connection) -> Iterator[Ability]:
    """Everything a phone system may do for Hub, and whether this one does."""
    connector, settings = connection.connector, connection.settings
    live = connector.listener(settings) is not None
    unset = "" if live or not _has(connector, "listener") else gettext("not set up: name its host in the settings")
    if connector.receives:
        yield Ability(gettext("Tells Hub of its calls by itself"), can=True)
    yield Ability(gettext("Hub holds a line to it and hears of calls as they happen"), live, unset)
    yield Ability(gettext("Asks Hub whom a call should ring"), _has(connector, "answer"))
    yield Ability(gettext("Calls with a click"), _has(connector, "place"))
    yield Ability(gettext("A click can be taken back"), _has(connector, "cancel"))
    yield Ability(gettext("Tells whether a phone would ring before it is called"), _has(connector, "phone_state"))
    yield Ability(gettext("A browser can be a phone of it"), _has(connector, "browser_phone"))
    yield Ability(
        gettext("Its own list of calls is compared, and what is missing is fetched"), _has(connector, "listed")
    )


def _has(connector: Connector, method: str) -> bool:
    return getattr(type(connector), method) is not getattr(Connector, method)
