"""One operation of the document: one method of one route, for one computation or for any."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from batchwell.access_tokens import Scope
from batchwell.example_values import example_params
from batchwell.store import AnyComputation
from webapp.openapi.call import Answer, Call
from webapp.openapi.components import Schema, Schemas
from webapp.openapi.headers import REQUEST_HEADERS
from webapp.problem_kinds import KINDS, Kind

Described: TypeAlias = dict[str, Any]
View: TypeAlias = Callable[..., Any]

_REQUEST_ID: Described = {
    "description": "The id of a request, as a submit answered with.",
    "schema": {"type": "string"},
    "example": "fibonacci-4yszdrlteyhu3bsf",
}
_DELIVERY_ID: Described = {
    "description": "The id of a delivery, which is also its message's webhook-id.",
    "schema": {"type": "string"},
    "example": "fibonacci-4yszdrlteyhu3bsf-1",
}
_NUM: Described = {"description": "Which Fibonacci number.", "example": 30}
_PROBLEM_HEADERS = {
    401: ("WWW-Authenticate",),
    403: ("WWW-Authenticate",),
    429: ("Retry-After", "RateLimit"),
    503: ("Retry-After",),
}
_UNCHANGED: Described = {
    "description": "What you have, by If-None-Match, still holds.",
    "headers": {"ETag": {"$ref": "#/components/headers/ETag"}},
}


@dataclass(frozen=True, kw_only=True)
class Operations:
    """Describes calls with the schemas of the document; ``is_open``: they need no token."""

    schemas: Schemas
    is_open: bool

    def describe(
        self,
        call: Call,
        view: View,
        arguments: Iterable[str],
        computation: AnyComputation | None,
        scope: Scope | None,
    ) -> Described:
        """Return the operation; ``arguments`` are the variable parts of the route."""
        function = view.__name__
        summary, _, more = (inspect.getdoc(view) or function).partition("\n\n")
        name = computation.name if computation else None
        return {
            "operationId": f"{name}_{function}" if name else function,
            "summary": " ".join(summary.split()).rstrip("."),
            **({"description": more} if more else {}),
            "tags": [call.tag or name],
            "parameters": [
                *self._path_parameters(arguments),
                *self._query_parameters(call, computation),
                *(REQUEST_HEADERS[header] for header in call.headers),
                *([REQUEST_HEADERS["If-None-Match"]] if call.cached else []),
            ],
            **self._body(call, computation),
            "security": self._security(scope),
            "responses": {
                **{
                    str(status): self._answer(answer, computation)
                    for status, answer in call.answers.items()
                },
                **({"304": _UNCHANGED} if call.cached else {}),
                **{
                    str(status): {"$ref": f"#/components/responses/{response_name(slugs)}"}
                    for status, slugs in call.all_problems(scope).items()
                    if status not in call.answers
                },
            },
        }

    def _security(self, scope: Scope | None) -> list[Described]:
        if scope is None:
            return []
        return [*([{}] if self.is_open else []), {"token": [scope.value]}]

    def _path_parameters(self, arguments: Iterable[str]) -> list[Described]:
        taken = self.schemas.all.get("FibonacciParameters", {}).get("properties", {})
        known = {
            "request_id": _REQUEST_ID,
            "delivery_id": _DELIVERY_ID,
            "num": _NUM | {"schema": taken.get("n", {})},
        }
        return [
            {"name": name, "in": "path", "required": True, **known[name]}
            for name in sorted(arguments)
            if name != "name"
        ]

    def _query_parameters(self, call: Call, computation: AnyComputation | None) -> list[Described]:
        schema: Schema = {}
        if isinstance(call.query, type):
            schema = call.query.model_json_schema()
        elif call.query and computation is not None:
            schema = self.schemas.parameters_of(computation)
        examples = example_params(computation) if computation else None
        return [
            _query_parameter(name, part, schema, (examples or {}).get(name))
            for name, part in schema.get("properties", {}).items()
        ]

    def _body(self, call: Call, computation: AnyComputation | None) -> Described:
        if call.body is None:
            return {}
        content: Described = {"schema": self.schemas.refer(call.body, computation)}
        if computation and (params := example_params(computation)) is not None:
            one = {"params": params}
            content["example"] = {"items": [one]} if "items" in call.body.model_fields else one
        return {"requestBody": {"required": True, "content": {"application/json": content}}}

    def _answer(self, answer: Answer, computation: AnyComputation | None) -> Described:
        described: Described = {"description": answer.told}
        if answer.media_type is not None:
            schema: Schema = {"type": "string"}
            if answer.model is not None:
                schema = self.schemas.refer(answer.model, computation)
            described["content"] = {answer.media_type: {"schema": schema}}
        if answer.headers:
            described["headers"] = _headers(*answer.headers)
        if answer.links:
            described["links"] = {
                call: {"operationId": call, "parameters": {"request_id": "$response.body#/id"}}
                for call in answer.links
            }
        return described


def _query_parameter(name: str, part: Schema, schema: Schema, example: object) -> Described:
    """Describe one value of a query; a list or an object is written as JSON."""
    described: Described = {
        "name": name,
        "in": "query",
        "required": name in schema.get("required", ()),
    }
    if "description" in part:
        described["description"] = part["description"]
    if not {"type", "$ref", "anyOf", "oneOf", "allOf", "enum", "const"} & {*part}:
        part = {**part, "type": "string"}  # anything is given as text
    shown = {} if example is None else {"example": example}
    if part.get("type") in ("array", "object"):
        return {**described, "content": {"application/json": {"schema": part, **shown}}}
    return {**described, "schema": part, **shown}


def _headers(*names: str) -> Described:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def response_name(slugs: Iterable[str]) -> str:
    """Return the name under which the document keeps the answer with one of these problems."""
    return "-or-".join(slugs)


def problem_response(slugs: Iterable[str]) -> Described:
    """Describe an answer with one of these problems, which have one status."""
    kinds = [KINDS[slug] for slug in slugs]
    described: Described = {
        "description": " Or: ".join(f"{kind.title}. {kind.advice}" for kind in kinds),
        "content": {
            "application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {kind.type.rpartition("/")[2]: _example(kind) for kind in kinds},
            }
        },
    }
    if names := _PROBLEM_HEADERS.get(kinds[0].status):
        described["headers"] = _headers(*names)
    return described


def _example(kind: Kind) -> Described:
    document = {"type": kind.type, "title": kind.title, "status": kind.status, "detail": kind.title}
    if kind.status == 422:
        document["errors"] = [{"field": "n", "message": "Input should be a valid integer"}]
    return {"value": document}
