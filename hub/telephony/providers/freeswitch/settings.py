"""What an administrator tells Hub about a FreeSWITCH."""

import re
import secrets
from functools import cached_property

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from hub.domain.identity import TAIL_DIGITS
from hub.telephony.recorded import Base, FolderPath
from hub.telephony.setting_types import Lines, Region

_NOT_DIGITS = re.compile(r"\D")


def _own_secret() -> SecretStr:
    return SecretStr(secrets.token_urlsafe(24))


class FreeSwitchSettings(BaseModel):
    """One switch: its records are pushed; `host` and `password` add what happens at this moment, and clicks."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    secret: SecretStr = Field(
        default_factory=_own_secret,
        description="Last part of the address for call records; whoever knows it may push. Made by Hub when left out.",
    )
    record_user: str = Field(
        "", max_length=100, pattern=r"^[^:]*$", description="User of the cred parameter of json_cdr.conf."
    )
    record_password: SecretStr | None = Field(
        None, description="Password of the cred parameter; when set, every record must show both (HTTP basic)."
    )
    host: str = Field(
        "",
        max_length=255,
        pattern=r"^[A-Za-z0-9._:-]*$",
        description="Name or address of the switch. Empty: no live listening and no clicks, only pushed records.",
    )
    port: int = Field(8021, ge=1, le=65535, description="Port of the event socket.")
    password: SecretStr = Field(SecretStr(""), description="Password of the event socket; ClueCon is not one.")
    extensions: str = Field(
        r"^\d{2,5}$",
        max_length=500,
        description="Regular expression our short numbers match, whole: they are people, never clients.",
    )
    lines: Lines = Field(
        (), description="Our own outside numbers, separated by commas: +442079460000. They are never clients."
    )
    region: Region = Field(
        "", description="Country (two letters, such as GB) whose habits decide how numbers without a country code read."
    )
    recordings_folder: FolderPath = Field(
        "",
        max_length=500,
        description="Folder in which Hub finds the recordings: on this machine, mounted, or copied there. Watched.",
    )
    recordings_root: FolderPath = Field(
        "/var/lib/freeswitch/recordings",
        max_length=500,
        description="The same folder as the switch itself calls it: its names are read from there on.",
    )
    recordings_url: Base = Field(
        "",
        max_length=500,
        description="Or the address under which a web server shows that folder: https://switch.example.com/recordings.",
    )
    recordings_user: str = Field("", max_length=100, pattern=r"^[^:]*$", description="User for recordings_url.")
    recordings_password: SecretStr | None = Field(None, description="Password for recordings_url.")
    dial_phone: str = Field(
        "user/{extension}",
        pattern=r"^[A-Za-z0-9_]+/[A-Za-z0-9_.@/-]*\{extension\}[A-Za-z0-9_.@/-]*$",
        max_length=100,
        description="Click-to-call: the phone that rings first, such as user/{extension}@pbx.example.com.",
    )
    dial_client: str = Field(
        "",
        pattern=r"^([A-Za-z0-9_]+/[A-Za-z0-9_.@/-]*\{number\}[A-Za-z0-9_.@/-]*)?$",
        max_length=100,
        description="Click-to-call: how the client is called, such as sofia/gateway/operator/{number}. "
        "Empty: as the dialplan calls that number.",
    )
    dial_context: str = Field(
        "default",
        pattern=r"^[A-Za-z0-9_.-]+$",
        max_length=80,
        description="Click-to-call: the dialplan context that calls the client where dial_client is empty.",
    )

    @field_validator("secret")
    @classmethod
    def _fits_an_address(cls, value: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[A-Za-z0-9_-]{16,128}", value.get_secret_value()):
            raise ValueError("expects 16 to 128 letters, digits, - and _")
        return value

    @field_validator("password")
    @classmethod
    def _one_line(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().isprintable():
            raise ValueError("expects one line of text")
        return value

    @field_validator("extensions")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(rf"expects a regular expression such as ^\d{{3}}$ ({error})") from error
        return value

    @cached_property
    def _short(self) -> re.Pattern[str]:
        return re.compile(self.extensions)

    @cached_property
    def _own(self) -> dict[str, str]:
        return {_NOT_DIGITS.sub("", line)[-TAIL_DIGITS:]: line for line in self.lines}

    def is_extension(self, shown: str) -> bool:
        """Whether this is one of our short numbers."""
        return bool(shown) and self._short.fullmatch(shown) is not None

    def line(self, shown: str) -> str:
        """Our line as it was configured; as shown when it is none of those."""
        digits = _NOT_DIGITS.sub("", shown)
        return self._own.get(digits[-TAIL_DIGITS:], shown) if digits else shown
