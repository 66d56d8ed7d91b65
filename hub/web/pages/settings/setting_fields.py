"""A connector's settings as fields of a form: made from its own model, with its own explanations."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from flask import current_app
from flask_babel import gettext
from pydantic_core import PydanticUndefined

from hub.connectors import Connector
from hub.inbox.connections import is_secret
from hub.web.pages.frame import hub

FIRST = frozenset(
    {"host", "port", "username", "secret", "password", "key", "account_sid", "auth_token", "public_url", "timezone"}
) | {"lines", "region"}
"""What has to be thought about; the rest usually fits as it is, and is folded away."""
CAPITALS = {
    "api": "API",
    "ari": "ARI",
    "sid": "SID",
    "cdr": "CDR",
    "url": "URL",
    "hmac": "HMAC",
    "id": "ID",
    "timezone": "time zone",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """`kind`: text, number, choice, yes or secret. `kept`: a secret that is set; its value is never here."""

    name: str
    label: str
    explained: str
    kind: str
    value: str
    required: bool
    first: bool
    kept: bool = False
    optional: bool = False
    choices: Sequence[str] = ()
    lowest: int | None = None
    highest: int | None = None
    longest: int = 2000

    @property
    def on(self) -> bool:
        return self.value == "yes"


def label(name: str) -> str:
    """``API key SID`` for ``api_key_sid``."""
    words = [CAPITALS.get(word, word) for word in name.split("_")]
    text = " ".join(words)
    return gettext(text[:1].upper() + text[1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What stands in a form: `values` as they are kept or were typed, and which `secrets` are set."""

    values: Mapping[str, Any]
    secrets: Sequence[str] = ()
    new: bool = False

    def of(self, name: str, default: object) -> str:
        if name in self.values:
            return spelled(self.values[name])
        return spelled(_beginning(name, default)) if self.new else ""


def fields(connector: Connector, filled: Filled) -> list[Field]:
    """Every setting of the connector's model, in its order."""
    shapes = connector.Settings.model_json_schema()["properties"]
    return [_field(connector, name, shapes[name], filled) for name in connector.Settings.model_fields]


def _field(connector: Connector, name: str, shape: Mapping[str, Any], filled: Filled) -> Field:
    info = connector.Settings.model_fields[name]
    bounds = next((one for one in shape.get("anyOf", ()) if one.get("type") != "null"), shape)
    secret = is_secret(connector.Settings, name)
    return Field(
        name=name,
        label=label(name),
        explained=gettext(info.description) if info.description else "",
        kind="secret" if secret else _kind(bounds),
        value="" if secret else filled.of(name, info.default),
        required=info.is_required(),
        first=info.is_required() or name in FIRST,
        kept=name in filled.secrets,
        optional=secret and not info.is_required(),
        choices=bounds.get("enum", ()),
        lowest=bounds.get("minimum"),
        highest=bounds.get("maximum"),
        longest=min(bounds.get("maxLength", 2000), 2000),
    )


def _kind(bounds: Mapping[str, Any]) -> str:
    if "enum" in bounds:
        return "choice"
    return {"boolean": "yes", "integer": "number"}.get(bounds.get("type", ""), "text")


def _beginning(name: str, default: object) -> object:
    """What stands in a new form: the default, or what this Hub knows of itself."""
    if name == "public_url":
        return current_app.config["HUB_PUBLIC_URL"]
    if name in ("region", "timezone"):
        return getattr(hub().rules, name)
    return "" if default is PydanticUndefined else default


def spelled(value: object) -> str:
    """A setting as people type it."""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def given(connector: Connector, form: Mapping[str, str], kept: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a form says of the settings. `kept`: as they stood when it was opened; what is the same is not named."""
    return dict(_given(connector, form, kept))


def _given(connector: Connector, form: Mapping[str, str], kept: Mapping[str, Any] | None) -> Iterator[tuple[str, Any]]:
    shapes = connector.Settings.model_json_schema()["properties"]
    for name in connector.Settings.model_fields:
        text = form.get(f"s-{name}", "")
        if is_secret(connector.Settings, name):
            yield from _secret(connector, form, name, text)
        elif _kind(shapes[name]) == "yes":
            if kept is None or bool(kept.get(name)) != bool(text):
                yield name, bool(text)
        elif _says_something(connector, name, text.strip(), kept):
            yield name, text


def _secret(connector: Connector, form: Mapping[str, str], name: str, text: str) -> Iterator[tuple[str, Any]]:
    """A new one, or none any more; an empty field leaves it as it is."""
    info = connector.Settings.model_fields[name]
    if text:
        yield name, text
    elif f"forget-{name}" in form and not info.is_required():
        yield name, None if type(None) in get_args(info.annotation) else ""


def _says_something(connector: Connector, name: str, text: str, kept: Mapping[str, Any] | None) -> bool:
    if kept is None:
        return bool(text) or connector.Settings.model_fields[name].is_required()
    return text != spelled(kept.get(name))
