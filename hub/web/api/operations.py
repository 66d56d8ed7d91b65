"""An API operation is a function whose signature is the contract.

Its first parameter is the `Desk`: who asks, and of which Hub. Those named `query`, `body` and `headers` are
pydantic models, `file` is a file that is sent, the others stand in the path, and the return type is the shape of the
answer. From this one place come the checks of each request and the OpenAPI document, so that neither says what the
other does not.
"""

import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, get_args, get_origin

from flask import Blueprint, Response, request
from pydantic import BaseModel

from hub.domain.access import Permission
from hub.domain.errors import NotFound
from hub.web import auth
from hub.web.acts import Desk
from hub.web.api import files
from hub.web.api.bodies import json_bytes
from hub.web.api.inputs import BIGGEST_ID

View = TypeVar("View", bound=Callable[..., Any])
Shape = TypeVar("Shape")
Handler = Callable[..., Any]
PREFIX = "/api/v1"
CARD = "/contacts/<int:contact_id>"
MERGE = "/merges/<int:merge_id>/undo"
LEAD = "/leads/<int:lead_id>"
TASK = "/tasks/<int:task_id>"
USER = "/users/<int:user_id>"
TEAM = "/teams/<int:team_id>"
LINE = "/lines/<int:line_id>"
TOKEN = "/tokens/<int:token_id>"  # noqa: S105 - an address
DELIVERY = "/deliveries/<int:delivery_id>"
CONNECTION = "/connections/<name>"


@dataclass(frozen=True, slots=True)
class Tagged(Generic[Shape]):
    """An answer and the version it shows, told as its ETag."""

    body: Shape
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path. `media` names the answer's type, `problems` statuses beside the usual ones.

    `partial`: bytes that may be asked for in ranges and under conditions (RFC 9110).
    """

    method: str
    rule: str
    handler: Handler
    permission: Permission | None
    tag: str
    status: int = 200
    media: str = "application/json"
    problems: tuple[int, ...] = ()
    partial: bool = False

    @property
    def name(self) -> str:
        return self.handler.__name__

    @property
    def path(self) -> str:
        """The path as OpenAPI writes it: ``/calls/{call_id}``."""
        return re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", self.rule)

    @property
    def answer(self) -> Any:
        """The type of the answer, None when there is no body."""
        annotation = inspect.signature(self.handler).return_annotation
        return get_args(annotation)[0] if get_origin(annotation) is Tagged else annotation

    @property
    def tagged(self) -> bool:
        """Whether the answer says its version."""
        return get_origin(inspect.signature(self.handler).return_annotation) is Tagged

    def model(self, part: str) -> type[BaseModel] | None:
        """The model of `query`, `body` or `headers`; None when the operation has none."""
        parameter = inspect.signature(self.handler).parameters.get(part)
        return None if parameter is None else parameter.annotation

    @property
    def takes_file(self) -> bool:
        """Whether the body is a file, as it is or in a form."""
        return "file" in inspect.signature(self.handler).parameters

    def in_path(self) -> Mapping[str, Any]:
        """The parameters of the path and their types."""
        parameters = inspect.signature(self.handler).parameters
        return {name: parameters[name].annotation for name in re.findall(r"\{(\w+)\}", self.path)}


@dataclass(slots=True)
class Api:
    """Collects operations and puts them on a blueprint."""

    blueprint: Blueprint
    operations: list[Operation] = field(default_factory=list)

    def operation(
        self, method: str, rule: str, permission: Permission | None, tag: str, **more: Any
    ) -> Callable[[View], View]:
        """Make the function below an operation: `permission` None means everybody who is signed in."""

        def add(handler: View) -> View:
            operation = Operation(method=method, rule=rule, handler=handler, permission=permission, tag=tag, **more)
            view = _view(operation)
            guard = auth.signed_in if permission is None else auth.needs(permission)
            self.blueprint.add_url_rule(rule, operation.name, guard(view), methods=[method])
            self.operations.append(operation)
            return handler

        return add


api = Api(Blueprint("api", __name__, url_prefix=PREFIX))


def _view(operation: Operation) -> Callable[..., Response]:
    models = {part: model for part in ("query", "body", "headers") if (model := operation.model(part))}

    def view(**path: Any) -> Response:
        if any(isinstance(one, int) and not 0 < one <= BIGGEST_ID for one in path.values()):
            raise NotFound("no such thing")
        given: dict[str, Any] = {part: _read(part, model) for part, model in models.items()}
        if "query" not in models and request.args:
            given["query"] = _Nothing.model_validate(dict(request.args))
        desk = Desk(auth.the_hub(), auth.viewer())
        with ExitStack() as received:
            if operation.takes_file:
                given["file"] = received.enter_context(files.received(desk.hub.blobs.scratch))
            answer = operation.handler(desk, **path, **given)
        if isinstance(answer, Tagged):
            return _tagged(answer, operation.status)
        return answer if isinstance(answer, Response) else json_answer(answer, operation.status)

    return view


def _tagged(answer: Tagged[Any], status: int) -> Response:
    response = json_answer(answer.body, status)
    response.set_etag(str(answer.version))
    return response


class _Nothing(BaseModel, extra="forbid"):
    """The query of operations that take none."""


def _read(part: str, model: type[BaseModel]) -> BaseModel:
    if part == "body":
        return model.model_validate_json(json_bytes())
    if part == "headers":
        names = {info.alias for info in model.model_fields.values() if info.alias}
        return model.model_validate({name: request.headers[name] for name in names if name in request.headers})
    return model.model_validate(dict(_arguments(model)))


def _arguments(model: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    """The query string: a list where the model says so or where a parameter stands twice, which it then refuses."""
    for name, values in request.args.lists():
        listed = name in model.model_fields and get_origin(model.model_fields[name].annotation) is tuple
        yield name, values if listed or len(values) > 1 else values[0]


def json_answer(answer: object, status: int = 200) -> Response:
    """JSON with the keys in the order they were written."""
    if answer is None:
        return Response(status=status)
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status=status, mimetype="application/json")
