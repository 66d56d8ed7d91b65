"""What an administrator tells Hub about a FreeSWITCH."""

import re
import secrets
from functools import cached_property

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from hub.domain.identity import TAIL_DIGITS
from hub.telephony.setting_types import Lines, Region

_NOT_DIGITS = re.compile(r"\D")


def _own_secret() -> SecretStr:
    return SecretStr(secrets.token_urlsafe(24))


class FreeSwitchSettings(BaseModel):
    """One switch, which pushes its records."""

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

    @field_validator("secret")
    @classmethod
    def _fits_an_address(cls, value: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[A-Za-z0-9_-]{16,128}", value.get_secret_value()):
            raise ValueError("expects 16 to 128 letters, digits, - and _")
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
