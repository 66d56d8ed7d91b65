"""`hub backup` and `hub restore`: everything in one file, and back."""

from pathlib import Path

import click

from hub import bootstrap, keeping
from hub.cli.common import explained, open_database
from hub.keeping import Manifest, Part
from hub.settings import load
from hub.storage.sealing import Seal

KEY = (
    "The key is not in it: keep HUB_SECRET_KEY (or secret.key in the data directory) at another place. Without it the "
    "secrets of connections cannot be opened."
)
FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=FILE)
@click.option("--without-recordings", is_flag=True, help="Only the tables: recordings are saved by other means.")
def backup(file: Path, without_recordings: bool) -> None:
    """Write everything into FILE, as it is at this moment, while Hub works on.

    Recordings are in it when they are kept as files; a bucket (HUB_RECORDINGS_STORE) has copies of its own.
    """
    settings = load()
    here = settings.recordings_store == "files" and not without_recordings
    shelf = bootstrap.shelf(settings) if here else None
    seal = Seal(bootstrap.secret_key(settings))
    with explained(settings), open_database(settings) as engine:  # whatever its schema: one backs up before migrating
        manifest = keeping.back_up(engine, seal, file, _tell, shelf)
    click.echo(f"{file}: {_summary(manifest)}, {file.stat().st_size:,} bytes. {KEY}")


@click.command()
@click.argument("file", type=FILE)
@click.option("--replace", is_flag=True, help="Throw away what is in the database now.")
@click.option("--yes", is_flag=True, help="With --replace: do not ask.")
@click.option("--any-key", is_flag=True, help="Although HUB_SECRET_KEY is not the one the secrets were sealed with.")
def restore(file: Path, replace: bool, yes: bool, any_key: bool) -> None:
    """Fill the database from FILE, a backup of either kind of database. Stop Hub first; all of it comes, or nothing."""
    settings = load()
    if replace and not yes:
        click.confirm("Everything in the database is thrown away. Go on?", abort=True)
    seal = Seal(bootstrap.secret_key(settings))
    shelf = bootstrap.shelf(settings)
    with explained(settings), open_database(settings) as engine:
        manifest = keeping.restore(engine, seal, file, replacing=replace, any_key=any_key, told=_tell, shelf=shelf)
    click.echo(f"restored: {_summary(manifest)}. Start Hub, then `hub doctor` and `hub reconcile`")


def _tell(part: Part) -> None:
    if part.rows:
        click.echo(f"  {part.table:<20} {part.rows:>12,}", err=True)


def _summary(manifest: Manifest) -> str:
    counts = {part.table: part.rows for part in manifest.parts}
    said = ", ".join(f"{counts[table]:,} {table}" for table in ("calls", "contacts", "leads", "deliveries"))
    held = f", {manifest.blobs:,} files of recordings" if manifest.blobs else ""
    return f"{said}; {manifest.rows:,} rows in all{held}, of {manifest.made_at:%Y-%m-%d %H:%M} UTC"
