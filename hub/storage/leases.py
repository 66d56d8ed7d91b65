"""Leases by database time: one holder at a time, and another takes over when the holder dies."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, String, delete, or_, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.domain import clock
from hub.storage.database import Base, upsert

SCHEDULER = "scheduler"
"""Held by whoever starts the periodic jobs."""
WORKER = "worker"
"""Taken by every worker that does jobs, under this one holder's name: it says that there is one at least."""
LISTENING = "listen:"
"""Begins the name of the right to hold the line to a connection; its id follows."""
WORKER_LENGTH = timedelta(minutes=1)


class LeaseRow(Base):
    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    holder: Mapped[str] = mapped_column(String(100))
    until: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to do `name` alone, for `length` from each `take` or `renew`.

    Times are those of the taking process; holders on several machines need clocks within a few seconds.
    """

    engine: Engine
    name: str
    holder: str
    length: timedelta = timedelta(seconds=10)

    def take(self) -> bool:
        """True when it is ours now: it was free, had run out, or was ours already."""
        now, until = clock.now(), self._until()
        with Session(self.engine) as session, session.begin():
            statement = upsert(session, LeaseRow).values(name=self.name, holder=self.holder, until=until)
            statement = statement.on_conflict_do_update(
                index_elements=["name"],
                set_={"holder": self.holder, "until": until},
                where=or_(LeaseRow.until < now, LeaseRow.holder == self.holder),
            )
            return session.scalar(statement.returning(LeaseRow.name)) is not None

    def renew(self) -> bool:
        """False when somebody else has taken it meanwhile: stop at once."""
        with Session(self.engine) as session, session.begin():
            mine = (LeaseRow.name == self.name) & (LeaseRow.holder == self.holder)
            result = session.execute(update(LeaseRow).where(mine).values(until=self._until()))
            return bool(result.rowcount)  # type: ignore[attr-defined]  # CursorResult for an UPDATE

    def _until(self) -> datetime:
        """The holder lives in seconds that are no shorter in a demo where time runs faster."""
        return clock.now() + self.length * clock.speed()

    def release(self) -> None:
        with Session(self.engine) as session, session.begin():
            session.execute(delete(LeaseRow).where(LeaseRow.name == self.name, LeaseRow.holder == self.holder))
