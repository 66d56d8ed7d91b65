"""An event socket as a listener hears it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from hub.telephony.listener import Heard, Listed
from hub.telephony.providers.freeswitch import events
from hub.telephony.providers.freeswitch import text as read
from hub.telephony.providers.freeswitch.esl import Endpoint, EventSocket
from hub.telephony.providers.freeswitch.wire import Message
from hub.telephony.troubles import Lost

LIST = "api show channels as json"
PING = "api hostname"
NOT_LISTED = "the switch does not list its channels as JSON: FreeSWITCH 1.6 or newer is expected"
_NOTHING = Heard()


@dataclass(frozen=True, slots=True)
class Switch:
    """See hub.telephony.listener.ports.Exchange."""

    there: Endpoint

    def __str__(self) -> str:
        return str(self.there)

    def connect(self, patience: float) -> "SwitchLine":
        line = EventSocket.connect(self.there, patience)
        answer = line.ask(f"event json {' '.join(events.NAMES)}")
        if not answer.reply.startswith("+OK"):
            line.close()
            raise Lost(f"{self.there} does not tell its events: {answer.reply[:100]}")
        return SwitchLine(line)


class SwitchLine:
    """See hub.telephony.listener.ports.Line. Answers come in the order of the questions."""

    def __init__(self, line: EventSocket) -> None:
        self._line = line
        self._asked: list[str] = []
        self._over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()

    def ask(self) -> None:
        self._send(LIST)

    def ping(self) -> None:
        self._send(PING)

    def receive(self, seconds: float) -> Sequence[Heard]:
        if self._over:
            raise Lost("the switch is going down")
        return [self._sorted(message) for message in self._line.receive(seconds)]

    def _send(self, question: str) -> None:
        self._asked.append(question)
        self._line.send(question)

    def _sorted(self, message: Message) -> Heard:
        match message.kind:
            case "text/disconnect-notice":
                self._over = True  # what came before it is still to be told
                return _NOTHING
            case "api/response":
                question = self._asked.pop(0) if self._asked else ""
                return Heard(listed=_listed(message.body)) if question == LIST else _NOTHING
            case "text/event-json":
                return _event(message.body)
            case _:
                return _NOTHING


def _event(body: bytes) -> Heard:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return _NOTHING
    event = events.trimmed(said) if isinstance(said, dict) else None
    return _NOTHING if event is None else Heard(event, at=events.happened(event))


def _listed(body: bytes) -> Listed:
    """``{"row_count": 1, "rows": [{"uuid": …, "call_uuid": …}]}``; without rows when nothing is up."""
    try:
        said: Any = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or "row_count" not in said:
        return Listed(None, NOT_LISTED)
    rows = said.get("rows", [])
    shown = [read.texts(row) for row in rows] if isinstance(rows, list) else []
    named = (row.get(name, "") for row in shown for name in ("uuid", "call_uuid"))
    return Listed(frozenset(one for value in named for one in read.uuids(value)))
