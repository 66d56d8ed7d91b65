"""Call detail records whose talk was made longer: their lengths follow from their times."""

import csv
import io
import re
from datetime import datetime

_LENGTHS = {"Duration": "StartTime", "BillableSeconds": "AnswerTime"}
"""Headers of a ``Cdr`` event that are counted, each from the moment in another up to EndTime."""


def of_event(text: str) -> str:
    """A ``Cdr`` event with its lengths counted again."""
    told = dict(line.partition(": ")[::2] for line in text.splitlines())
    for name, since in _LENGTHS.items():
        text = re.sub(rf"(?m)^{name}: .*?(?=\r?$)", f"{name}: {_between(told[since], told['EndTime'])}", text)
    return text


def of_records(text: str) -> str:
    """Rows with a header line (calldate, answer, end, duration, billsec) with their lengths counted again."""
    rows = list(csv.DictReader(io.StringIO(text)))
    written = io.StringIO()
    writer = csv.DictWriter(written, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        duration, billsec = _between(row["calldate"], row["end"]), _between(row["answer"], row["end"])
        writer.writerow(row | {"duration": duration, "billsec": billsec})
    return written.getvalue()


def _between(since: str, until: str) -> int:
    """Seconds; none from a moment that never came."""
    if not since:
        return 0
    return int((datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds())
