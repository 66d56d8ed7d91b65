"""Errors as RFC 9457 problem documents for programs, and as pages for people.

Nothing of the inside is told: no trace, SQL, path or secret. The request id finds the log line.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from math import ceil
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request
from flask_wtf.csrf import CSRFError
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from typing_extensions import TypedDict
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as WerkzeugResponse

from hub.domain.errors import (
    Conflict,
    Forbidden,
    Gone,
    HubError,
    Invalid,
    LinkAltered,
    NotFound,
    Rejected,
    Stale,
    Transient,
    Unauthentic,
)
from hub.people.signin import TooManyTries
from hub.unit_of_work import Hub

MEDIA_TYPE = "application/problem+json"
PROGRAMS = ("/api/", "/hooks/", "/metrics")
"""Paths whose callers read problem documents."""
MAX_ERRORS = 50
PAGE = "hub-problem-page"
CODES: Mapping[str, str] = {
    "bad_request": "The request cannot be read: not JSON, not UTF-8, too deep, a field twice, a number out of range.",
    "csrf": "A browser's write came without its CSRF token.",
    "unauthenticated": "No session, and no token that is valid.",
    "forbidden": "In sight, but this role may not do that.",
    "not_found": "No such thing, or not within sight.",
    "method_not_allowed": "The address does not know this method; `Allow` names those it knows.",
    "unfit": "Well written, but it does not fit what there is now; `errors` names the field.",
    "conflict": "The state of things does not allow it now.",
    "stale": "It was changed since: not of the version `If-Match` names. Read it anew, then change it.",
    "gone": "It was there and is no more, or the link to it has expired.",
    "link": "This link to a recording does not open it: it was altered, or whoever made it may not share it any more.",
    "range_not_satisfiable": "No byte of what `Range` asks for is there; `Content-Range` says how many there are.",
    "too_large": "The body is larger than allowed.",
    "unsupported_media_type": "Bodies are application/json; a recording is audio, as it is or in a form.",
    "invalid": "Some fields cannot be used; `errors` names each.",
    "too_many_tries": "Too many tries to sign in; `Retry-After` says when to come back.",
    "internal": "Hub made a mistake; it is in the log under the request id.",
    "unavailable": "Not now; `Retry-After` says when to try again.",
}
"""What went wrong, by the stable word for programs."""
HTTP = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    410: "gone",
    413: "too_large",
    415: "unsupported_media_type",
    503: "unavailable",
}

log = structlog.get_logger()


class FieldError(TypedDict):
    """What is wrong with one field of the request; `code` is stable, `message` is for people."""

    field: str
    code: str
    message: str


class ProblemShape(TypedDict):
    """An error (RFC 9457): `code` is stable, `detail` is for people, `request_id` finds the log line."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    errors: list[FieldError]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What went wrong, in words for the outside."""

    status: int
    code: str
    detail: str
    errors: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return HTTPStatus(self.status).phrase

    def shape(self, request_id: str) -> ProblemShape:
        return {
            "type": f"/api/docs#{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "request_id": request_id,
            "errors": list(self.errors),
        }

    def document(self, request_id: str) -> bytes:
        """The answer's body, UTF-8."""
        return json.dumps(self.shape(request_id), ensure_ascii=False).encode()


PageAnswer = Callable[[Problem], WerkzeugResponse]


def register(app: Flask, _hub: Hub) -> None:
    """Answer every error: programs get a problem document, people the page that `show_on` named."""

    def answer(error: Exception) -> WerkzeugResponse | HTTPException:
        if isinstance(error, HTTPException) and (error.code or 500) < 400:
            return error  # a redirect is no error
        problem = problem_of(error)
        page: PageAnswer = app.extensions.get(PAGE, document)
        response = (document if request.path.startswith(PROGRAMS) else page)(problem)
        response.headers.extend(problem.headers)
        return response

    for kind in (HTTPException, Exception):
        app.register_error_handler(kind, answer)


def show_on(app: Flask, page: PageAnswer) -> None:
    """People read their errors on this page."""
    app.extensions[PAGE] = page


def document(problem: Problem) -> Response:
    return Response(problem.document(request_id()), status=problem.status, mimetype=MEDIA_TYPE)


def request_id() -> str:
    """The id of this request, the same in its answer and in the log."""
    if "request_id" not in g:
        g.request_id = uuid4().hex
    return str(g.request_id)


def problem_of(error: Exception) -> Problem:
    """The problem an exception is, for the outside; what nobody foresaw is logged and told as a 500."""
    match error:
        case HTTPException():
            return _of_http(error)
        case ValidationError():
            return _of_validation(error)
        case HubError():
            return _of_hub(error)
        case OperationalError() | PoolTimeout():
            log.error("database unavailable", exc_info=error)
            return _later(503, "unavailable", "the database does not answer; try again", timedelta(seconds=2))
    log.error("request failed", exc_info=error)
    return Problem(status=500, code="internal", detail="Hub made a mistake; it is in the log under this request id")


def _of_http(error: HTTPException) -> Problem:
    status = error.code or 500
    code = "csrf" if isinstance(error, CSRFError) else HTTP.get(status, f"http_{status}")
    headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    return Problem(status=status, code=code, detail=error.description or "", headers=headers)


def _of_validation(error: ValidationError) -> Problem:
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    if problems[0]["type"] == "json_invalid":
        return Problem(status=400, code="bad_request", detail="the body is not JSON")
    errors = [_field_error(one) for one in problems[:MAX_ERRORS]]
    return Problem(status=422, code="invalid", detail="some fields cannot be used", errors=errors)


def _field_error(one: ErrorDetails) -> FieldError:
    message = one["msg"].removeprefix("Value error, ")
    return {"field": ".".join(map(str, one["loc"])), "code": one["type"], "message": message}


def _of_hub(error: HubError) -> Problem:
    match error:
        case Invalid(field=str(name)):
            errors: list[FieldError] = [{"field": name, "code": "unfit", "message": str(error)}]
            return Problem(status=409, code="unfit", detail=str(error), errors=errors)
        case Invalid():
            return Problem(status=409, code="unfit", detail=str(error))
        case TooManyTries():
            return _later(429, "too_many_tries", str(error), error.after)
        case Transient():
            return _later(503, "unavailable", str(error), error.after)
    return _plain(error)


PLAIN: Mapping[type[HubError], tuple[int, str]] = {
    Unauthentic: (401, "unauthenticated"),
    LinkAltered: (403, "link"),
    Forbidden: (403, "forbidden"),
    Gone: (410, "gone"),
    NotFound: (404, "not_found"),
    Stale: (412, "stale"),
    Conflict: (409, "conflict"),
    Rejected: (409, "conflict"),
}


def _plain(error: HubError) -> Problem:
    for kind, (status, code) in PLAIN.items():
        if isinstance(error, kind):
            challenge = {"WWW-Authenticate": 'Bearer realm="hub"'} if status == 401 else {}
            return Problem(status=status, code=code, detail=str(error), headers=challenge)
    log.error("request failed", exc_info=error)
    return Problem(status=500, code="internal", detail="Hub made a mistake; it is in the log under this request id")


def _later(status: int, code: str, detail: str, after: timedelta) -> Problem:
    seconds = max(1, ceil(after.total_seconds()))
    return Problem(status=status, code=code, detail=detail, headers={"Retry-After": str(seconds)})
