"""Twilio's own list of calls, conversation by conversation, for comparison with what Hub heard."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime

from twilio.rest.api.v2010.account.call import CallInstance

from hub.connectors import Listed
from hub.domain.errors import Misconfigured
from hub.telephony.providers.twilio import phones, rest
from hub.telephony.providers.twilio.settings import TwilioSettings

PAGE = 500
PAGE_SECONDS = 20.0
AFTERWARDS = timedelta(hours=6)
"""Legs begin after the conversation they belong to; those of a long one are looked for as long as this."""
Row = Mapping[str, str | None]


def listed(settings: TwilioSettings, since: datetime, until: datetime) -> Iterator[Listed]:
    """Conversations that began in that time, each with all its legs. Transient when Twilio cannot be asked now."""
    with rest.in_our_words():
        calls = rest.client(settings, PAGE_SECONDS).calls
        rows = calls.list(start_time_after=since, start_time_before=until + AFTERWARDS, page_size=PAGE)
    families = _families(rows)
    for root in rows:
        began = root.start_time
        family = families[root.sid or ""]
        if began and since <= began < until and _is_conversation(root, family):
            body = json.dumps({"calls": [_row(leg) for leg in family]})
            yield Listed(call=root.sid or "", at=began, body=body.encode())


def probe(settings: TwilioSettings) -> str:
    """Ask for the account itself; Misconfigured or Transient say what is wrong."""
    with rest.in_our_words():
        account = rest.client(settings, PAGE_SECONDS).api.accounts(settings.account_sid).fetch()
    if account.status != "active":
        raise Misconfigured(f"account_sid: Twilio says this account is {account.status}; expected an active one")
    return f"Twilio answers: the account {account.friendly_name or settings.account_sid} is active"


def _families(rows: Sequence[CallInstance]) -> Mapping[str, list[CallInstance]]:
    """Every conversation's legs by its root: a leg's parent may itself have been dialled."""
    parents = {row.sid: row.parent_call_sid for row in rows}
    families: defaultdict[str, list[CallInstance]] = defaultdict(list)
    for row in rows:
        root, seen = row.sid, {row.sid}
        while (parent := parents.get(root)) and parent not in seen:
            root = parent
            seen.add(root)
        families[root or ""].append(row)
    return families


def _is_conversation(root: CallInstance, family: Sequence[CallInstance]) -> bool:
    """Not a leg, not a trunk's (its PBX tells of it), nor what other programs said to somebody by machine."""
    if root.parent_call_sid or (root.direction or "").startswith("trunking"):
        return False
    alone = len(family) == 1 and root.direction == "outbound-api"
    return not (alone and phones.is_number(root.to or ""))


def _row(call: CallInstance) -> Row:
    """A leg in the words of the list itself."""
    return {
        "sid": call.sid,
        "parent_call_sid": call.parent_call_sid,
        "status": call.status,
        "direction": call.direction,
        "from": call._from,  # noqa: SLF001 - `from` is a keyword
        "to": call.to,
        "caller_name": call.caller_name,
        "start_time": _rfc2822(call.start_time),
        "end_time": _rfc2822(call.end_time),
        "duration": call.duration,
    }


def _rfc2822(at: datetime | None) -> str | None:
    return format_datetime(at) if at else None
