"""What can happen to a channel, in one vocabulary for every source: AMI events, CEL rows and CDR rows.

Signals are tuples, so their plain order is the canonical one: by time, then by `Verb`, then by content.
"""

from datetime import datetime
from enum import IntEnum
from typing import NamedTuple


class Verb(IntEnum):
    """The numbers settle what came first at the same instant."""

    BORN = 0  # about: Birth
    RENAMED = 1  # value: new name
    CALLER_ID = 2  # about: number, name, presentation
    VARIABLE = 3  # other: variable, value: value
    REACHED = 4  # value: a short number the dial plan arrived at, other: context
    RAN = 5  # value: application, other: its data
    ORIGINATED = 6  # other: number to call afterwards
    DIALLED = 7  # other: the channel that dials, value: dial string
    QUEUED = 8  # value: queue
    RINGING = 9
    PICKED_UP = 10  # other: channel of the one who picked up, value: its name
    UP = 11
    ENTERED = 12  # other: bridge
    TRANSFERRED = 13  # a blind transfer by this channel; value: extension
    HELD = 14  # this channel put the other on hold
    UNHELD = 15
    MUSIC = 16  # this channel hears music
    QUIET = 17
    ABANDONED = 18
    UNQUEUED = 19
    ASKED_TO_END = 20  # this side hung up; value: "tone" when the system made it after playing busy
    DIAL_ENDED = 21  # value: dial status
    LEFT = 22  # other: bridge
    ENDED = 23  # value: hangup cause
    MARKED = 24  # the PBX itself says what kind of call this channel made; value: inbound, outbound


class Birth(NamedTuple):
    """How a channel looked when it came to be."""

    context: str = ""
    exten: str = ""
    number: str = ""
    caller: str = ""
    state: str = ""


class Signal(NamedTuple):
    at: datetime
    verb: Verb
    channel: str
    name: str = ""
    linkedid: str = ""
    other: str = ""
    value: str = ""
    about: tuple[str, ...] = ()
