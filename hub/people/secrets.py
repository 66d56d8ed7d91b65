"""Secrets Hub hands out once and keeps only as SHA-256: session cookies and API tokens."""

import hashlib
import secrets

TOKEN_PREFIX = "hub_"  # noqa: S105 - the visible part, by which a leaked token is recognised


def new_secret(prefix: str = "") -> str:
    """`prefix` and 32 random bytes, in characters that fit a cookie and a header."""
    return prefix + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What the database keeps. The secret is random and long, so a plain hash cannot be guessed back."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
