"""The days of the second phone system: a small shop whose desk pushes its calls."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime

from hub.telephony.simulator import hours
from hub.telephony.simulator.scripted import Ending, ScriptedCall

AN_HOUR = 20
PHONES = ("201", "202")
QUEUE = "shop"
OUTBOUND, ANSWERED, PATIENT, QUEUED = 0.3, 0.8, 0.4, 0.4
"""Shares: of calls we make, of calls answered, of callers in vain who wait to the end, of calls to both phones."""
RINGS, RINGS_IN_VAIN = (2, 15), (8, 25)
TALK = (4.0, 0.8)
LONGEST = 600


class DeskScript:
    """The same seed and the same beginning give the same days; `clients` and `line` as +380…"""

    def __init__(
        self,
        seed: int,
        since: datetime,
        clients: Sequence[str],
        line: str,
        an_hour: float = AN_HOUR,
        *,
        never_closed: bool = False,
    ) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - the same company each time is the point
        self._clients = clients
        self._line = line
        self._never_closed = never_closed
        self._moments = hours.moments(self._dice, since, an_hour, hours.BUSY if never_closed else 0.0)

    def calls(self) -> Iterator[ScriptedCall]:
        """Every call in the order of their beginnings, without end."""
        for at in self._moments:
            at_second = at.replace(microsecond=0)
            outbound = self._is_open(at) and self._dice.random() < OUTBOUND
            yield self._outbound(at_second) if outbound else self._inbound(at_second)

    def _outbound(self, at: datetime) -> ScriptedCall:
        talks = self._talk() if self._dice.random() < ANSWERED else 0
        return ScriptedCall(
            id=self._id(),
            at=at,
            outbound=True,
            client=self._dice.choice(self._clients),
            line=self._line,
            phones=[self._dice.choice(PHONES)],
            rings=self._dice.randint(*RINGS),
            talks=talks,
            ending=Ending.HUNG_UP if talks else Ending.BUSY,
        )

    def _inbound(self, at: datetime) -> ScriptedCall:
        queued = self._dice.random() < QUEUED
        phones = PHONES if queued else (self._dice.choice(PHONES),)
        talks = self._talk() if self._is_open(at) and self._dice.random() < ANSWERED else 0
        in_vain = Ending.RANG_OUT if self._dice.random() < PATIENT else Ending.GAVE_UP
        return ScriptedCall(
            id=self._id(),
            at=at,
            outbound=False,
            client=self._dice.choice(self._clients),
            line=self._line,
            phones=phones,
            queue=QUEUE if queued else None,
            rings=self._dice.randint(*(RINGS if talks else RINGS_IN_VAIN)),
            talks=talks,
            picked_up=self._dice.choice(phones) if talks else None,
            ending=Ending.HUNG_UP if talks else in_vain,
        )

    def _is_open(self, moment: datetime) -> bool:
        return self._never_closed or hours.is_open(moment)

    def _id(self) -> str:
        return f"{self._dice.getrandbits(48):012x}"

    def _talk(self) -> int:
        return max(1, min(LONGEST, round(self._dice.lognormvariate(*TALK))))
