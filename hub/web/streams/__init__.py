"""Open pages that are told what happens: one thread of a process feeds them all.

A view answers with `held(desk)`; the connection then leaves the server's threads and the fan goes on with it.
"""

from hub.web.streams.desk import Desk, event
from hub.web.streams.fan import Fan
from hub.web.streams.held import held, register
from hub.web.streams.round import Round, eyes

__all__ = ["Desk", "Fan", "Round", "event", "eyes", "held", "register"]
