"""A recording's link, asked for each time: it is good for half an hour, and goes to nobody else."""

from collections.abc import Sequence

from hub.domain.errors import Rejected, Transient
from hub.domain.recordings import Address, Way
from hub.telephony.providers.zadarma import rest
from hub.telephony.providers.zadarma.settings import ZadarmaSettings
from hub.telephony.recorded import host

SECONDS = 10.0
LIFETIME = 1800
"""Seconds: the shortest Zadarma offers is three minutes, too short for a long recording on a slow line."""


def ways(settings: ZadarmaSettings, call: str) -> Sequence[Way]:
    """Transient while there is none: it is ready some forty seconds after the end of the talk."""
    try:
        said = rest.ask(settings, "/v1/pbx/record/request/", SECONDS, call_id=call, lifetime=LIFETIME)
    except Rejected as error:
        raise Transient(f"no link to it yet: {error}") from error
    link = said.get("link")
    if not isinstance(link, str) or not link.startswith("http"):
        raise Transient("Zadarma gave no link to it yet")
    return [Address(url=link, hosts=frozenset({host(settings.api_base)}))]
