"""Listening to a phone system for as long as Hub runs: one holder per connection, nothing heard is lost.

Three threads per held connection: `hearing` reads the socket and stamps, `keeping` stores in batches,
`holder` renews the lease and says how it goes. `backfill` reads call detail records after a gap.
"""

from hub.telephony.listener.holder import Listener
from hub.telephony.listener.ports import Exchange, Heard, Line, Listed, Timing, Window

__all__ = ["Exchange", "Heard", "Line", "Listed", "Listener", "Timing", "Window"]
