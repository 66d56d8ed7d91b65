"""Connections: configured connectors, their settings checked by the connector's own model, secrets sealed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hub.connectors import Connector
from hub.domain.errors import Conflict, Invalid, NotFound
from hub.inbox.models import ConnectionRow, DeliveryRow
from hub.storage.database import keep_loaded
from hub.storage.sealing import Seal


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongSetting:
    """One setting that cannot be used. `got` None: it is missing, or a secret, which nobody is shown again."""

    name: str
    missing: bool
    got: str | None
    expects: str

    def __str__(self) -> str:
        if self.missing:
            return f"{self.name}: is missing; set it with --set {self.name}=…"
        return f"{self.name}: {self.expects}" if self.got is None else f"{self.name}: got {self.got}: {self.expects}"


class InvalidSettings(Invalid):
    """Each wrong setting, in the order of the connector's model."""

    def __init__(self, wrong: Sequence[WrongSetting]) -> None:
        super().__init__("\n".join(map(str, wrong)), wrong[0].name)
        self.wrong = tuple(wrong)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A connection ready for use: its connector and its settings, parsed."""

    id: int
    name: str
    connector: Connector
    settings: BaseModel
    enabled: bool


@dataclass(frozen=True, slots=True)
class Connections:
    """The door to configured connections."""

    connectors: Mapping[str, Connector]
    seal: Seal

    def add(self, session: Session, kind: str, name: str, values: Mapping[str, Any], now: datetime) -> Connection:
        """A new connection; Invalid names each wrong setting, what it got and what it expects."""
        connector = self.connector(kind)
        settings = parse(connector, values)
        plain, secret = _split(settings)
        row = ConnectionRow(kind=kind, name=_name(name), settings=plain, secrets=self._sealed(secret), created_at=now)
        session.add(row)
        try:
            session.flush()
        except IntegrityError as error:
            raise Conflict(f"a connection named {name!r} exists already; choose another name") from error
        return Connection(id=row.id, name=row.name, connector=connector, settings=settings, enabled=True)

    def change(self, session: Session, name: str, values: Mapping[str, Any]) -> Connection:
        """New values for some settings; what is not named stays as it was."""
        row = self.row(session, name)
        settings = parse(self.connector(row.kind), self._values(row) | dict(values))
        row.settings, secret = _split(settings)
        row.secrets = self._sealed(secret)
        return self._ready(row)

    def remove(self, session: Session, name: str) -> None:
        """Stop using a connection. Its history stays, so the row stays too, switched off."""
        self.row(session, name).enabled = False

    def get(self, session: Session, connection_id: int) -> Connection:
        row = session.get(ConnectionRow, connection_id)
        if row is None:
            raise NotFound(f"no connection with id {connection_id}")
        keep_loaded(session, row)  # its name is asked for with every call
        return self._ready(row)

    def named(self, session: Session, name: str) -> Connection:
        return self._ready(self.row(session, name))

    def all(self, session: Session) -> list[Connection]:
        """Every connection whose connector is still here, oldest first."""
        rows = session.scalars(select(ConnectionRow).order_by(ConnectionRow.id))
        return [self._ready(row) for row in rows if row.kind in self.connectors]

    def row(self, session: Session, name: str) -> ConnectionRow:
        row = session.scalar(select(ConnectionRow).where(ConnectionRow.name == name)) if is_name(name) else None
        if row is None:
            raise NotFound(f"no connection named {name!r}; `hub connection list` shows them")
        return row

    def secrets_set(self, row: ConnectionRow) -> list[str]:
        """The names of the secrets that have a value; the values never leave this class but in settings."""
        return sorted(name for name, value in self._opened(row).items() if value)

    def connector(self, kind: str) -> Connector:
        if kind not in self.connectors:
            raise Invalid(f"no connector of kind {kind!r}; there are: {', '.join(sorted(self.connectors))}", "kind")
        return self.connectors[kind]

    def _ready(self, row: ConnectionRow) -> Connection:
        connector = self.connector(row.kind)
        settings = connector.Settings.model_validate(self._values(row))
        return Connection(id=row.id, name=row.name, connector=connector, settings=settings, enabled=row.enabled)

    def _values(self, row: ConnectionRow) -> dict[str, Any]:
        return row.settings | self._opened(row)

    def _opened(self, row: ConnectionRow) -> dict[str, str]:
        opened: dict[str, str] = json.loads(self.seal.open(row.secrets)) if row.secrets else {}
        return opened

    def _sealed(self, secret: Mapping[str, str]) -> str | None:
        return self.seal.close(json.dumps(secret)) if secret else None


def parse(connector: Connector, values: Mapping[str, Any]) -> BaseModel:
    """Settings by the connector's model; Invalid says which setting, what it got and what it expects."""
    unknown = sorted(set(values) - set(connector.Settings.model_fields))
    if unknown:
        known = ", ".join(connector.Settings.model_fields)
        raise Invalid(f"{unknown[0]}: no such setting; {connector.kind} knows: {known}", unknown[0])
    try:
        return connector.Settings.model_validate(dict(values))
    except ValidationError as error:
        wrong = [_wrong(connector, problem) for problem in error.errors(include_url=False)]
        raise InvalidSettings(wrong) from None  # its cause repeats what was typed, secrets too


