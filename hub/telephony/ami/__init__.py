"""Asterisk's manager interface as it goes over the wire; nothing here knows what a call is."""

from hub.telephony.ami.client import Ami, Endpoint, LoginRefused
from hub.telephony.ami.wire import Block, Lost, one, parse, serialise

__all__ = ["Ami", "Block", "Endpoint", "LoginRefused", "Lost", "one", "parse", "serialise"]
