"""What an administrator tells Hub about a Twilio account. The first three are enough to hear of calls."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator

from hub.domain.errors import Invalid
from hub.telephony.providers.twilio import phones
from hub.telephony.setting_types import LOOPBACK, CommaList, Region

_NUMBER = re.compile(r"\+\d{7,15}")
_CHANNELS = re.compile(r"([A-Za-z]{1,40})=(us-client|client-us)")
Text = Annotated[str, StringConstraints(max_length=500)]


class TwilioSettings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    account_sid: str = Field(
        pattern=r"^AC[0-9a-fA-F]{32}$", description="The account (or sub-account): AC and 32 digits."
    )
    auth_token: SecretStr = Field(
        min_length=1, description="Its primary auth token: signs what Twilio sends, and lets Hub place calls."
    )
    previous_auth_token: SecretStr | None = Field(
        None, description="While the token is being changed: the other one, whose signatures are still believed."
    )
    public_url: str = Field(description="The address Twilio reaches Hub at, as entered there: https://hub.example.org.")
    api_base: str = Field(
        "https://api.twilio.com",
        description="Where Twilio's REST API is; https://api.dublin.ie1.twilio.com for Ireland.",
    )
    api_key_sid: str = Field(
        "", pattern=r"^(SK[0-9a-fA-F]{32})?$", description="Browser phones: an API key (SK…) that signs their passes."
    )
    api_key_secret: SecretStr | None = Field(None, description="Browser phones: the secret of that API key.")
    app_sid: str = Field(
        "", pattern=r"^(AP[0-9a-fA-F]{32})?$", description="Browser phones: the TwiML app (AP…) their calls go through."
    )
    home_region: str = Field(
        "", pattern=r"^[a-z]{0,4}\d{0,2}$", description="Browser phones: the account's region, such as ie1. Empty: US."
    )
    region: Region = Field(
        "", description="Country (two letters, such as GB) whose habits decide how typed numbers read."
    )
    lines: CommaList = Field((), description="Our Twilio numbers, separated by commas: +442079460000.")
    caller_id: str = Field(
        "", description="The number clients see when nobody's own line says otherwise. Empty: the first of the lines."
    )
    fallback_phone: str = Field(
        "", description="Rung when Hub finds nobody to ring, or cannot say in time: client:name, sip:… or +number."
    )
    agent_ring_seconds: int = Field(25, ge=5, le=120, description="Click-to-call: how long our own phone rings.")
    press_one: bool = Field(
        True,
        description=(
            "Click-to-call to a phone that is a telephone number: the client is called after 1 was pressed, "
            "so that a voicemail box that picked up calls nobody."
        ),
    )
    voicemail_seconds: int = Field(120, ge=5, le=3600, description="The longest message a caller may leave.")
    language: str = Field(
        "en-US", pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", description="The language the texts below are read in."
    )
    recording_notice: Text = Field("This call is recorded.", description="Read where a line announces recording.")
    voicemail_greeting: Text = Field(
        "Nobody can take your call now. Please leave a message after the tone.",
        description="Read before a message is recorded.",
    )
    nobody_there: Text = Field(
        "Nobody can take your call now. Please call again later.",
        description="Read where nobody answered and the line takes no messages.",
    )
    press_one_text: Text = Field(
        "Press 1 to call the client.", description="Read to our own phone before the client is called."
    )
    recording_channels: CommaList = Field(
        (),
        description=(
            "Who speaks on which channel of a two-channel recording, by where it comes from: DialVerb=client-us. "
            "Listen to one recording first; Twilio's sources differ."
        ),
    )

    @field_validator("public_url")
    @classmethod
    def _public(cls, value: str) -> str:
        address = _address(value)
        if "_" in (address.hostname or ""):
            raise ValueError("expects a host without _: Twilio calls no other")
        return value.rstrip("/")

    @field_validator("api_base")
    @classmethod
    def _api(cls, value: str) -> str:
        address = _address(value)
        if address.scheme != "https" and address.hostname not in LOOPBACK:
            raise ValueError("expects https: the auth token is sent there")
        return value.rstrip("/")

    @field_validator("lines")
    @classmethod
    def _numbers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_number(line) for line in value)

    @field_validator("caller_id")
    @classmethod
    def _caller(cls, value: str) -> str:
        return value and _number(value)

    @field_validator("fallback_phone")
    @classmethod
    def _phone(cls, value: str) -> str:
        try:
            return value and phones.spelled(value)
        except Invalid as error:
            raise ValueError(str(error)) from error

    @field_validator("recording_channels")
    @classmethod
    def _channels(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [one for one in value if not _CHANNELS.fullmatch(one)]:
            raise ValueError(f"expects Source=us-client or Source=client-us; {unknown[0]!r} is neither")
        return value

    @property
    def tokens(self) -> list[str]:
        """Whose signatures are believed, the current first."""
        both = (self.auth_token, self.previous_auth_token)
        return [token.get_secret_value() for token in both if token and token.get_secret_value()]

    @property
    def shown(self) -> str | None:
        """The number clients see where nothing else is said."""
        return self.caller_id or next(iter(self.lines), None)

    @cached_property
    def channels(self) -> Mapping[str, str]:
        """``us-client`` or ``client-us`` (first channel first) by the source of a recording."""
        return dict(one.split("=") for one in self.recording_channels)


def _address(value: str) -> SplitResult:
    try:
        address = urlsplit(value)
        sound = address.scheme in ("https", "http") and address.hostname and (address.port or 1)
    except ValueError as error:
        raise ValueError(f"expects an address such as https://hub.example.org ({error})") from error
    if not sound or address.username is not None or address.query or address.fragment:
        raise ValueError("expects an address such as https://hub.example.org, without user, ? or #")
    return address


def _number(typed: str) -> str:
    plain = re.sub(r"[\s().-]", "", typed)
    if not _NUMBER.fullmatch(plain):
        raise ValueError(f"expects numbers such as +442079460000; {typed!r} is none")
    return plain
