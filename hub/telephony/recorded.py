"""Recordings as PBXs keep them: files under one root, seen by Hub as a folder or at an address."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Protocol
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr

from hub.domain.recordings import Address, InFolder, Way
from hub.telephony.setting_types import CommaList


class Kept(Protocol):
    """The settings a phone system has whose recordings are files."""

    @property
    def recordings_folder(self) -> str: ...
    @property
    def recordings_root(self) -> str: ...
    @property
    def recordings_url(self) -> str: ...
    @property
    def recordings_user(self) -> str: ...
    @property
    def recordings_password(self) -> SecretStr | None: ...


def _folder(value: str) -> str:
    if value and not Path(value).is_absolute():
        raise ValueError("expects the whole path of a folder, such as /mnt/pbx/monitor")
    return value


def _base(value: str) -> str:
    """Plain HTTP is for a PBX on the company's own network; naming its host here allows it."""
    if not value:
        return value
    try:
        parts = urlsplit(value)
        sound = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or "@" in value or "?" in value or "#" in value:
        raise ValueError("expects an address such as https://pbx.example.com/recordings, without user, ? or #")
    return value.rstrip("/")


def _hosts(value: Any) -> Any:
    listed = tuple(value.split(",")) if isinstance(value, str) else value
    return tuple(part.strip().lower() for part in listed) if isinstance(listed, list | tuple) else listed


FolderPath = Annotated[str, AfterValidator(_folder)]
Base = Annotated[str, AfterValidator(_base)]
Hosts = Annotated[CommaList, BeforeValidator(_hosts)]


def below(said: str, root: str) -> str:
    """The path below the root where the system keeps recordings, whichever way it was said; nothing is looked at."""
    path = PurePosixPath(said.replace("\\", "/"))
    try:
        path = path.relative_to(root)
    except ValueError:
        path = PurePosixPath(str(path).lstrip("/"))
    return str(path)


def ways(settings: Kept, name: str) -> Sequence[Way]:
    """The folder first: it costs nothing to look there."""
    found: list[Way] = []
    if settings.recordings_folder:
        found.append(InFolder(Path(settings.recordings_folder), name))
    if settings.recordings_url:
        url = f"{settings.recordings_url}/{quote(name)}"
        found.append(at(url, settings.recordings_user, settings.recordings_password))
    return found


def at(url: str, user: str, password: SecretStr | None, source: str = "http") -> Address:
    """An address an administrator entered: its host is allowed by that."""
    auth = (user, password.get_secret_value() if password else "") if user else None
    return Address(url=url, source=source, auth=auth, hosts=frozenset({host(url)}))


def host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()
