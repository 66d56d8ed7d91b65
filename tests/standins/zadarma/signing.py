"""How Zadarma signs, written down here a second time, by its description."""

import base64
import hashlib
import hmac
from collections.abc import Mapping


def notification_signature(secret: str, fields: Mapping[str, str]) -> str:
    """Three fields one after the other, by event; of a recording its call and itself."""
    event = fields["event"]
    if event == "NOTIFY_RECORD":
        text = fields["pbx_call_id"] + fields["call_id_with_rec"]
    elif event in {"NOTIFY_OUT_START", "NOTIFY_OUT_END"}:
        text = fields["internal"] + fields["destination"] + fields["call_start"]
    elif event == "NOTIFY_ANSWER":
        text = fields["caller_id"] + fields["destination"] + fields["call_start"]
    else:
        text = fields["caller_id"] + fields["called_did"] + fields["call_start"]
    return _base64_of_hex(secret, text)


def request_signature(secret: str, path: str, query: str) -> str:
    """Path, query, and the query's MD5 in hex."""
    return _base64_of_hex(secret, f"{path}{query}{hashlib.md5(query.encode(), usedforsecurity=False).hexdigest()}")


def _base64_of_hex(secret: str, text: str) -> str:
    digits = hmac.new(secret.encode(), text.encode(), hashlib.sha1).hexdigest()
    return base64.b64encode(digits.encode("ascii")).decode("ascii")
