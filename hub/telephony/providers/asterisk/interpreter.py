"""All facts of one conversation as call events.

Three sources may speak of it. Manager events tell all there is, so where they are complete nothing else is
read. Where they have a gap (a lost connection, a beginning or an end never heard), CEL rows fill it, else CDR
rows do: only what they say of the gap is taken, so that nothing that was heard is heard twice.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from hub.domain.calls import CallEvent
from hub.domain.delivery import Fact
from hub.telephony.providers.asterisk import ami_reader, cdr_reader, cel_reader, filling, gaps
from hub.telephony.providers.asterisk.cast import casts
from hub.telephony.providers.asterisk.channels import gather
from hub.telephony.providers.asterisk.filling import Window
from hub.telephony.providers.asterisk.gaps import Gap
from hub.telephony.providers.asterisk.settings import AsteriskSettings
from hub.telephony.providers.asterisk.signals import Signal, Verb
from hub.telephony.providers.asterisk.story import Story

Data = Mapping[str, str]


def interpret(facts: Sequence[Fact], settings: AsteriskSettings) -> list[CallEvent]:
    """Facts in any order and with repeats; the same facts always tell the same events."""
    sources = Sources(facts, settings)
    signals = sources.signals()
    wanted = next((signal.other for signal in signals if signal.verb is Verb.ORIGINATED and signal.other), "")
    told: list[CallEvent] = []
    tells_who = sources.tells_who(signals)
    for cast in casts(gather(signals), settings, wanted):
        story = Story(cast, tells_who=tells_who)
        events = story.tell(signals)
        told += events + gaps.unreported_end(cast.call, events, signals[-1].at, sources.gaps, story.so_far)
    return told


class Sources:
    """The facts by who says them, each thing once."""

    def __init__(self, facts: Iterable[Fact], settings: AsteriskSettings) -> None:
        self._settings = settings
        heard: set[Signal] = set()
        cel: dict[tuple[datetime, frozenset[tuple[str, str]]], Data] = {}
        cdr: dict[tuple[str, ...], Data] = {}
        noted: set[Gap] = set()
        for fact in facts:
            match fact.data:
                case {"Event": "HubGap"}:
                    noted.add(Gap.read(fact.data))
                case {"Event": _}:
                    heard.update(ami_reader.signals(fact.at, fact.data))
                case {"eventtype": _}:
                    cel[fact.at, frozenset(fact.data.items())] = fact.data
                case _:
                    _keep_fullest(cdr, fact.data)
        self._heard = sorted(heard)
        self._cel = [(at, data) for (at, _), data in cel.items()]
        self._cdr = [cdr[key] for key in sorted(cdr)]
        self.gaps = sorted(noted)

    def tells_who(self, known: Iterable[Signal]) -> bool:
        """Whether somebody here would have said who hung up; of an end that was not heard only CEL does."""
        end = max((signal for signal in known if signal.verb is Verb.ENDED), default=None)
        return end in self._heard if self._heard and end else cel_reader.tells_who(self._cel)

    def signals(self) -> list[Signal]:
        """What happened, in order, by the best source for each stretch."""
        if not self._heard:
            return self._others()
        uncovered = gaps.windows(self._heard, self.gaps)
        known = gaps.mend(self._heard, self.gaps) if uncovered else self._heard
        moments = filling.moments(self._heard)
        late = timedelta(0) if self._cel else cdr_reader.PRECISION
        for rows, where in self._fillings(uncovered):
            known = filling.fill(known, rows, where, moments, late)
        return known

    def _fillings(self, uncovered: Sequence[Window]) -> Iterator[tuple[list[Signal], Sequence[Window]]]:
        """What else is known, each with the stretches it may fill. A record the PBX sends beside its events cannot know
        of an end they did not tell: while a call goes on there are records of its parts."""
        if not uncovered:
            return
        if self._cel:
            yield self._others(), uncovered
            return
        for echo, where in (
            (False, uncovered),
            (True, [window for window in uncovered if window[0] < self._heard[-1].at]),
        ):
            rows = [data for data in self._cdr if ("echo" in data) is echo]
            yield self._told_by(rows), where

    def _others(self) -> list[Signal]:
        if self._cel:
            return cel_reader.signals(self._cel, self._settings)
        return self._told_by(self._cdr)

    def _told_by(self, rows: Sequence[Data]) -> list[Signal]:
        return sorted(set(cdr_reader.signals(rows, filling.known(self._heard))))


def _keep_fullest(rows: dict[tuple[str, ...], Data], data: Data) -> None:
    """The manager's own word of a record knows fewer columns than the table does."""
    key = tuple(data.get(name, "") for name in ("start", "channel", "dstchannel", "end", "disposition"))
    rows[key] = max(rows.get(key, {}), data, key=lambda row: (len(row), sorted(row.items())))
