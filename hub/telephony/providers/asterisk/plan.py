"""What the dial plan does with a call: queues, voicemail, recording, and which of our numbers it arrives at."""

from collections.abc import Iterator
from datetime import datetime

from hub.domain.calls import CallEvent, QueueAbandoned, QueueEntered, RecordingAnnounced
from hub.telephony.providers.asterisk.cast import Cast
from hub.telephony.providers.asterisk.signals import Signal

_LOCAL_CONTEXTS = ("ext-local", "from-did-direct")
"""Where FreePBX reaches an extension, and nothing else."""


class Plan:
    """Where the call stands; every method yields the events a step causes."""

    def __init__(self, cast: Cast) -> None:
        self._cast = cast
        self._call = cast.call
        self.in_queue = False
        self.voicemail = False
        self.meant: tuple[datetime, str] | None = None
        """The last of our numbers the plan arrived at, and when."""

    def queued(self, signal: Signal) -> Iterator[CallEvent]:
        self.in_queue = True
        yield QueueEntered(call=self._call, at=signal.at, queue=signal.value)

    def unqueued(self, signal: Signal) -> Iterator[CallEvent]:
        self.in_queue = False
        yield from ()

    def abandoned(self, signal: Signal) -> Iterator[CallEvent]:
        yield QueueAbandoned(call=self._call, at=signal.at)

    def ran(self, signal: Signal) -> Iterator[CallEvent]:
        self.voicemail = True
        yield from ()

    def variable(self, signal: Signal) -> Iterator[CallEvent]:
        if signal.other == "MIXMONITOR_FILENAME":
            yield RecordingAnnounced(call=self._call, at=signal.at, reference=signal.value)
        if signal.other == "VMSTATUS":
            self.voicemail = signal.value == "SUCCESS"

    def reached(self, signal: Signal) -> Iterator[CallEvent]:
        context, short, settings = signal.other, signal.value, self._cast.settings
        ours = context in _LOCAL_CONTEXTS or settings.is_internal(context)
        again = self.meant is not None and self.meant[1] == short
        if ours and settings.is_extension(short) and not again:
            self.meant = (signal.at, short)
        yield from ()
