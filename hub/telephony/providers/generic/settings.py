"""What an administrator tells Hub about a phone system that pushes."""

import re
import secrets
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, field_validator

from hub.domain.identity import is_region

SignatureHeader = Literal["X-Hub-Signature-256", "X-Signature", "X-Webhook-Signature", "X-Placetel-Signature"]
"""Names under which systems send an HMAC of the body."""


def _listed(value: Any) -> Any:
    """A list as people type it: ``a, b``."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _own_secret() -> SecretStr:
    return SecretStr(secrets.token_urlsafe(24))


class GenericSettings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    secret: SecretStr = Field(
        default_factory=_own_secret,
        description="Last part of the push address; whoever knows it may push. Made by Hub when left out.",
    )
    hmac_secret: SecretStr | None = Field(
        None, description="When set, every push must also be signed with it (HMAC-SHA256 over the body, in hex)."
    )
    signature_header: SignatureHeader = Field(
        "X-Hub-Signature-256",
        description=f"Header of the signature: {', '.join(get_args(SignatureHeader))}.",
    )
    routing: bool = Field(
        False, description="Answer a new call with whom to ring: the client's own manager first. yes or no."
    )
    lines: Annotated[tuple[str, ...], BeforeValidator(_listed)] = Field(
        (), description="Our own outside numbers, separated by commas: +442079460000. They are never clients."
    )
    region: str = Field(
        "", description="Country (two letters, such as GB) whose habits decide how numbers without a country code read."
    )

    @field_validator("secret")
    @classmethod
    def _fits_an_address(cls, value: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[A-Za-z0-9_-]{16,128}", value.get_secret_value()):
            raise ValueError("expects 16 to 128 letters, digits, - and _")
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
