"""Listening to an Asterisk for as long as Hub runs: one holder per connection, nothing heard is lost.

Three threads per held connection: `hearing` reads the socket and stamps, `keeping` stores in batches,
`holder` renews the lease and says how it goes. `backfill` reads call detail records after a gap.
"""

from hub.telephony.listener.hearing import NOT_LISTED
from hub.telephony.listener.holder import Listener
from hub.telephony.listener.ports import Timing, Window

__all__ = ["NOT_LISTED", "Listener", "Timing", "Window"]
