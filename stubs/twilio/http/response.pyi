from collections.abc import Mapping

class Response:
    def __init__(self, status_code: int, text: str, headers: Mapping[str, str] | None = None) -> None: ...
    @property
    def text(self) -> str: ...
    status_code: int
