"""``/docs``: the document as a page to read, and to try each call on."""

from __future__ import annotations

import json
import shlex
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from webapp.openapi.document import Document
from webapp.openapi.schema_words import Member, SchemaWords


@dataclass(frozen=True, kw_only=True)
class Input:
    """One value that a call takes outside of its body; ``place`` is path, query or header."""

    name: str
    place: str
    type: str
    told: str
    is_required: bool
    example: str


@dataclass(frozen=True, kw_only=True)
class AnswerView:
    """One status of a call: the members of its document, or the kinds of problem."""

    status: str
    told: str
    members: Sequence[Member]
    problems: Sequence[dict[str, Any]]
    headers: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class CallView:
    """One call; ``body`` is an example of what it takes, as JSON."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    scope: str
    inputs: Sequence[Input]
    body: str | None
    members: Sequence[Member]
    answers: Sequence[AnswerView]
    curl: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """The calls of one computation, or about one thing."""

    name: str
    told: str
    calls: Sequence[CallView]


def sections_of(document: Document, names: Container[str], url: str) -> list[Section]:
    """Return the sections of these names; ``url`` is where the app is reached."""
    views: dict[str, list[CallView]] = {
        tag["name"]: [] for tag in document["tags"] if tag["name"] in names
    }
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            [tag] = operation["tags"]
            if tag in views:
                views[tag].append(_call(document, method.upper(), path, operation, url))
    told = {tag["name"]: tag["description"] for tag in document["tags"]}
    return [Section(name=name, told=told[name], calls=calls) for name, calls in views.items()]


def _call(document: Document, method: str, path: str, operation: Document, url: str) -> CallView:
    words = SchemaWords(document["components"]["schemas"])
    inputs = [_input(words, each) for each in operation["parameters"]]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    body = None if content is None else json.dumps(content.get("example", {}))
    scopes = [needed["token"][0] for needed in operation["security"] if needed]
    is_open = {} in operation["security"] or not scopes
    return CallView(
        id=operation["operationId"],
        method=method,
        path=path,
        summary=operation["summary"],
        description=operation.get("description", ""),
        scope=scopes[0] if scopes else "",
        inputs=inputs,
        body=body,
        members=list(words.members(content["schema"])) if content else [],
        answers=list(_answers(document, words, operation)),
        curl=_curl(method, url + path, inputs, body, is_open=is_open),
    )


def _input(words: SchemaWords, parameter: Document) -> Input:
    content = parameter.get("content", {}).get("application/json", {})
    schema = parameter.get("schema") or content.get("schema", {})
    example = parameter.get("example", content.get("example"))
    return Input(
        name=parameter["name"],
        place=parameter["in"],
        type=words.type(schema) + (", as JSON" if content else ""),
        told=parameter.get("description", ""),
        is_required=parameter.get("required", False),
        example=_text(example),
    )


def _answers(document: Document, words: SchemaWords, operation: Document) -> Iterator[AnswerView]:
    for status, answer in sorted(operation["responses"].items()):
        if "$ref" in answer:
            answer = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        content = answer.get("content", {})
        problems = content.get("application/problem+json", {}).get("examples", {})
        schema = content.get("application/json", {}).get("schema", {})
        yield AnswerView(
            status=status,
            told=answer["description"],
            members=list(words.members(schema)),
            problems=[problem["value"] for problem in problems.values()],
            headers=list(answer.get("headers", {})),
        )


def _curl(
    method: str, url: str, inputs: Sequence[Input], body: str | None, *, is_open: bool
) -> str:
    """Return a command that makes the call, with its examples."""
    for each in inputs:
        if each.place == "path":
            url = url.replace(f"{{{each.name}}}", each.example)
    query = {each.name: each.example for each in inputs if each.place == "query"}
    needed = {each.name for each in inputs if each.is_required}
    if query := {name: text for name, text in query.items() if name in needed}:
        url += f"?{urlencode(query)}"
    implied = "POST" if body else "GET"
    verb = "curl" if method == implied else f"curl -X {method}"
    lines = [f"{verb} {shlex.quote(url)}"]
    if not is_open:
        lines.append('-H "Authorization: Bearer $BATCHWELL_TOKEN"')
    if body is not None:
        lines += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(body)}"]
    return " \\\n  ".join(lines)


def _text(example: object) -> str:
    if example is None:
        return ""
    return example if isinstance(example, str) else json.dumps(example)
