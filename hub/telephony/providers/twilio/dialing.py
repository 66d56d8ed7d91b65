"""Click-to-call: our own phone is rung first, and who picks up is joined with the client (the `connect` door)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from twilio.rest.api.v2010.account.call import CallInstance

from hub.domain import clock
from hub.domain.dialing import DialOrder, Placed
from hub.domain.errors import Misconfigured, Rejected, Transient
from hub.http import NoAnswer
from hub.telephony.providers.twilio import phones, rest
from hub.telephony.providers.twilio.addresses import Hook
from hub.telephony.providers.twilio.settings import TwilioSettings
from hub.telephony.providers.twilio.states import OVER
from hub.telephony.providers.twilio.twiml import EVENTS

PLACE_SECONDS, LOOK_SECONDS, HANG_UP_SECONDS = 5.5, 3.0, 5.0
"""Together below the ten seconds somebody who clicked waits at most."""
CLOCKS_APART = timedelta(seconds=30)
"""How far Twilio's clock may be behind ours."""
NEWEST = 20
RINGING = "Twilio rings your phone"


def place(settings: TwilioSettings, order: DialOrder) -> Placed:
    """Asked once. When the answer does not come, Twilio's list says whether the phone rings all the same."""
    phone = phones.spelled(order.extension)
    shown = order.line or settings.shown
    if shown is None:
        raise Misconfigured("caller_id: is not set; expected the Twilio number clients should see")
    asked_at = clock.now()
    try:
        return Placed(detail=RINGING, ref=_create(settings, order, phone, shown))
    except NoAnswer as problem:
        return _look(settings, phone, shown, asked_at, problem)


def _create(settings: TwilioSettings, order: DialOrder, phone: str, shown: str) -> str | None:
    hook = Hook(settings.public_url + order.hook)
    context = {"of": "out", "req": order.request, "to": order.number}
    with rest.in_our_words():
        made = rest.client(settings, PLACE_SECONDS).calls.create(
            to=phone,
            from_=shown,
            url=hook.door("connect", **context, line=shown),
            method="POST",
            status_callback=hook.door("status", **context),
            status_callback_event=EVENTS.split(),
            status_callback_method="POST",
            timeout=settings.agent_ring_seconds,
        )
    if made.sid is None:
        raise NoAnswer("Twilio answered something that is no answer")
    return made.sid


def _look(settings: TwilioSettings, phone: str, shown: str, asked_at: datetime, problem: NoAnswer) -> Placed:
    """The call that was made although nobody said so; Transient when there is none, or nobody can say."""
    try:
        with rest.in_our_words():
            calls = rest.client(settings, LOOK_SECONDS).calls.list(to=phone, limit=NEWEST, page_size=NEWEST)
            found = next(_alive(calls, shown, asked_at - CLOCKS_APART), None)
    except (Transient, Rejected, Misconfigured) as error:
        again = "; your phone may ring all the same, so wait a minute before you try again"
        raise Transient(f"{problem}{again}") from error
    if found is None:
        raise Transient(f"{problem}; nothing was dialled") from problem
    return Placed(detail=RINGING, ref=found)


def _alive(calls: list[CallInstance], shown: str, since: datetime) -> Iterator[str]:
    """Calls to our phone that began after we asked; one that only waits has no time of its own yet."""
    for call in calls:
        began = call.start_time or call.date_created
        young = began is None or began >= since
        if young and call.sid and call.status not in OVER and call._from == shown:  # noqa: SLF001 - `from` is a keyword
            yield call.sid


def cancel(settings: TwilioSettings, ref: str | None) -> str:
    """Hang up whatever came of the click; Rejected when nobody knows what that is."""
    if ref is None:
        raise Rejected("Twilio never said which call it is; hang up your phone")
    try:
        with rest.in_our_words():
            rest.client(settings, HANG_UP_SECONDS).calls(ref).update(status="completed")
    except Rejected:
        return "the call was over already"
    return "Twilio hangs up"
