"""Whether what comes in is worked off, by whom, and what is stuck."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select

from hub.doctor.findings import Finding, Level, Patient, lasting
from hub.domain import clock
from hub.inbox import store as inbox
from hub.inbox.models import DeliveryRow
from hub.reads import measures
from hub.storage.leases import SCHEDULER, WORKER
from hub.telephony.models import DialRow

OLD = timedelta(minutes=1)
STUCK = {"stored": timedelta(minutes=1), "placing": timedelta(minutes=3)}
"""A dial is nobody's any more after this."""
READ_WHY = "read why on the connection's page"


def deliveries(patient: Patient) -> Iterator[Finding]:
    with patient.hub.reading() as session:
        counts = inbox.counts(session)
        oldest = session.scalar(select(func.min(DeliveryRow.received_at)).where(DeliveryRow.state == "pending"))
    if oldest and oldest < clock.now() - OLD:
        yield Finding(
            Level.BROKEN, f"deliveries wait since {clock.iso(oldest)}", f"start {_process(patient, 'worker')}"
        )
    if failed := counts.get("failed"):
        yield Finding(Level.BROKEN, f"{failed} deliveries failed", f"{READ_WHY}, then `hub replay`")
    if parked := counts.get("parked"):
        remedy = f"{READ_WHY}; `hub replay` after an update"
        yield Finding(Level.DOUBTFUL, f"{parked} deliveries were not understood", remedy)


def processes(patient: Patient) -> Iterator[Finding]:
    """The scheduler holds its lease; a worker takes its own with each sweep, which the scheduler asks for."""
    with patient.hub.reading() as session:
        alive = {name: measures.held(session, name, clock.now()) for name in (SCHEDULER, WORKER)}
    if alive[SCHEDULER]:
        yield Finding(Level.GOOD, "a scheduler is at work")
    else:
        remedy = f"start {_process(patient, 'scheduler')}"
        yield Finding(Level.DOUBTFUL, "no scheduler is at work: nobody is reminded", remedy)
    if alive[WORKER]:
        yield Finding(Level.GOOD, "a worker is at work")
    elif alive[SCHEDULER]:
        remedy = f"start {_process(patient, 'worker')}; just after a start, look again in half a minute"
        yield Finding(Level.BROKEN, "no worker is at work: what is delivered waits", remedy)
    else:
        yield Finding(Level.DOUBTFUL, "no worker shows itself", f"start {_process(patient, 'worker')}")


def dials(patient: Patient) -> Iterator[Finding]:
    now = clock.now()
    with patient.hub.reading() as session:
        for state, length in STUCK.items():
            stuck = (DialRow.state == state) & (DialRow.created_at < now - length)
            oldest, count = session.execute(select(func.min(DialRow.created_at), func.count()).where(stuck)).one()
            if count:
                words = f"{count} clicks to call stand still ({state}), the oldest for {lasting(now - oldest)}"
                yield Finding(Level.BROKEN, words, f"start {_process(patient, 'worker')}; they are not dialled late")


def _process(patient: Patient, command: str) -> str:
    return "`hub serve`" if patient.settings.embedded else f"`hub {command}`"
