"""Who can hear whom: channels in one bridge, and the two halves of each Local channel."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping


class Wiring:
    """Bridges as they stand; a channel is in one at most."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """`names`: channel ids with their names, which tell the halves of Local channels."""
        self._where: dict[str, str] = {}
        self._inside: defaultdict[str, set[str]] = defaultdict(set)
        self._other_half = dict(_halves(names))

    def enter(self, channel: str, bridge: str) -> None:
        self.drop(channel)
        self._where[channel] = bridge
        self._inside[bridge].add(channel)

    def leave(self, channel: str, bridge: str) -> None:
        """Nothing happens when it is elsewhere by now: a late word about an old bridge."""
        if self._where.get(channel) == bridge:
            self.drop(channel)

    def drop(self, channel: str) -> None:
        """Out of whatever bridge it is in."""
        bridge = self._where.pop(channel, None)
        if bridge is not None:
            self._inside[bridge].discard(channel)

    def is_in(self, channel: str) -> bool:
        return channel in self._where

    def everybody(self) -> set[str]:
        """All channels in any bridge."""
        return set(self._where)

    def groups(self) -> Iterator[set[str]]:
        """Everybody in a bridge, grouped by who hears whom."""
        left = set(self._where)
        while left:
            group = self.together([left.pop()])
            left -= group
            yield group

    def together(self, channels: Iterable[str]) -> set[str]:
        """All channels that hear one of `channels`, those included that are in a bridge themselves."""
        heard: set[str] = set()
        waiting = [channel for channel in channels if channel in self._where]
        while waiting:
            channel = waiting.pop()
            if channel not in heard:
                heard.add(channel)
                waiting += self._neighbours(channel)
        return heard

    def _neighbours(self, channel: str) -> Iterator[str]:
        yield from self._inside[self._where[channel]]
        half = self._other_half.get(channel)
        if half in self._where:
            yield half


def _halves(names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    by_name = {name: channel for channel, name in names.items() if name.startswith("Local/")}
    for name, channel in by_name.items():
        whole, _, half = name.rpartition(";")
        other = by_name.get(f"{whole};{'2' if half == '1' else '1'}")
        if other is not None:
            yield channel, other