def _wrong(connector: Connector, problem: Mapping[str, Any]) -> WrongSetting:
    name = str(problem["loc"][0]) if problem["loc"] else ""
    return WrongSetting(
        name=name,
        missing=problem["type"] == "missing",
        got=None if not name or is_secret(connector.Settings, name) else repr(problem["input"]),
        expects=problem["msg"].removeprefix("Value error, "),
    )


def is_secret(settings: type[BaseModel], name: str) -> bool:
    """Whether this setting is sealed, and shown to nobody."""
    kind = settings.model_fields[name].annotation
    return SecretStr in (kind, *get_args(kind))


def _split(settings: BaseModel) -> tuple[dict[str, Any], dict[str, str]]:
    """What may be read by anybody who reads the table, and what may not."""
    secret = {name: value.get_secret_value() for name, value in settings if isinstance(value, SecretStr)}
    return settings.model_dump(mode="json", exclude=set(secret)), secret


def is_name(name: str) -> bool:
    """Whether a connection may be called so; nothing else is looked for."""
    return 0 < len(name) <= 64 and name.replace("-", "").replace("_", "").isalnum()


def _name(name: str) -> str:
    if not is_name(name):
        raise Invalid(f"name: got {name!r}: expected letters, digits, - and _, at most 64", "name")
    return name


def report(session: Session, connection_id: int, state: str, detail: str, now: datetime) -> None:
    """What a listener says of itself: connecting, connected, down; `detail` in plain words."""
    mine = ConnectionRow.id == connection_id
    session.execute(update(ConnectionRow).where(mine).values(state=state, detail=detail[:500], state_at=now))


def connected_until(session: Session, connection_id: int) -> datetime | None:
    """When a listener last reported that it hears this system; None when the last it said was something else."""
    mine = select(ConnectionRow.state_at).where(ConnectionRow.id == connection_id, ConnectionRow.state == "connected")
    return session.scalar(mine)


def refuse(session: Session, connection_id: int) -> None:
    """Count a delivery whose sender could not prove itself."""
    mine = ConnectionRow.id == connection_id
    session.execute(update(ConnectionRow).where(mine).values(refused=ConnectionRow.refused + 1))


def last_deliveries(session: Session, ids: Sequence[int]) -> dict[int, datetime]:
    """When each connection last delivered anything."""
    newest = select(DeliveryRow.connection_id, func.max(DeliveryRow.received_at)).group_by(DeliveryRow.connection_id)
    rows = session.execute(newest.where(DeliveryRow.connection_id.in_(ids)))
    return dict(rows.all())
