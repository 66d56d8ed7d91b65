"""What happens in the days of an invented company: who calls whom when, who answers, and who calls again.

The same seed and the same beginning give the same days.
"""

import heapq
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hub.telephony.simulator import hours, truth
from hub.telephony.simulator.captures import Cast, Stretch, load

OPEN: Mapping[str, int] = {
    "01-inbound-answered": 24,
    "14-inbound-national-number-format": 6,
    "04-inbound-queue-answered": 12,
    "04b-inbound-queue-local-members": 6,
    "04c-inbound-ring-group": 6,
    "06-inbound-blind-transfer": 4,
    "06b-inbound-blind-transfer-feature-code": 2,
    "07-inbound-attended-transfer": 4,
    "07b-inbound-attended-transfer-feature-code": 2,
    "02-inbound-missed-ring-timeout": 4,
    "02b-inbound-missed-caller-gave-up": 5,
    "03-inbound-busy": 2,
    "03b-inbound-declined": 1,
    "03c-inbound-phone-offline": 1,
    "05-inbound-queue-abandoned": 4,
    "15-inbound-voicemail": 3,
    "08-outbound-answered-agent-hangs-up": 14,
    "09-outbound-no-answer": 3,
    "09b-outbound-busy": 2,
    "09c-outbound-congestion": 1,
    "09d-outbound-agent-gave-up": 1,
    "12-internal-call": 3,
}
"""While the company is open: how often each happens, against the others."""
CLOSED: Mapping[str, int] = {
    "02-inbound-missed-ring-timeout": 5,
    "02b-inbound-missed-caller-gave-up": 3,
    "05-inbound-queue-abandoned": 1,
    "15-inbound-voicemail": 4,
}
AGAIN: Mapping[str, int] = {"01-inbound-answered": 3, "08-outbound-answered-agent-hangs-up": 2}
"""After a missed call: the client tries again, or is called back."""
PHONES = ("101", "102", "103")
OWN_PHONE = "03c-inbound-phone-offline"
"""Calls a line that is one person's, so nobody else may play that person."""
AN_HOUR = 60
MISSED_AGAIN = 0.6
AGAIN_AFTER = (180.0, 1500.0)
MOST_TALKS = (4.3, 0.8)
"""Of the logarithm of a talk's seconds: 74 s in the middle, a few of five minutes and more."""
LONGEST = 900
PAUSE = timedelta(seconds=5)
"""Between two calls of one phone."""


@dataclass(frozen=True, slots=True, order=True)
class Planned:
    """A call that is to be."""

    at: datetime
    title: str
    cast: Cast = field(compare=False)
    stretch: Stretch | None = field(compare=False)

    @property
    def seconds(self) -> float:
        return load(self.title).seconds + (self.stretch.by if self.stretch else 0)


class Script:
    """One company with `clients`, the first of them its regulars (nine digits each).

    `never_closed`: it has a night desk.
    """

    def __init__(
        self,
        seed: int,
        since: datetime,
        clients: Sequence[str],
        an_hour: float = AN_HOUR,
        *,
        never_closed: bool = False,
    ) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - the same company each time is the point
        self._clients = clients
        self._weights = [1 / (1 + place) for place in range(len(clients))]
        self._never_closed = never_closed
        self._moments = hours.moments(self._dice, since, an_hour, hours.BUSY if never_closed else 0.0)
        self._again: list[tuple[datetime, str]] = []
        self._free = dict.fromkeys(PHONES, since)

    def calls(self) -> Iterator[Planned]:
        """Every call in the order of their beginnings, without end."""
        waiting: list[Planned] = []
        for moment in self._moments:
            while self._again and self._again[0][0] <= moment:
                again, client = heapq.heappop(self._again)
                heapq.heappush(waiting, self._call(again, self._one_of(AGAIN), client))
            heapq.heappush(waiting, self._first(moment))
            while waiting and waiting[0].at <= moment:
                yield heapq.heappop(waiting)

    def _first(self, moment: datetime) -> Planned:
        """A call nobody waited for."""
        usual = OPEN if self._is_open(moment) else CLOSED
        (client,) = self._dice.choices(self._clients, self._weights)
        return self._call(moment, self._one_of(usual), client)

    def _is_open(self, moment: datetime) -> bool:
        return self._never_closed or hours.is_open(moment)

    def _one_of(self, titles: Mapping[str, int]) -> str:
        return self._dice.choices(list(titles), list(titles.values()))[0]

    def _call(self, moment: datetime, title: str, client: str) -> Planned:
        stretch = truth.longer(title, min(LONGEST, round(self._dice.lognormvariate(*MOST_TALKS))))
        at, people = self._people(moment, title)
        cast = Cast(clients=_played_by(title, client), extensions=people)
        planned = Planned(at, title, cast, stretch)
        for phone in truth.phones(title):
            self._free[people[phone]] = at + timedelta(seconds=planned.seconds) + PAUSE
        if truth.notes(title)["outcome"] == "missed" and self._dice.random() < MISSED_AGAIN:
            again = at + timedelta(seconds=planned.seconds + self._dice.uniform(*AGAIN_AFTER))
            if self._is_open(again):
                heapq.heappush(self._again, (again, client))
        return planned

    def _people(self, moment: datetime, title: str) -> tuple[datetime, Mapping[str, str]]:
        """Who of ours plays whom, and when they are all free; nobody has two calls at once."""
        needed = truth.phones(title)
        soonest = sorted(PHONES, key=lambda phone: (max(moment, self._free[phone]), self._dice.random()))
        chosen = needed if title == OWN_PHONE else soonest[: len(needed)]
        at = max([moment, *(self._free[phone] for phone in chosen)])
        rest = zip(_without(PHONES, needed), _without(PHONES, chosen), strict=True)
        return at, dict(zip(needed, chosen, strict=True)) | dict(rest)


def _without(phones: Sequence[str], some: Sequence[str]) -> list[str]:
    return [phone for phone in phones if phone not in some]


def _played_by(title: str, client: str) -> Mapping[str, str]:
    number = truth.notes(title)["customer_number"]
    return {number[-9:]: client} if number else {}
