"""What the environment says, read once. Every setting is a `HUB_*` variable with a description."""

import os
import re
from pathlib import Path
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from hub.domain import results
from hub.domain.errors import Misconfigured
from hub.domain.identity import is_region
from hub.domain.recordings import MOST_DAYS


def _region(code: str) -> str:
    if not is_region(code):
        raise ValueError("expected a two-letter region such as UA or LV")
    return code


def _timezone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("expected a time zone such as Europe/Kyiv")
    return name


SECRETS = Path(os.environ.get("CREDENTIALS_DIRECTORY", "/run/secrets"))
"""Where systemd or containers put what no environment should hold: a file ``hub_secret_key`` is HUB_SECRET_KEY."""


def _redis(address: str) -> str:
    if not address.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("expected an address such as redis://127.0.0.1:6379/0")
    return address


RedisAddress = Annotated[str, AfterValidator(_redis)]
Region = Annotated[str, AfterValidator(_region)]
Timezone = Annotated[str, AfterValidator(_timezone)]


def _results(text: str) -> str:
    results.parse(text)
    return text


CallResults = Annotated[str, AfterValidator(_results)]


def _store(text: str) -> str:
    if text != "files" and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]*)?", text):
        raise ValueError("expected files or s3://bucket/prefix")
    return text


def _http(address: str) -> str:
    if not re.fullmatch(r"https?://[A-Za-z0-9.\-\[\]:]+(/[^?#]*)?", address):
        raise ValueError("expected an address such as https://s3.example.com")
    return address


RecordingsStore = Annotated[str, AfterValidator(_store)]
HttpAddress = Annotated[str, AfterValidator(_http)]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="HUB_",
        extra="ignore",
        hide_input_in_errors=False,
        secrets_dir=SECRETS if SECRETS.is_dir() else None,
    )

    data_dir: Path = Field(Path("data"), description="Where Hub keeps its database, keys and files.")
    database_url: str | None = Field(
        None,
        description="PostgreSQL (postgresql://user@host/name) or SQLite address; unset: SQLite in the data directory.",
    )
    redis_url: RedisAddress | None = Field(
        None, description="Redis for jobs and the live feed; unset: everything runs inside `hub serve`."
    )
    secret_key: SecretStr | None = Field(
        None, description="Key that seals stored secrets and signs cookies; unset: made once in the data directory."
    )
    public_url: str = Field("http://127.0.0.1:8000", description="The address people and providers reach Hub at.")
    proxies: int = Field(
        0, ge=0, le=5, description="Reverse proxies in front, whose word on the client's address is believed."
    )
    proxy_files: str = Field(
        "",
        pattern=r"^(/[A-Za-z0-9_-]+)*/?$",
        description="Where the proxy in front finds stored recordings (X-Accel-Redirect); unset: Hub sends them.",
    )
    region: Region = Field("UA", description="Region for numbers typed without a country code.")
    timezone: Timezone = Field("UTC", description="Zone of business hours where a line names none.")
    lead_window_days: int = Field(30, ge=1, le=365, description="Days in which one person's contacts are one lead.")
    ringing_limit_minutes: int = Field(10, ge=1, le=1440, description="A call ringing longer than this is closed.")
    talking_limit_hours: int = Field(6, ge=1, le=48, description="A call silent for longer than this is closed.")
    call_results: CallResults = Field(results.USUAL, description="What can come of a call: words of four kinds.")
    recordings_store: RecordingsStore = Field(
        "files", description="Where recordings are kept: files (in the data directory) or s3://bucket/prefix."
    )
    recordings_endpoint: HttpAddress | None = Field(
        None, description="Address of an S3-compatible service; unset: Amazon's own."
    )
    recordings_region: str | None = Field(None, description="Region of the bucket, where its service has regions.")
    recordings_access_key: str | None = Field(
        None, description="Access key for the bucket; unset: as the machine itself is known there."
    )
    recordings_secret: SecretStr | None = Field(None, description="The secret of that access key.")
    recordings_key: SecretStr | None = Field(
        None,
        min_length=32,
        description="Key that encrypts recordings at rest, 32 characters or more; unset: they are kept as they are.",
    )
    recordings_keep_days: int = Field(
        180,
        ge=0,
        le=MOST_DAYS,
        description="Days after its call a recording is erased, where its line says nothing; 0: never.",
    )
    threads: int = Field(
        24, ge=2, le=200, description="Requests answered at the same time by one web process, and as many deliveries."
    )
    streams: int = Field(2000, ge=1, le=10_000, description="Open pages told what happens by one web process.")
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="How much is logged.")

    @property
    def url(self) -> str:
        """The database's address, whichever way it was given."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'hub.db').absolute()}"

    @property
    def embedded(self) -> bool:
        """Everything inside one process: no Redis was named."""
        return self.redis_url is None


def load() -> Settings:
    """Settings from the environment; Misconfigured names each wrong one, what it got and what it expects."""
    try:
        return Settings()
    except ValidationError as error:
        raise Misconfigured("\n".join(_explain(problem) for problem in error.errors())) from error


def _explain(problem: object) -> str:
    details = dict(problem)  # type: ignore[call-overload]  # pydantic's ErrorDetails is a TypedDict
    name = "HUB_" + "_".join(str(part) for part in details["loc"]).upper()
    return f"{name}: got {details['input']!r}: {details['msg'].removeprefix('Value error, ')}"
