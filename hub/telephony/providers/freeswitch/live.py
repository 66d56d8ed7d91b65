"""The live line to a switch: listening, a try of the connection, click-to-call and taking it back."""

import json
import re
import time
from uuid import NAMESPACE_URL, uuid5

from hub.connectors import Listening
from hub.domain.dialing import DialOrder, Placed
from hub.domain.errors import Misconfigured, Rejected
from hub.telephony.listener import Listener
from hub.telephony.providers.freeswitch import text as read
from hub.telephony.providers.freeswitch.esl import Endpoint, EventSocket
from hub.telephony.providers.freeswitch.line import Switch
from hub.telephony.providers.freeswitch.settings import FreeSwitchSettings
from hub.telephony.providers.freeswitch.snapshots import NUMBER, REQUEST
from hub.telephony.providers.freeswitch.wire import Message

RING_SECONDS = 25
NEWS_SECONDS = 2.0
"""How long a refusal by the switch is waited for; a phone that rings says so at once."""
_NOT_DIALLED = re.compile(r"[^0-9+]")
REFUSALS = {
    "USER_NOT_REGISTERED": "your phone is not registered",
    "SUBSCRIBER_ABSENT": "there is no such phone on the switch",
    "USER_BUSY": "your phone is busy",
    "CALL_REJECTED": "your phone declined",
    "NO_ANSWER": "your phone was not picked up",
    "DESTINATION_OUT_OF_ORDER": "your phone cannot be reached",
}


def endpoint(settings: FreeSwitchSettings) -> Endpoint:
    """Where the event socket is; Misconfigured when nobody said."""
    if not settings.host:
        raise Misconfigured("host: is not set; expected the name or address of the switch")
    return Endpoint(settings.host, settings.port, settings.password.get_secret_value())


def listener(settings: FreeSwitchSettings) -> Listening | None:
    """None without a host: such a connection takes pushed records alone."""
    if not settings.host:
        return None
    return lambda lease, intake: Listener(Switch(endpoint(settings)), lease, intake)


def probe(settings: FreeSwitchSettings) -> str:
    """Log in and out again; Misconfigured or Transient say what is wrong."""
    if not settings.host:
        return "nothing to try: without a host the switch delivers its records by itself"
    there = endpoint(settings)
    with EventSocket.connect(there):
        return f"{there} answers and takes the password"


def place(settings: FreeSwitchSettings, order: DialOrder) -> Placed:
    """Have the switch ring our phone, then call the client; Rejected in plain words when it will not."""
    channel = channel_of(order)
    with EventSocket.connect(endpoint(settings)) as line:
        line.ask("event json BACKGROUND_JOB CHANNEL_PROGRESS CHANNEL_PROGRESS_MEDIA CHANNEL_ANSWER")
        answer = line.ask(f"bgapi originate {originate(settings, order)}")
        if not answer.reply.startswith("+OK"):
            raise Rejected(f"the switch refused: {answer.reply[:100]}")
        _heed(line, channel, answer.reply)
    return Placed(detail="the phone system rings your phone", ref=channel)


def channel_of(order: DialOrder) -> str:
    """The id our phone's leg will have: the same for the same click, so that none is placed twice."""
    return str(uuid5(NAMESPACE_URL, f"hub-click:{order.request}"))


def originate(settings: FreeSwitchSettings, order: DialOrder) -> str:
    """What follows ``originate``: nothing in it comes from outside but what `DialOrder` has checked."""
    variables = {
        "origination_uuid": channel_of(order),
        REQUEST: order.request,
        NUMBER: order.number,
        "ignore_early_media": "true",
        "originate_timeout": str(RING_SECONDS),
        "origination_caller_id_number": _NOT_DIALLED.sub("", order.line or order.number),
    }
    said = ",".join(f"{name}={value}" for name, value in variables.items())
    phone = settings.dial_phone.replace("{extension}", order.extension)
    if settings.dial_client:
        return f"{{{said}}}{phone} &bridge({settings.dial_client.replace('{number}', order.number)})"
    return f"{{{said}}}{phone} {order.number} XML {settings.dial_context}"


def _heed(line: EventSocket, channel: str, accepted: str) -> None:
    """Until the phone rings or the switch says that it will not; silence is no refusal."""
    jobs, deadline = set(read.uuids(accepted)), time.monotonic() + NEWS_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        for message in line.receive(left):
            said = _event(message)
            if said.get("Unique-ID") == channel:
                return
            if jobs & set(read.uuids(said.get("Job-UUID", ""))):
                _check(said.get("_body", ""))
                return


def _event(message: Message) -> dict[str, str]:
    try:
        return read.texts(json.loads(message.body)) if message.kind == "text/event-json" else {}
    except (ValueError, RecursionError):
        return {}


def _check(result: str) -> None:
    if result.startswith("-ERR"):
        cause = result.removeprefix("-ERR").strip()
        raise Rejected(REFUSALS.get(cause, f"the switch refused: {cause[:100]}"))


def cancel(settings: FreeSwitchSettings, order: DialOrder) -> str:
    """Hang up our phone's leg; the client's goes with it."""
    with EventSocket.connect(endpoint(settings)) as line:
        answer = line.ask(f"api uuid_kill {channel_of(order)}")
    if not answer.reply.startswith("+OK"):
        raise Rejected("there is nothing to hang up any more")
    return "the phone system hung up"
