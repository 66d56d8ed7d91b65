"""The OpenAPI 3.1 document, made from the operations themselves."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from http import HTTPStatus
from importlib.metadata import version
from inspect import Signature, getdoc
from typing import Any
from uuid import UUID

from flask import Response
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from hub.web.api.inputs import BIGGEST_ID
from hub.web.api.operations import PREFIX, Operation
from hub.web.problems import MEDIA_TYPE, ProblemShape

REF = "#/components/schemas/{model}"
PROBLEM = "ProblemShape"
DESCRIPTION = """\
Everything Hub knows of calls, clients, leads and tasks.

Send a token as `Authorization: Bearer hub_…`, or come with the session cookie of a signed-in browser; then writes
need the `X-CSRFToken` header. Lists come in pages: send `next` back as `cursor`. Times are ISO 8601 in UTC, lengths
are seconds. Errors are problem documents (RFC 9457) with a stable `code`: 422 means that the request is wrong
whatever there is, 409 that it does not fit what there is now. Fields may be added to answers; unknown fields in
requests are refused. Out of sight is 404; in sight but not allowed is 403.
"""
Schema = dict[str, Any]
CONDITIONS = frozenset({"If-Match"})
"""Headers of HTTP itself, told in the words of an operation: which value is good depends on what there is now, and a
schema can say nothing about that."""
ETAG: Schema = {
    "description": "The version people have made of it; send it back as `If-Match` with a change.",
    "schema": {"type": "string", "examples": ['"3"']},
}


FILE: Schema = {
    "audio/*": {"schema": {"type": "string", "format": "binary"}},
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "properties": {"file": {"type": "string", "format": "binary"}},
            "required": ["file"],
            "additionalProperties": False,
        }
    },
}
"""A file as the body itself, or in a form's field `file`."""


def document(operations: Sequence[Operation], cookie: str) -> Schema:
    """The whole document; `cookie` is the name of the session cookie."""
    text = json.dumps(_document(operations, cookie))
    # Types are called …Shape in Hub's own code, where a Call is something else.
    named: Schema = json.loads(re.sub(r'"((?:#/components/schemas/)?[A-Z]\w+)Shape"', r'"\1"', text))
    return named


def _document(operations: Sequence[Operation], cookie: str) -> Schema:
    refs, definitions = _schemas(operations)
    paths: dict[str, dict[str, Schema]] = {}
    for operation in operations:
        paths.setdefault(PREFIX + operation.path, {})[operation.method.lower()] = _operation(
            operation, refs, definitions
        )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Hub", "version": version("commhub"), "description": DESCRIPTION, "license": _license()},
        "servers": [{"url": "/", "description": "this installation"}],
        "paths": paths,
        "components": {"schemas": definitions, "securitySchemes": _security(cookie)},
        "security": [{"token": []}, {"session": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys(operation.tag for operation in operations)],
    }


def _license() -> Schema:
    return {"name": "Apache-2.0", "identifier": "Apache-2.0"}


def _security(cookie: str) -> Schema:
    return {
        "token": {"type": "http", "scheme": "bearer", "description": "An API token: `hub token create --help`."},
        "session": {"type": "apiKey", "in": "cookie", "name": cookie, "description": "A signed-in browser."},
    }


Key = tuple[str, JsonSchemaMode]


def _schemas(operations: Sequence[Operation]) -> tuple[Mapping[Key, Schema], dict[str, Schema]]:
    """How to refer to each type of the operations, and all schemas by name."""
    wanted: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
        (PROBLEM, "serialization", TypeAdapter(ProblemShape)),
        *(one for operation in operations for one in _types(operation)),
    ]
    refs, whole = TypeAdapter.json_schemas(wanted, ref_template=REF)
    return dict(refs), dict(sorted(whole.get("$defs", {}).items()))


def _types(operation: Operation) -> Iterator[tuple[str, JsonSchemaMode, TypeAdapter[Any]]]:
    if (answer := _answer(operation)) is not None:
        yield operation.name, "serialization", TypeAdapter(answer)
    if (body := operation.model("body")) is not None:
        yield f"{operation.name}:body", "validation", TypeAdapter(body)


def _answer(operation: Operation) -> Any:
    answer = operation.answer
    plain = operation.media != "application/json" or answer in (None, Signature.empty, Response)
    return None if plain else answer


