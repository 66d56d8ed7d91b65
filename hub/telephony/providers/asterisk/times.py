"""Times of a PBX: epoch, with an offset, or as its own clock shows them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_PATIENCE = timedelta(seconds=2)
_LONGEST_CALL = timedelta(days=1)
_UNITS = (1, 1e3, 1e6, 1e9)
"""Epochs are seconds, milliseconds, microseconds or nanoseconds."""
_TOO_LATE = 7.3e9
_LAYOUTS = tuple(
    f"{date} {time}"
    for date in ("%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d")
    for time in ("%H:%M:%S", "%H:%M:%S.%f", "%I:%M:%S %p", "%H:%M", "%I:%M %p")
)
_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def parse(shown: str, zone: ZoneInfo, born: datetime | None = None) -> datetime:
    """An aware moment in UTC from what a row shows; ValueError when it is no time a PBX could mean.

    An hour that the clocks pass twice reads as the first, unless that is before `born`, the moment
    the row's channel was made.
    """
    try:
        moment = _read(shown.strip(), born)
        if moment.tzinfo is None:
            moment = _local(moment, zone, born)
        moment = moment.astimezone(UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise ValueError(f"{shown!r} is no time") from error
    if not _EARLIEST < moment < _LATEST:
        raise ValueError(f"{shown!r} is no time a call was made")
    return moment


def _read(shown: str, born: datetime | None) -> datetime:
    if shown[4:5] == "-":
        return datetime.fromisoformat(shown)
    if "/" in shown or shown.count(".") == 2:
        return _spreadsheet(shown.replace(".", "/", 2) if "/" not in shown else shown, born)
    seconds = float(shown)
    return datetime.fromtimestamp(seconds / next(unit for unit in _UNITS if seconds / unit < _TOO_LATE), UTC)


def _spreadsheet(shown: str, born: datetime | None) -> datetime:
    """As spreadsheets save dates: ``22.11.2026 04:19:16``, ``11/22/2026 4:19:16 AM``. Where day and month could be
    each other, the moment nearest to `born` is meant; without that the day comes first."""
    readings = [moment for layout in _LAYOUTS if (moment := _laid_out(shown, layout)) is not None]
    if not readings:
        raise ValueError(shown)
    if born is None:
        return readings[0]
    return min(readings, key=lambda moment: abs(moment - born.replace(tzinfo=None)))


def _laid_out(shown: str, layout: str) -> datetime | None:
    try:
        return datetime.strptime(shown, layout)  # noqa: DTZ007 - the PBX's zone is given to it by the caller
    except ValueError:
        return None


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
