"""Passes for browser phones: signed here, shown to Twilio by the browser."""

from datetime import timedelta

from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from hub.domain import clock
from hub.domain.dialing import BrowserPhone
from hub.domain.errors import Misconfigured
from hub.telephony.providers.twilio import phones
from hub.telephony.providers.twilio.settings import TwilioSettings

GOOD_FOR = timedelta(hours=1)
HOSTS = ("wss://*.twilio.com", "https://*.twilio.com")
"""Whom Twilio's Voice SDK speaks to: its signalling, its insights and its sounds."""
NEEDED = ("api_key_sid", "api_key_secret", "app_sid")


def browser_phone(settings: TwilioSettings, extension: str) -> BrowserPhone | None:
    """None when that phone is no browser; Misconfigured names the settings it takes to have one."""
    identity = phones.identity(phones.spelled(extension))
    if identity is None:
        return None
    missing = [name for name in NEEDED if not getattr(settings, name)]
    if missing or settings.api_key_secret is None:
        raise Misconfigured(f"{', '.join(missing)}: not set; browser phones need an API key and a TwiML app of Twilio")
    until = clock.now() + GOOD_FOR
    token = AccessToken(
        settings.account_sid,
        settings.api_key_sid,
        settings.api_key_secret.get_secret_value(),
        grants=[VoiceGrant(outgoing_application_sid=settings.app_sid, incoming_allow=True)],
        identity=identity,
        ttl=int(GOOD_FOR.total_seconds()),
        region=settings.home_region or None,
    )
    return BrowserPhone(kind="twilio", identity=identity, token=token.to_jwt(), expires_at=until, hosts=HOSTS)
