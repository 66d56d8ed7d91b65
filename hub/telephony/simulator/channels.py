"""What is up on the simulated PBX, read from the events it tells about itself."""

from collections.abc import Mapping

SNAPSHOT = (
    *("Channel", "ChannelState", "ChannelStateDesc", "CallerIDNum", "CallerIDName", "ConnectedLineNum"),
    *("ConnectedLineName", "Language", "AccountCode", "Context", "Exten", "Priority", "Uniqueid", "Linkedid"),
)
TELLING = frozenset(
    {"Newchannel", "Newstate", "NewCallerid", "NewConnectedLine", "Newexten", "BridgeEnter", "BridgeLeave", "Hangup"}
)
"""Kinds of events that change a channel; the others need not be read."""


class Channels:
    """Channels by uniqueid, as CoreShowChannels lists them. Used under its owner's lock."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, str]] = {}
        self._since: dict[str, float] = {}

    def note(self, event: Mapping[str, str], moment: float) -> None:
        """Take in one event of a kind in `TELLING`; `moment` is monotonic seconds."""
        uniqueid = event["Uniqueid"]
        if event["Event"] == "Hangup":
            self._rows.pop(uniqueid, None)
            return
        row = self._rows.setdefault(uniqueid, {"Application": "", "ApplicationData": "", "BridgeId": ""})
        row.update({name: event[name] for name in SNAPSHOT if name in event})
        self._since.setdefault(uniqueid, moment)
        if "Application" in event:
            row |= {"Application": event["Application"], "ApplicationData": event.get("AppData", "")}
        if "BridgeUniqueid" in event:
            row["BridgeId"] = event["BridgeUniqueid"] if event["Event"] == "BridgeEnter" else ""

    def rows(self, moment: float) -> list[dict[str, str]]:
        """One row per channel that is up, oldest first."""
        return [row | {"Duration": _clock(moment - self._since[key])} for key, row in self._rows.items()]

    def find(self, channel: str) -> str | None:
        """The unique id of a channel that is up, by its name or its unique id, as Asterisk looks them up."""
        named = (key for key, row in self._rows.items() if row.get("Channel") == channel)
        return next(named, channel if channel in self._rows else None)

    def of_phone(self, extension: str) -> bool:
        """Whether a channel of that phone is up."""
        return any(row.get("Channel", "").partition("-")[0] == f"PJSIP/{extension}" for row in self._rows.values())

    def __contains__(self, uniqueid: str) -> bool:
        return uniqueid in self._rows

    def clear(self) -> None:
        self._rows.clear()
        self._since.clear()


def _clock(seconds: float) -> str:
    minutes, second = divmod(int(seconds), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{second:02}"
