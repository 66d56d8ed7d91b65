from collections.abc import Mapping
from logging import Logger

from twilio.http.response import Response

class HttpClient:
    def __init__(self, logger: Logger, is_async: bool, timeout: float | None = None) -> None: ...
    def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response: ...
