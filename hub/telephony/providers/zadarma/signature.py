"""How Zadarma and Hub prove themselves to each other: a keyed hash (HMAC-SHA1) as hex, and that in base64.

Its notifications sign three fields, in an order of each event's own; neither the event's name, nor how long a call
was or how it ended, is covered. Requests sign the method's path, the sorted query, and the query's MD5.
Source: Zadarma's API documentation and its PHP client.
"""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from hashlib import md5

from hub.domain.delivery import Delivery
from hub.domain.errors import Unauthentic, Unrecognised
from hub.telephony.providers.zadarma import messages

HEADER = "signature"
INBOUND = ("caller_id", "called_did", "call_start")
ANSWERED = ("caller_id", "destination", "call_start")
OUTBOUND = ("internal", "destination", "call_start")
RECORDED = ("pbx_call_id", "call_id_with_rec")
SIGNED = {
    messages.START: INBOUND,
    messages.INTERNAL: INBOUND,
    messages.IVR: INBOUND,
    messages.END: INBOUND,
    messages.ANSWER: ANSWERED,
    messages.OUT_START: OUTBOUND,
    messages.OUT_END: OUTBOUND,
    messages.RECORD: RECORDED,
}
FORMULAS = (INBOUND, ANSWERED, OUTBOUND, RECORDED)


def verify(delivery: Delivery) -> None:
    """Unauthentic unless it is signed as its event demands; an event nobody knows may be signed as any is."""
    offered = delivery.headers.get(HEADER, "").strip()
    try:
        said = messages.form(delivery)
    except Unrecognised as error:
        raise Unauthentic(f"no notification of Zadarma's: {error}") from error
    event = said.get("event", "")
    secret = delivery.settings.secret.get_secret_value()
    for formula in (SIGNED[event],) if event in SIGNED else FORMULAS:
        text = "".join(said.get(name, "") for name in formula)
        if text and hmac.compare_digest(offered.encode("utf-8", "replace"), of(secret, text).encode()):
            return
    raise Unauthentic("Signature does not match what is notified")


def of(secret: str, text: str) -> str:
    """The signature of `text`: base64 of the hex digits, not of the twenty bytes they stand for."""
    return b64encode(hmac.digest(secret.encode(), text.encode(), "sha1").hex().encode()).decode()


def headers(key: str, secret: str, path: str, query: str) -> Mapping[str, str]:
    """What proves a request; `path` as it is called, with its last slash, `query` sorted and encoded."""
    checked = md5(query.encode(), usedforsecurity=False).hexdigest()
    return {"Authorization": f"{key}:{of(secret, path + query + checked)}"}
