"""A try of the connection: are the keys accepted, and does the account's clock agree with the setting?"""

from datetime import UTC, datetime, timedelta

from hub.domain.errors import Misconfigured
from hub.telephony.providers.zadarma import rest, times
from hub.telephony.providers.zadarma.settings import ZadarmaSettings
from hub.telephony.setting_types import zone

PATIENCE_SECONDS = 10.0
NEAR = timedelta(minutes=5)


def probe(settings: ZadarmaSettings) -> str:
    """What it came to, in a sentence; Misconfigured when Hub would read Zadarma's times wrongly."""
    said = rest.ask(settings, "/v1/info/timezone/", PATIENCE_SECONDS)
    try:
        now = datetime.fromtimestamp(int(said["unixtime"]), UTC)
        shown = datetime.strptime(str(said["datetime"]), times.FORMAT).replace(tzinfo=UTC)
    except (KeyError, ValueError, TypeError, OverflowError, OSError):
        return "Zadarma answers; what time it is in the account it does not say"
    ours = now.astimezone(zone(settings.timezone)).replace(tzinfo=UTC)
    if abs(shown - ours) > NEAR:
        raise Misconfigured(
            f"timezone: got {settings.timezone}, where it is {ours:%H:%M}; in the account it is {shown:%H:%M}"
        )
    return f"Zadarma answers: its key is accepted, and in the account it is {shown:%H:%M} as in {settings.timezone}"
