"""Where the PBX's recordings lie: MixMonitor's files in a folder or at an address, and those ARI made."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from hub.domain.errors import Misconfigured, Transient
from hub.domain.recordings import InFolder, Way
from hub.http import Ask
from hub.telephony import recorded
from hub.telephony.providers.asterisk.settings import AsteriskSettings

_FREEPBX = re.compile(r".+-(?P<date>\d{8})-\d{6}-(?P<id>\d{9,11}\.\d{1,9})")
"""``q-600-380671112233-20260921-131318-1790000000.57``: read from the right, for a number may hold a dash."""
_UNIQUE_ID = re.compile(r"(?<!\d)\d{9,11}\.\d{1,9}(?!\d)")
ARI_SECONDS = 10.0
ARI = "ari:"
"""Before the name of a recording that ARI keeps: it says how it is fetched, and is no file's name."""


def reference(settings: AsteriskSettings, said: str) -> str:
    """The path below the monitor folder; a bare name as FreePBX makes them is put under its day."""
    if said.startswith(ARI):
        return said
    name = recorded.below(said, settings.recordings_root)
    made = _FREEPBX.fullmatch(PurePosixPath(name).stem)
    if made and "/" not in name:
        date = made["date"]
        return f"{date[:4]}/{date[4:6]}/{date[6:]}/{name}"
    return name


def call_of(name: str) -> str | None:
    """The channel's unique id, which FreePBX and most dial plans make part of the name."""
    stem = PurePosixPath(name.removeprefix(ARI)).name
    made = _FREEPBX.match(stem)
    found = _UNIQUE_ID.findall(stem)
    return made["id"] if made else found[-1] if found else None


def ways(settings: AsteriskSettings, name: str) -> Sequence[Way]:
    """What ARI keeps has no other way; a file that MixMonitor wrote into ARI's folder may be had from it too."""
    if name.startswith(ARI):
        return [_stored(settings, name.removeprefix(ARI))] if settings.ari_url else []
    found = list(recorded.ways(settings, name))
    if settings.recordings_folder and _FREEPBX.fullmatch(PurePosixPath(name).stem):
        found.insert(1, InFolder(Path(settings.recordings_folder), PurePosixPath(name).name))  # copied without its day
    if settings.ari_url:
        found.append(_stored(settings, str(PurePosixPath(name).with_suffix(""))))
    return found


def _stored(settings: AsteriskSettings, name: str) -> Way:
    url = f"{settings.ari_url}/recordings/stored/{quote(name, safe='')}/file"
    return recorded.at(url, settings.ari_user, settings.ari_password, "ari")


def listed(settings: AsteriskSettings) -> Iterable[str]:
    """What ARI says it keeps; only it tells of these, and only to whoever asks."""
    if not settings.ari_url:
        return
    password = settings.ari_password.get_secret_value() if settings.ari_password else ""
    url = f"{settings.ari_url}/recordings/stored"
    reply = Ask(who="ARI", url=url, seconds=ARI_SECONDS, auth=(settings.ari_user, password)).once()
    if reply.status in (401, 403):
        raise Misconfigured("ari_user, ari_password: ARI does not accept them")
    if reply.status != 200:
        raise Transient(f"ARI answered {reply.status}")
    said = reply.json()
    for one in said if isinstance(said, list) else ():
        if isinstance(one, dict) and isinstance(name := one.get("name"), str) and name:
            yield ARI + name
