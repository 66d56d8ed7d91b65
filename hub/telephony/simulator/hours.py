"""When people call a company: a working day with its lunch, thin evenings, weekends and nights."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hub.telephony.simulator.captures import ZONE

BUSY = 0.8
"""From this share of the busiest hour on a day is in full swing."""
OPEN = 0.1
"""Below it the company is closed: nobody answers."""
SATURDAY = 5
WEEKEND = 0.35
NIGHT = 0.04
AT_ONCE = timedelta(seconds=2)
"""Somebody always calls as soon as anybody listens."""
_DAY = {8: 0.4, 9: 0.9, 10: 1.0, 11: 1.0, 12: 0.8, 13: 0.45, 14: 0.85, 15: 0.95, 16: 0.9, 17: 0.7, 18: 0.4, 19: 0.2}
"""Shares of the busiest hour by hour of a working day; lunch is at one."""


def share(moment: datetime, zone: ZoneInfo = ZONE) -> float:
    """How busy the company is at that moment, from 0 to 1."""
    local = moment.astimezone(zone)
    usual = _DAY.get(local.hour, NIGHT)
    return usual * WEEKEND if local.weekday() >= SATURDAY else usual


def is_open(moment: datetime, zone: ZoneInfo = ZONE) -> bool:
    return share(moment, zone) >= OPEN


def opening(now: datetime, zone: ZoneInfo = ZONE) -> datetime:
    """The next moment from `now` on when the day is in full swing; `now` itself when it is."""
    moment = now
    while share(moment, zone) < BUSY:
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return moment


def moments(dice: random.Random, since: datetime, an_hour: float, quietest: float = 0.0) -> Iterator[datetime]:
    """When calls begin, without end; `an_hour` of them in the busiest hour, a share of `quietest` in the quietest."""
    at = since + AT_ONCE
    yield at
    while True:
        at += timedelta(seconds=dice.expovariate(an_hour / 3600))
        if dice.random() < max(share(at), quietest):
            yield at
