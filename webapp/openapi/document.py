"""The OpenAPI document, assembled from Flask's routes, the calls and the computations."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterator
from typing import Any

from flask import Flask
from pydantic import BaseModel
from werkzeug.routing import Rule

from batchwell.registry import Registry
from batchwell.store import AnyComputation
from webapp.access.scopes import scope_needed
from webapp.openapi import models
from webapp.openapi.calls import CALLS, TAGS
from webapp.openapi.components import Schemas
from webapp.openapi.headers import RESPONSE_HEADERS
from webapp.openapi.operations import Operations, problem_response, response_name

Document = dict[str, Any]

_ABOUT = """\
Turn an expensive Python function into a web resource that always answers at once.

Ask for a value: it is answered at once when a fresh one is known; otherwise the request is recorded
(202), computed in a batch, and followed by its id. Errors are problem documents (RFC 9457), whose
`type` is stable and explained at its address. Every answer bears an `X-Request-ID`: yours, if you
sent one of 1 to 64 letters, digits and `._:/+=@-`; the logs name it, those of what computes too."""


_TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": (
        "Send an access token as `Authorization: Bearer TOKEN`; "
        "`batchwell token create NAME --scopes read` makes one. Its scopes say what it may: admin "
        "may what submit may, and submit what read may. An app that only its own machine can reach "
        "asks for none, until there is one."
    ),
}


def make_document(app: Flask, registry: Registry, *, is_open: bool) -> Document:
    """Describe the API: each call, and those that name a computation for each computation.

    ``is_open``: the app asks for no token.
    """
    schemas = Schemas(registry, [*_models(), models.Problem])
    operations = Operations(schemas=schemas, is_open=is_open)
    paths: dict[str, Document] = {}
    problems: dict[str, Document] = {}
    for rule in _rules(app):
        call, view = CALLS[rule.endpoint], app.view_functions[rule.endpoint]
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            scope = scope_needed(view, method)
            for slugs in call.all_problems(scope).values():
                problems[response_name(slugs)] = problem_response(slugs)
            for path, computation in _paths(rule.rule, registry):
                paths.setdefault(path, {})[method.lower()] = operations.describe(
                    call, view, rule.arguments, computation, scope
                )
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Batchwell",
            "version": importlib.metadata.version("batchwell"),
            "description": _ABOUT,
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "Where this document is"}],
        "tags": [
            *({"name": each.name, "description": each.title} for each in registry),
            *({"name": name, "description": told} for name, told in TAGS.items()),
        ],
        "paths": paths,
        "components": {
            "schemas": schemas.all,
            "headers": RESPONSE_HEADERS,
            "responses": problems,
            "securitySchemes": {"token": _TOKEN},
        },
    }


def _rules(app: Flask) -> list[Rule]:
    """Return the routes of the API in the order of the calls."""
    order = list(CALLS)
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint in CALLS]
    return sorted(rules, key=lambda rule: order.index(rule.endpoint))


def _models() -> Iterator[type[BaseModel]]:
    for call in CALLS.values():
        yield from (answer.model for answer in call.answers.values() if answer.model)
        if call.body:
            yield call.body


def _paths(rule: str, registry: Registry) -> Iterator[tuple[str, AnyComputation | None]]:
    """Yield the route's path as OpenAPI spells it, once for each computation it may name."""
    template = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)
    if "{name}" not in template:
        yield template, None
        return
    for computation in registry:
        yield template.replace("{name}", computation.name), computation
