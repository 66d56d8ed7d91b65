"""A stand-in for Zadarma: an exchange that notifies as Zadarma does, and an API as strict as its description."""

from tests.standins.zadarma.api import Api, Trouble
from tests.standins.zadarma.conversations import Conversation
from tests.standins.zadarma.exchange import KEY, LINE, SECRET, Exchange
from tests.standins.zadarma.signing import notification_signature

__all__ = ["KEY", "LINE", "SECRET", "Api", "Conversation", "Exchange", "Trouble", "notification_signature"]
