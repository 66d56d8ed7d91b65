"""A backup's file, read: nothing of it is believed before every byte was seen."""

import hashlib
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from hub.domain.errors import Invalid
from hub.keeping import manifest as manifests
from hub.keeping import sounds, values
from hub.keeping.manifest import MEMBER, Manifest, Part
from hub.storage import schema

UNREADABLE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError)
"""What zipfile raises over bytes that are no zip of ours; for a version or flag it does not know, a RuntimeError."""
PACKINGS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
MAX_LINE = 64 << 20
"""Bytes of one row: above the largest delivery the inbox takes, in base64."""


def inspect(source: Path) -> Manifest:
    """What the backup says of itself, after every byte of it was read and its sums are right.

    Invalid says what is wrong: no backup, cut short, changed, of a newer Hub.
    """
    with opened(source) as archive:
        manifest = _manifest(archive)
        for part in manifest.parts:
            _check(archive, part)
        for name in sounds.names(archive):
            sounds.check(archive, name)
    return manifest


def opened(source: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source)
    except FileNotFoundError as error:
        raise Invalid(f"there is no file {source}") from error
    except UNREADABLE as error:
        raise Invalid(f"{source} is no backup, or was cut short: {error}") from error


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    try:
        entry = archive.getinfo(MEMBER)
    except KeyError as error:
        raise Invalid(f"{archive.filename} is no backup of Hub: it has no {MEMBER}") from error
    if entry.file_size > manifests.MAX_BYTES:
        raise Invalid(f"the backup's {MEMBER} is larger than any this Hub can read")
    manifest = manifests.read(b"".join(lines(archive, MEMBER)))
    if not schema.is_known(manifest.schema_revision):
        newer = f"of a newer Hub ({manifest.hub}) than this one; update Hub"
        raise Invalid(f"the backup has schema {manifest.schema_revision}, {newer}")
    _check_names(archive, manifest)
    return manifest


def _check_names(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Every member is a part, every part has one, and none twice."""
    said = sorted([MEMBER, *(part.member for part in manifest.parts)])
    blobs = set(sounds.names(archive))
    there = sorted(name for name in archive.namelist() if name.removeprefix(sounds.FOLDER) not in blobs)
    if there != said or len(archive.namelist()) != len(said) + manifest.blobs or len(blobs) != manifest.blobs:
        raise Invalid("the backup's files are not those it names; it was changed after it was made")
    unknown = {kind for part in manifest.parts for _, kind in part.columns} - values.TYPES.keys()
    if unknown:
        raise Invalid(f"the backup has columns of unknown kinds: {', '.join(sorted(unknown))}")


def _check(archive: zipfile.ZipFile, part: Part) -> None:
    digest, count = hashlib.sha256(), 0
    for line in lines(archive, part.member):
        digest.update(line)
        count += 1
    if (digest.hexdigest(), count) != (part.sha256, part.rows):
        raise Invalid(f"the backup was damaged: {part.member} is not what was written")


def lines(archive: zipfile.ZipFile, member: str) -> Iterator[bytes]:
    if archive.getinfo(member).compress_type not in PACKINGS:
        raise Invalid(f"the backup was damaged: {member} is packed as Hub packs nothing")
    try:
        with archive.open(member) as file:
            while line := file.readline(MAX_LINE + 1):
                if len(line) > MAX_LINE:
                    raise Invalid(f"the backup's {member} has a line longer than any row of Hub's")
                yield line
    except UNREADABLE as error:
        raise Invalid(f"the backup was damaged: {member} cannot be read: {error}") from error
