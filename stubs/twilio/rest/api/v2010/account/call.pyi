from collections.abc import Sequence
from datetime import datetime

class CallInstance:
    sid: str | None
    parent_call_sid: str | None
    status: str | None
    direction: str | None
    to: str | None
    _from: str | None
    caller_name: str | None
    date_created: datetime | None
    start_time: datetime | None
    end_time: datetime | None
    duration: str | None

class CallContext:
    def update(self, *, status: str) -> CallInstance: ...

class CallList:
    def __call__(self, sid: str) -> CallContext: ...
    def create(
        self,
        *,
        to: str,
        from_: str,
        url: str,
        method: str,
        status_callback: str,
        status_callback_event: Sequence[str],
        status_callback_method: str,
        timeout: int,
    ) -> CallInstance: ...
    def list(
        self,
        *,
        to: str = ...,
        start_time_before: datetime = ...,
        start_time_after: datetime = ...,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> list[CallInstance]: ...
