"""CDR rows as facts: of each row what the interpreter reads, under the names of FreePBX's table."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from hub.domain.delivery import Fact
from hub.telephony.providers.asterisk import times
from hub.telephony.providers.asterisk.settings import AsteriskSettings
from hub.telephony.providers.asterisk.tables import Row
from hub.telephony.providers.asterisk.text import text

_FIELDS = (
    *("channel", "dstchannel", "uniqueid", "linkedid", "src", "dst", "dcontext", "lastapp", "lastdata"),
    *("disposition", "did", "recordingfile", "cnum", "cnam", "sequence", "echo"),
)
_HEADERS = {
    "StartTime": "start",
    "AnswerTime": "answer",
    "EndTime": "end",
    "Duration": "duration",
    "BillableSeconds": "billsec",
    "Disposition": "disposition",
    "Channel": "channel",
    "DestinationChannel": "dstchannel",
    "UniqueID": "uniqueid",
    "LinkedID": "linkedid",
    "Source": "src",
    "Destination": "dst",
    "DestinationContext": "dcontext",
    "LastApplication": "lastapp",
    "LastData": "lastdata",
}


_DISPOSITIONS = {
    "NOANSWER": "NO ANSWER",
    "0": "NO ANSWER",
    "1": "NO ANSWER",
    "2": "FAILED",
    "4": "BUSY",
    "8": "ANSWERED",
    "16": "CONGESTION",
}


def of_manager_event(event: Mapping[str, Any]) -> dict[str, str]:
    """A ``Cdr`` event of the manager interface as a row; `echo` says that it came the way all events come."""
    return {column: text(event.get(header)) for header, column in _HEADERS.items()} | {"echo": "yes"}


def fact(row: Row, settings: AsteriskSettings) -> Fact | None:
    """A row as a fact; None when it names no channel. ValueError when its times are none."""
    data = {name: value for name in _FIELDS if (value := text(row.get(name)))}
    if "channel" not in data:
        return None
    data["disposition"] = _disposition(row["disposition"])
    # cdr_csv leaves the unique id out unless it is told otherwise: the channel's name and start stand in for it.
    unique_id = data.setdefault("uniqueid", f"{data['channel']}@{row['start']}")
    start, answer, end = _times(row, settings, unique_id)
    data |= {"start": start.isoformat(), "end": end.isoformat()} | ({"answer": answer.isoformat()} if answer else {})
    nodes = frozenset(filter(None, (unique_id, data.get("linkedid"))))
    return Fact(nodes=nodes, at=end, data=data)


def _disposition(shown: str) -> str:
    """The disposition as Asterisk words it; some back ends write its number or another spelling."""
    plain = shown.strip().upper().replace("_", " ")
    return _DISPOSITIONS.get(plain, plain)


def _times(row: Row, settings: AsteriskSettings, unique_id: str) -> tuple[datetime, datetime | None, datetime]:
    """Start, answer and end; a table without the last two (FreePBX's) tells them by its lengths."""
    start = times.parse(row["start"], settings.zone, times.epoch_of(unique_id))
    length, talked = _seconds(row.get("duration")), _seconds(row.get("billsec"))
    end = max(start, _shown(row.get("end"), settings, start) or start + length)
    if _disposition(row["disposition"]) != "ANSWERED":
        return start, None, end
    return start, max(start, _shown(row.get("answer"), settings, start) or end - talked), end


def _shown(column: str | None, settings: AsteriskSettings, start: datetime) -> datetime | None:
    """A time a table may leave out, or fill with zeros."""
    try:
        return times.parse(column or "", settings.zone, start)
    except ValueError:
        return None


def _seconds(shown: Any) -> timedelta:
    try:
        return timedelta(seconds=min(max(0.0, float(shown or 0)), 864_000.0))
    except ValueError:
        return timedelta(0)
