"""Wires everything, once."""

from typing import TYPE_CHECKING

from hub.connectors import discover
from hub.domain import results
from hub.inbox.connections import Connections
from hub.settings import Settings
from hub.storage.blobs import Blobs, Shelf
from hub.storage.blobs.cipher import Cipher
from hub.storage.blobs.files import UNFINISHED, FileShelf
from hub.storage.blobs.s3 import Bucket, S3Shelf
from hub.storage.database import open_engine
from hub.storage.sealing import Seal, key_beside
from hub.storage.wakeup import LocalWakeUp, RedisWakeUp
from hub.unit_of_work import Doorbell, Hub, NoBell, Rules

if TYPE_CHECKING:
    from hub.tasks import Jobs


def build(settings: Settings, doorbell: Doorbell | None = None) -> Hub:
    """Everything Hub runs on. Without a doorbell, whoever accepts a delivery works it off too."""
    connectors = discover()
    seal = Seal(secret_key(settings))
    return Hub(
        engine=open_engine(settings.url, pool_size=settings.threads),
        connectors=connectors,
        connections=Connections(connectors, seal),
        seal=seal,
        blobs=blobs(settings),
        wakeup=RedisWakeUp(settings.redis_url) if settings.redis_url else LocalWakeUp(),
        doorbell=doorbell or NoBell(),
        rules=Rules(
            region=settings.region,
            timezone=settings.timezone,
            lead_window_days=settings.lead_window_days,
            ringing_limit_minutes=settings.ringing_limit_minutes,
            talking_limit_hours=settings.talking_limit_hours,
            keep_recordings_days=settings.recordings_keep_days,
            results=results.parse(settings.call_results),
        ),
    )


def build_with_jobs(settings: Settings) -> tuple[Hub, "Jobs"]:
    """Hub and the Celery application whose jobs use it."""
    from hub.tasks import EMBEDDED_BROKER, Bell, create_celery  # noqa: PLC0415 - most commands need no Celery

    celery = create_celery(settings.redis_url or EMBEDDED_BROKER)
    hub = build(settings, Bell())
    celery.hub = hub
    return hub, celery


def blobs(settings: Settings) -> Blobs:
    """The store of recordings, as the settings say."""
    key = settings.recordings_key
    cipher = Cipher(key.get_secret_value()) if key is not None else None
    return Blobs(shelf(settings), cipher)


def shelf(settings: Settings) -> Shelf:
    """Where recordings lie, as they lie there."""
    folder = settings.data_dir / "blobs"
    if settings.recordings_store == "files":
        return FileShelf(folder)
    name, _, prefix = settings.recordings_store.removeprefix("s3://").partition("/")
    secret = settings.recordings_secret
    bucket = Bucket(
        name=name,
        prefix=f"{prefix.rstrip('/')}/" if prefix.strip("/") else "",
        endpoint=settings.recordings_endpoint,
        region=settings.recordings_region,
        key=settings.recordings_access_key,
        secret=secret.get_secret_value() if secret is not None else None,
    )
    return S3Shelf(bucket, folder / UNFINISHED)


def secret_key(settings: Settings) -> str:
    """The key of seals and cookies: from the environment, else the one beside the data."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    return key_beside(settings.data_dir)
