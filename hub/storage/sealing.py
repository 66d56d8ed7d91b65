"""Secrets at rest: sealed with a key that never stands in the database."""

import base64
import hashlib
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from hub.domain.errors import Misconfigured


class Seal:
    """Seals and opens short texts (Fernet: AES-128-CBC with HMAC-SHA256)."""

    def __init__(self, key: str) -> None:
        digest = hashlib.sha256(key.encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(digest))

    def close(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            message = "HUB_SECRET_KEY: stored secrets do not open with it; expected the key they were saved with"
            raise Misconfigured(message) from error


def key_beside(data_dir: Path) -> str:
    """The key kept in the data directory, made at first use and readable by its owner alone."""
    path = data_dir / "secret.key"
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        key = base64.urlsafe_b64encode(os.urandom(32)).decode()
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return key
