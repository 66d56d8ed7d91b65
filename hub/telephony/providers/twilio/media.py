"""Where Twilio keeps a recording: both sides apart where it has them so, else mixed."""

from collections.abc import Sequence

from hub.domain.recordings import Address, Way
from hub.telephony.providers.twilio.facts import RECORDING
from hub.telephony.providers.twilio.settings import TwilioSettings
from hub.telephony.recorded import at

API = "2010-04-01"


def ways(settings: TwilioSettings, sid: str) -> Sequence[Way]:
    """One made in one channel is refused when two are asked for (warning 16113), so it is asked for as it is then."""
    if not RECORDING.fullmatch(sid):
        return []
    file = f"{settings.api_base}/{API}/Accounts/{settings.account_sid}/Recordings/{sid}.wav"
    return [_at(settings, f"{file}?RequestedChannels=2"), _at(settings, file)]


def _at(settings: TwilioSettings, url: str) -> Address:
    """Always with credentials: whether Twilio asks for them is a switch of the account."""
    return at(url, settings.account_sid, settings.auth_token, "twilio")
