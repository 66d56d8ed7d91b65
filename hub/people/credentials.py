"""What somebody shows to be known by, as Hub keeps it; who holds many of them is asked about together."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy.orm import Session

from hub.people import signin, tokens
from hub.people.signin import Known


class Credential(NamedTuple):
    """A session or a token, by the digest of its secret."""

    kind: Literal["session", "token"]
    digest: str


def holders(session: Session, credentials: Collection[Credential], now: datetime) -> Mapping[Credential, Known]:
    """Who holds each of these; one that opens nothing any more is missing."""
    sessions = signin.viewers_of_sessions(session, _of("session", credentials), now)
    acting = tokens.viewers_of_tokens(session, _of("token", credentials), now)
    known = {Credential("session", each): who for each, who in sessions.items()}
    return known | {Credential("token", each): who for each, who in acting.items()}


def in_use(session: Session, credentials: Collection[Credential], now: datetime) -> None:
    """Write down that these are in use."""
    signin.sessions_seen(session, _of("session", credentials), now)
    tokens.tokens_used(session, _of("token", credentials), now)


def _of(kind: str, credentials: Collection[Credential]) -> set[str]:
    return {each.digest for each in credentials if each.kind == kind}
