"""A PBX that speaks SIP over WebSocket (RFC 7118) with phones in browsers: registrar and proxy, strict about both."""

from tests.standins.sip.server import SipServer

__all__ = ["SipServer"]
