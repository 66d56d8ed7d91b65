"""What an administrator tells Hub about a phone system that pushes."""

import re
import secrets
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from hub.telephony.recorded import Hosts
from hub.telephony.setting_types import Lines, Region

SignatureHeader = Literal["X-Hub-Signature-256", "X-Signature", "X-Webhook-Signature", "X-Placetel-Signature"]
"""Names under which systems send an HMAC of the body."""


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
    recording_hosts: Hosts = Field(
        (),
        description=(
            "Hosts whose recording links are fetched although they are on our own network or speak plain HTTP, "
            "separated by commas: pbx.example.local. Links to public https hosts need no entry."
        ),
    )
    recording_user: str = Field(
        "", max_length=100, pattern=r"^[^:]*$", description="User for recordings on recording_hosts, sent to no other."
    )
    recording_password: SecretStr | None = Field(None, description="Password for recordings on recording_hosts.")
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
