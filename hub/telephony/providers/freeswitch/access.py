"""Who may push call records: whoever knows the secret in the address, and the password where one is set."""

import base64
import binascii
import hmac

from hub.domain.delivery import Delivery
from hub.domain.errors import Unauthentic
from hub.telephony.providers.freeswitch.settings import FreeSwitchSettings

HEADER = "authorization"


def verify(delivery: Delivery) -> None:
    """Unauthentic when the address or, where a password is set, HTTP basic does not fit."""
    settings: FreeSwitchSettings = delivery.settings
    if not _same(delivery.path, settings.secret.get_secret_value()):
        raise Unauthentic("the address does not end in the connection's secret")
    if settings.record_password is not None:
        expected = f"{settings.record_user}:{settings.record_password.get_secret_value()}"
        if not _same(_credentials(delivery.headers.get(HEADER, "")), expected):
            raise Unauthentic("the user and password of cred are not record_user and record_password")


def _credentials(header: str) -> str:
    """``user:password`` of an Authorization header; empty when it is none."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded.strip(), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _same(offered: str, expected: str) -> bool:
    return hmac.compare_digest(offered.encode("utf-8", "replace"), expected.encode())
