"""A phone system to try Hub with: a strict manager interface on a real socket that plays captured calls.

It serves the invented company, the benchmark and the tests; `Simulator` is the whole of its outside.
"""

from hub.telephony.simulator.captures import Capture, Cast, Take, load, titles
from hub.telephony.simulator.server import Simulator

__all__ = ["Capture", "Cast", "Simulator", "Take", "load", "titles"]
