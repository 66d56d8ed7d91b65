"""What an administrator tells Hub about an Asterisk or FreePBX; every default is FreePBX's own."""

import re
from functools import cached_property
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, field_validator

from hub.domain.identity import TAIL_DIGITS, is_region
from hub.telephony.recorded import Base, FolderPath


def _listed(value: Any) -> Any:
    """A list as people type it: ``a, b``."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


CommaList = Annotated[tuple[str, ...], BeforeValidator(_listed)]
_HOST = re.compile(r"[A-Za-z0-9._:-]{0,255}")
_NOT_DIGITS = re.compile(r"\D")


class AsteriskSettings(BaseModel):
    """One PBX. FreePBX needs no more than the first four."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    host: str = Field(
        "",
        description="Name or address of the PBX. Empty: no live listening, only imported events and history.",
    )
    port: int = Field(5038, ge=1, le=65535, description="Port of the manager interface (AMI).")
    username: str = Field("", max_length=100, description="Manager user, as in manager.conf.")
    secret: SecretStr = Field(SecretStr(""), description="The manager user's secret.")
    extensions: str = Field(
        r"^\d{2,5}$",
        max_length=500,
        description="Regular expression our short numbers match, whole: they are people, never clients.",
    )
    feature_codes: str = Field(
        r"^[*#].*$",
        max_length=500,
        description="Regular expression of what our phones dial to command the PBX (*97, ##): that alone is no call.",
    )
    trunks: CommaList = Field(
        (),
        description=(
            "Channels that lead outside, without their unique end, separated by commas: PJSIP/operator, DAHDI/g0. "
            "Empty: every channel that is no extension and comes from an inbound context or is called by number."
        ),
    )
    inbound_contexts: CommaList = Field(
        ("from-trunk", "from-pstn", "from-external", "from-sip-external", "from-dahdi", "from-analog", "from-extern"),
        description="Dialplan contexts calls from outside arrive in; from-trunk also means from-trunk-anything.",
    )
    internal_contexts: CommaList = Field(
        ("from-internal", "from-queue", "ext-local", "default", "internal"),
        description="Dialplan contexts our own phones call from; from-internal also means from-internal-anything.",
    )
    lines: CommaList = Field(
        (), description="Our own outside numbers, separated by commas: +442079460000. They are never clients."
    )
    region: str = Field(
        "",
        description="Country (two letters, such as GB) whose habits decide how numbers without a country code read.",
    )
    timezone: str = Field(
        "UTC", description="Time zone of the PBX, such as Europe/Kyiv: for event times without an offset."
    )
    dial_channel: str = Field(
        "PJSIP/{extension}",
        pattern=r"^[A-Za-z0-9]+/[A-Za-z0-9_.@/-]*\{extension\}[A-Za-z0-9_.@/-]*$",
        max_length=100,
        description="Click-to-call: the phone that rings first; also SIP/{extension}, Local/{extension}@from-internal.",
    )
    dial_context: str = Field(
        "from-internal",
        pattern=r"^[A-Za-z0-9_.-]+$",
        max_length=80,
        description="Click-to-call: the dialplan context that then calls the client.",
    )
    phone_address: str = Field(
        "",
        max_length=300,
        pattern=r"^(wss?://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._/-]*)?)?$",
        description=(
            "Browser phones: where the PBX speaks SIP over WebSocket, such as wss://pbx.example.com:8089/ws. "
            "Empty: no phone of this PBX in the browser."
        ),
    )
    phone_domain: str = Field(
        "",
        max_length=255,
        pattern=r"^[A-Za-z0-9.-]*$",
        description="Browser phones: the SIP domain they register in. Empty: the host.",
    )
    phone_secrets: SecretStr | None = Field(
        None,
        description="Browser phones: the SIP password of each extension that may be one, as 101=secret,102=secret.",
    )
    lookup_secret: SecretStr | None = Field(
        None,
        min_length=16,
        max_length=128,
        description="Secret with which the dial plan asks whom to ring, 16 to 128 characters. Empty: nobody may ask.",
    )
    recordings_folder: FolderPath = Field(
        "",
        max_length=500,
        description="Folder in which Hub finds the recordings: on this machine, mounted, or copied there. Watched.",
    )
    recordings_root: FolderPath = Field(
        "/var/spool/asterisk/monitor",
        max_length=500,
        description="The same folder as the PBX itself calls it: its names are read from there on.",
    )
    recordings_url: Base = Field(
        "",
        max_length=500,
        description="Or the address under which a web server shows that folder: https://pbx.example.com/recordings.",
    )
    recordings_user: str = Field("", max_length=100, pattern=r"^[^:]*$", description="User for recordings_url.")
    recordings_password: SecretStr | None = Field(None, description="Password for recordings_url.")
    ari_url: Base = Field(
        "",
        max_length=500,
        description="Recordings made over ARI: its address, such as https://pbx.example.com:8089/ari.",
    )
    ari_user: str = Field("", max_length=100, pattern=r"^[^:]*$", description="ARI user, as in ari.conf.")
    ari_password: SecretStr | None = Field(None, description="The ARI user's password.")
    cdr: SecretStr | None = Field(
        None,
        description=(
            "Where call detail records can be read to fill gaps: the path of a CSV file, or an address such as "
            "mysql+pymysql://user:password@pbx/asteriskcdrdb. Empty: gaps stay marked as gaps."
        ),
    )

    @field_validator("host")
    @classmethod
    def _plain_host(cls, value: str) -> str:
        if not _HOST.fullmatch(value):
            raise ValueError("expects a host name or an address, nothing else")
        return value

    @field_validator("phone_secrets")
    @classmethod
    def _pairs(cls, value: SecretStr | None) -> SecretStr | None:
        for pair in _split(value):
            if not re.fullmatch(r"[0-9A-Za-z]{1,32}=.+", pair):
                raise ValueError("expects an extension and its password, such as 101=secret, separated by commas")
        return value

    @field_validator("extensions", "feature_codes")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(rf"expects a regular expression such as ^\d{{3}}$ ({error})") from error
        return value

    @field_validator("lines")
    @classmethod
    def _numbers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for line in value:
            if not re.fullmatch(r"\+?[\d ().-]{3,30}", line):
                raise ValueError(f"expects telephone numbers separated by commas; {line!r} is none")
        return value

    @field_validator("region")
    @classmethod
    def _known_region(cls, value: str) -> str:
        if value and not is_region(value.upper()):
            raise ValueError("expects a two-letter country code such as GB")
        return value.upper()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, KeyError) as error:
            raise ValueError("expects a time zone name such as Europe/Kyiv") from error
        return value

    @cached_property
    def phones(self) -> dict[str, str]:
        """SIP passwords by extension, of those that may be phones in the browser."""
        return dict(pair.split("=", 1) for pair in _split(self.phone_secrets))

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def _short(self) -> re.Pattern[str]:
        return re.compile(self.extensions)

    @cached_property
    def _codes(self) -> re.Pattern[str]:
        return re.compile(self.feature_codes)

    @cached_property
    def _spelling(self) -> dict[str, str]:
        digits = {_NOT_DIGITS.sub("", line): line for line in self.lines}
        return {short[-TAIL_DIGITS:]: line for short, line in digits.items()} | digits

    def is_extension(self, number: str) -> bool:
        """Whether this is one of our short numbers."""
        return bool(number) and self._short.fullmatch(number) is not None

    def is_feature_code(self, dialled: str) -> bool:
        """Whether this commands the PBX instead of calling anybody."""
        return bool(dialled) and self._codes.fullmatch(dialled) is not None

    def is_trunk(self, base: str) -> bool:
        """Whether a channel name without its unique end is one of the trunks named."""
        return any(base == trunk or base.startswith(trunk + "/") for trunk in self.trunks)

    def is_inbound(self, context: str) -> bool:
        return _within(context, self.inbound_contexts)

    def is_internal(self, context: str) -> bool:
        return _within(context, self.internal_contexts)

    def is_line(self, shown: str) -> bool:
        """Whether this is one of our own outside numbers, however it is written."""
        digits = _NOT_DIGITS.sub("", shown)
        return bool(digits) and (digits in self._spelling or digits[-TAIL_DIGITS:] in self._spelling)

    def line(self, shown: str) -> str:
        """Our line as it was configured; as shown when it is none of those."""
        digits = _NOT_DIGITS.sub("", shown)
        return self._spelling.get(digits) or self._spelling.get(digits[-TAIL_DIGITS:], shown)


def _split(value: SecretStr | None) -> list[str]:
    return [pair.strip() for pair in value.get_secret_value().split(",") if pair.strip()] if value else []


def _within(context: str, family: tuple[str, ...]) -> bool:
    return any(context == name or context.startswith(name + "-") for name in family)
