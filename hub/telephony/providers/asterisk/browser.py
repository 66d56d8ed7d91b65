"""A phone of the PBX in the browser: a PJSIP endpoint with `webrtc=yes`, reached by SIP over WebSocket (RFC 7118).

https://docs.asterisk.org/Configuration/WebRTC/Configuring-Asterisk-for-WebRTC-Clients/
"""

from datetime import timedelta
from urllib.parse import urlsplit

from hub.domain import clock
from hub.domain.dialing import BrowserPhone
from hub.telephony.providers.asterisk.settings import AsteriskSettings

ASK_AGAIN = timedelta(hours=12)
"""A SIP password does not run out; a changed one reaches an open page this late at the latest."""


def browser_phone(settings: AsteriskSettings, extension: str) -> BrowserPhone | None:
    """None where the PBX has no such address, or this extension no password for it."""
    password = settings.phones.get(extension)
    if not settings.phone_address or password is None:
        return None
    there = urlsplit(settings.phone_address)
    domain = settings.phone_domain or settings.host or there.hostname
    return BrowserPhone(
        kind="sip",
        identity=f"sip:{extension}@{domain}",
        token=password,
        expires_at=clock.now() + ASK_AGAIN,
        address=settings.phone_address,
        hosts=(f"{there.scheme}://{there.netloc}",),
    )