def _operation(operation: Operation, refs: Mapping[Key, Schema], definitions: dict[str, Schema]) -> Schema:
    doc = (getdoc(operation.handler) or "").partition("\n")
    said: Schema = {
        "operationId": operation.name,
        "summary": doc[0].rstrip("."),
        "tags": [operation.tag],
        "parameters": [
            *_in_path(operation),
            *_from_model(operation, "query", definitions),
            *_from_model(operation, "headers", definitions),
        ],
        "responses": _responses(operation, refs),
    }
    if doc[2].strip():
        said["description"] = doc[2].strip()
    if operation.model("body") is not None:
        schema = refs[(f"{operation.name}:body", "validation")]
        said["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    if operation.takes_file:
        said["requestBody"] = {"required": True, "content": FILE}
    return said


def _in_path(operation: Operation) -> Iterator[Schema]:
    kinds: Mapping[Any, Schema] = {
        UUID: {"type": "string", "format": "uuid"},
        int: {"type": "integer", "minimum": 1, "maximum": BIGGEST_ID},
        str: {"type": "string"},
    }
    for name, kind in operation.in_path().items():
        yield {"name": name, "in": "path", "required": True, "schema": kinds[kind]}


def _from_model(operation: Operation, part: str, definitions: dict[str, Schema]) -> Iterator[Schema]:
    """The parameters a query or header model describes, each on its own."""
    model = operation.model(part)
    if model is None:
        return
    schema = _parameters(model)
    definitions.update(schema.get("$defs", {}))
    for name, one in schema["properties"].items():
        if name in CONDITIONS:
            continue
        parameter = {
            "name": name,
            "in": "query" if part == "query" else "header",
            "required": name in schema.get("required", ()),
        }
        if description := one.get("description"):
            parameter["description"] = description
        yield parameter | {"schema": _present(one)}


@cache
def _parameters(model: type[BaseModel]) -> Schema:
    return model.model_json_schema(ref_template=REF, by_alias=True)


def _present(schema: Schema) -> Schema:
    """What a parameter looks like when it is there: being left out is no null."""
    kept = {name: value for name, value in schema.items() if name not in ("description", "title")}
    if kept.get("default", ...) in (None, [], ()):
        del kept["default"]
    options = [option for option in kept.pop("anyOf", ()) if option != {"type": "null"}]
    return kept | (options[0] if len(options) == 1 else {"anyOf": options} if options else {})


def _responses(operation: Operation, refs: Mapping[Key, Schema]) -> Schema:
    good: Schema = {"description": HTTPStatus(operation.status).phrase}
    if operation.media != "application/json" or operation.answer is Response:
        kind = "object" if operation.media == "application/json" else "string"
        good["content"] = {operation.media: {"schema": {"type": kind}}}
    elif _answer(operation) is not None:
        good["content"] = {operation.media: {"schema": refs[(operation.name, "serialization")]}}
    if operation.tagged:
        good["headers"] = {"ETag": ETAG}
    if operation.partial:
        return {"200": good, **_partial(operation), **_problems(operation, refs)}
    return {str(operation.status): good} | _problems(operation, refs)


def _problems(operation: Operation, refs: Mapping[Key, Schema]) -> Schema:
    return {str(status): _problem(status, refs) for status in sorted(_statuses(operation))}


def _partial(operation: Operation) -> Schema:
    """What bytes answer beside the whole: ranges, and that nothing changed."""
    part = {media: {"schema": {"type": "string"}} for media in (operation.media, "multipart/byteranges")}
    said = {"206": "The bytes `Range` asked for.", "304": "Not changed.", "412": "Not what `If-Match` names."}
    told: Schema = {status: {"description": words} for status, words in said.items()}
    told["206"]["content"] = part
    return told


def _statuses(operation: Operation) -> set[int]:
    """Every status beside the good one that this operation may answer."""
    statuses = {401, 422, 503, *operation.problems}
    if operation.permission is not None:
        statuses.add(403)
    if operation.in_path():
        statuses.add(404)
    if operation.partial:
        statuses.add(416)
    if operation.method != "GET":
        statuses.add(400)
    if operation.model("body") is not None or operation.takes_file:
        statuses |= {413, 415}
    return statuses


def _problem(status: int, refs: Mapping[Key, Schema]) -> Schema:
    phrase = HTTPStatus(status).phrase
    schema = refs[(PROBLEM, "serialization")]
    return {"description": phrase, "content": {MEDIA_TYPE: {"schema": schema}}}
