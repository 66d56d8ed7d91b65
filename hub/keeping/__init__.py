"""A whole Hub in one file, from either database into either: `back_up` and `restore`."""

from hub.keeping.backup import back_up
from hub.keeping.manifest import Manifest, Part
from hub.keeping.restore import restore

__all__ = ["Manifest", "Part", "back_up", "restore"]
