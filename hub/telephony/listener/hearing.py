"""One connection from login to loss: ask what is up, then stamp and pass on every event that matters."""

import threading
import time
from datetime import datetime

from hub.telephony.ami import Ami, Block, Lost, one
from hub.telephony.listener.buffer import Buffer, Resumed
from hub.telephony.listener.lines import Stamps, line
from hub.telephony.listener.ports import Health, Keeps, Timing

NOT_LISTED = "the PBX does not let Hub list its channels: give the manager user write permission 'reporting'"


class Hearing:
    """Used by one thread. `since` is the last moment before this connection that was surely heard."""

    def __init__(
        self, ami: Ami, buffer: Buffer, keeps: Keeps, health: Health, timing: Timing, since: datetime | None
    ) -> None:
        self._ami = ami
        self._buffer = buffer
        self._keeps = keeps
        self._health = health
        self._timing = timing
        self._since = since
        self._stamps = Stamps()
        self._began = self._stamps.next()
        self._last = time.monotonic()
        self._pinged = False
        self._list_id = ""
        self._listed_by = 0.0
        self._alive: set[str] = set()
        self._held: list[bytes] = []
        """Lines that wait for the list of channels, so that the gap is noted before what came after it."""
        self.heard: datetime | None = since
        """The last moment of which everything is in the buffer."""

    def run(self, over: threading.Event) -> None:
        """Until `over`, or until the line is Lost; Full when the buffer takes no more."""
        self._list_id = self._ami.send("CoreShowChannels")
        self._listed_by = time.monotonic() + self._timing.listing
        while not over.is_set():
            self._hear(self._ami.receive(self._timing.tick))
            self._keep_alive()

    def _hear(self, blocks: list[Block]) -> None:
        if not blocks:
            return
        self._last, self._pinged = time.monotonic(), False
        moment = self._began
        for block in blocks:
            moment = self._stamps.next()
            self._sort(moment, block)
        if not self._list_id:
            self._buffer.put(*self._held)
            self._held.clear()
            self.heard = moment

    def _sort(self, moment: datetime, block: Block) -> None:
        if self._list_id and one(block, "ActionID") == self._list_id:
            self._note_listed(moment, block)
        elif "Event" in block and self._keeps(block):
            self._held.append(line(moment, block))
            self._health.last_event = self._last

    def _note_listed(self, moment: datetime, block: Block) -> None:
        """Part of the answer to CoreShowChannels: a refusal, a channel, or the end of the list."""
        if one(block, "Event") == "CoreShowChannel":
            self._alive |= {one(block, "Uniqueid"), one(block, "Linkedid")}
            self._held.append(line(moment, block))
        elif one(block, "Response") == "Error":
            self._resume(None)
        elif one(block, "Event") == "CoreShowChannelsComplete":
            self._resume(frozenset(self._alive))

    def _resume(self, alive: frozenset[str] | None) -> None:
        self._buffer.put(Resumed(self._since, self._began, alive))
        self._list_id = ""
        self._health.set("connected", NOT_LISTED if alive is None else "")

    def _keep_alive(self) -> None:
        now = time.monotonic()
        silence = now - self._last
        if self._list_id and now > self._listed_by:
            raise Lost(f"the PBX did not list its channels within {self._timing.listing:g} s")
        if silence > self._timing.ping_after + self._timing.dead_after:
            raise Lost(f"the PBX said nothing for {silence:.0f} s")
        if silence > self._timing.ping_after and not self._pinged:
            self._ami.send("Ping")
            self._pinged = True
