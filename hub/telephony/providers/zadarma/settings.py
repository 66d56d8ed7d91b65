"""What an administrator tells Hub about a Zadarma account."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from hub.telephony.setting_types import ApiBase, Lines, Region, Zone


class ZadarmaSettings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    key: str = Field(
        pattern=r"^[!-9;-~]{1,100}$", description="The account's API key, from Settings, Integrations and API, Keys."
    )
    secret: SecretStr = Field(
        min_length=1, description="The secret beside it: signs what Zadarma notifies and what Hub asks."
    )
    timezone: Zone = Field(
        description="The account's time zone, such as Europe/Kyiv: Zadarma tells the time of its wall clock."
    )
    lines: Lines = Field(
        (), description="Our own outside numbers, separated by commas: +442079460000. They are never clients."
    )
    region: Region = Field(
        "", description="Country (two letters, such as GB) whose habits decide how numbers without a country code read."
    )
    routing: bool = Field(
        False, description="Answer a new call with whom to ring: the client's own manager first. yes or no."
    )
    group: str = Field(
        "",
        pattern=r"^(\d{1,3}(-(\d{1,3}|main))?)?$",
        description=(
            "Where a call goes that several phones should ring: a scenario of the exchange such as 0-1. "
            "Empty: as it would without Hub."
        ),
    )
    api_base: ApiBase = Field("https://api.zadarma.com", description="Where Zadarma's API is.")
