"""Asterisk's manager interface as it goes over the wire; nothing here knows what a call is."""

from hub.telephony.ami.client import Ami, Endpoint
from hub.telephony.ami.wire import Block, one, parse, serialise
from hub.telephony.troubles import LoginRefused, Lost

__all__ = ["Ami", "Block", "Endpoint", "LoginRefused", "Lost", "one", "parse", "serialise"]
