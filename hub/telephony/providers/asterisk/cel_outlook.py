"""What a conversation's CEL rows tell of each channel when all of them are known: how it ended, and whether it rang."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

Data = Mapping[str, str]
Row = tuple[datetime, Data]

_NEVER_RANG = {"17", "34", "1", "3", "20", "38", "42"}
"""Hangup causes (Q.850) of a channel that was turned away: busy, congestion, no such number, not registered."""
A_MOMENT = timedelta(seconds=1)
"""What lasts less was over before anybody noticed."""


class Outlook:
    """Answers about the end of each channel while its beginning is being read."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.ids: dict[str, str] = {}
        """Unique ids of channels by name."""
        self.last: dict[str, datetime] = {}
        """When each channel was last heard of."""
        self._answered: set[str] = set()
        self._ends: dict[str, Row] = {}
        for at, data in rows:
            self._note(at, data)

    def _note(self, at: datetime, data: Data) -> None:
        channel = data["uniqueid"]
        self.last[channel] = at
        self.ids.setdefault(data.get("channame", ""), channel)
        match data["eventtype"]:
            case "ANSWER":
                self._answered.add(channel)
            case "HANGUP":
                self._ends[channel] = (at, data)
            case "CHAN_END":
                self._ends.setdefault(channel, (at, data))

    def rang(self, at: datetime, channel: str) -> bool:
        """Whether a channel made at `at` rang: CEL does not say so, but a phone that was there for a while did."""
        end = self._ends.get(channel)
        if channel in self._answered or end is None:
            return True
        return end[0] - at >= A_MOMENT and end[1].get("hangupcause") not in _NEVER_RANG

    def lives_on(self, at: datetime, channel: str) -> bool:
        end = self._ends.get(channel)
        return end is None or end[0] - at > A_MOMENT

    def status(self, channel: str, dialler: str) -> str:
        """How the attempt to reach a channel ended, as the one who dialled noted at his own end."""
        if channel in self._answered:
            return "ANSWER"
        end = self._ends.get(dialler)
        status = end[1].get("dialstatus", "") if end else ""
        return "" if status == "ANSWER" else status
