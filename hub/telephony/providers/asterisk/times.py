"""Times of a PBX: epoch, with an offset, or as its own clock shows them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_PATIENCE = timedelta(seconds=2)
_LONGEST_CALL = timedelta(days=1)
_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def parse(shown: str, zone: ZoneInfo, born: datetime | None = None) -> datetime:
    """An aware moment in UTC from what a row shows; ValueError when it is no time a PBX could mean.

    An hour that the clocks pass twice reads as the first, unless that is before `born`, the moment
    the row's channel was made.
    """
    try:
        moment = _read(shown.strip())
        if moment.tzinfo is None:
            moment = _local(moment, zone, born)
        moment = moment.astimezone(UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise ValueError(f"{shown!r} is no time") from error
    if not _EARLIEST < moment < _LATEST:
        raise ValueError(f"{shown!r} is no time a call was made")
    return moment


def _read(shown: str) -> datetime:
    if shown[4:5] == "-":
        return datetime.fromisoformat(shown)
    return datetime.fromtimestamp(float(shown), UTC)


def _local(moment: datetime, zone: ZoneInfo, born: datetime | None) -> datetime:
    first = moment.replace(tzinfo=zone)
    if born is not None and first.astimezone(UTC) < born - _PATIENCE:
        return first.replace(fold=1)
    return first


def epoch_of(unique_id: str) -> datetime | None:
    """The second a unique id was made, where it says so: ``1795313956.0``, ``pbx1-1795313956.0``."""
    digits = unique_id.rpartition("-")[2].partition(".")[0]
    if len(digits) != 10 or not digits.isdecimal():
        return None
    return datetime.fromtimestamp(int(digits), UTC)


def epoch_near(unique_id: str, near: datetime) -> datetime | None:
    """That second, if it is within a day before `near`."""
    moment = epoch_of(unique_id)
    return moment if moment and timedelta(0) <= near - moment < _LONGEST_CALL else None
