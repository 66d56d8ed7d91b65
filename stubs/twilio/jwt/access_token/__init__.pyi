from collections.abc import Sequence

class AccessTokenGrant: ...

class AccessToken:
    def __init__(
        self,
        account_sid: str,
        signing_key_sid: str,
        secret: str,
        grants: Sequence[AccessTokenGrant] | None = None,
        *,
        identity: str,
        ttl: int,
        region: str | None = None,
    ) -> None: ...
    def to_jwt(self) -> str: ...
