"""Is it Twilio? The signature over the public address and the fields, compared in constant time."""

import hmac
from collections.abc import Iterator
from hashlib import sha256
from urllib.parse import parse_qs, urlparse

from twilio.request_validator import RequestValidator, add_port, remove_port

from hub.domain.delivery import Delivery
from hub.domain.errors import Unauthentic, Unrecognised
from hub.telephony.providers.twilio import requests
from hub.telephony.providers.twilio.requests import Fields
from hub.telephony.providers.twilio.settings import TwilioSettings

HEADER = "x-twilio-signature"
FORM = "application/x-www-form-urlencoded"
MAX_SIGNATURE = 100


def verify(delivery: Delivery) -> None:
    """Unauthentic unless this very request was signed for our address, with our token, about our account."""
    try:
        _prove(delivery, delivery.settings)
    except (ValueError, Unrecognised) as error:
        raise Unauthentic(f"what twilio sends can be read: {error}") from error


def _prove(delivery: Delivery, settings: TwilioSettings) -> None:
    if not delivery.target.startswith("/"):
        raise Unauthentic("twilio asks for a path")
    address = settings.public_url + delivery.target
    offered = delivery.headers.get(HEADER, "")[:MAX_SIGNATURE].encode("utf-8", "replace")
    signed = _signed_fields(delivery, address)
    if not any(hmac.compare_digest(offered, right) for right in _signatures(settings, address, signed)):
        raise Unauthentic("twilio's signature does not match this address and these fields")
    if requests.read(delivery).get("AccountSid") != settings.account_sid:
        raise Unauthentic("twilio speaks of an account that is not ours")


def _signed_fields(delivery: Delivery, address: str) -> Fields:
    """What is signed beside the address: a form's fields; any other body is by its digest in the address."""
    if delivery.method == "POST" and delivery.content_type == FORM:
        return requests.form(delivery.body)
    if delivery.body and not _is_digest(delivery.body, address):
        raise Unauthentic("the body is neither a form nor the one whose bodySHA256 was signed")
    return Fields()


def _is_digest(body: bytes, address: str) -> bool:
    named = parse_qs(urlparse(address).query).get("bodySHA256", [""])[0]
    return hmac.compare_digest(named.lower().encode("utf-8", "replace"), sha256(body).hexdigest().encode())


def _signatures(settings: TwilioSettings, address: str, fields: Fields) -> Iterator[bytes]:
    """Twilio signs the address now with its port, now without; while the token changes, with either."""
    parts = urlparse(address)
    for token in settings.tokens:
        validator = RequestValidator(token)
        for spelling in dict.fromkeys((address, add_port(parts), remove_port(parts))):
            yield validator.compute_signature(spelling, fields).encode()
