"""The OpenAPI document: valid, complete, and each computation told of with its own types."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import BaseModel, Field

from batchwell import Computation, computation
from batchwell.registry import Registry
from batchwell.settings import Settings
from webapp import create_app
from webapp.context import get_context
from webapp.openapi.calls import CALLS
from webapp.openapi.components import class_name
from webapp.openapi.document import make_document
from webapp.openapi.served import served_document
from webapp.problem_kinds import KINDS

PAGES = {"static", "problems.explain", "openapi.show_page", "openapi.show_computation"}
METHODS = {"get", "put", "post", "delete", "patch"}


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app(Settings.from_env({}))


@pytest.fixture(scope="module")
def document(app: Flask) -> Any:
    with app.test_request_context():
        return json.loads(served_document(app).text)


def document_of(app: Flask, *computations: Computation[Any, Any]) -> Any:
    registry = Registry(computations={each.name: each for each in computations}, failures={})
    return json.loads(json.dumps(make_document(app, registry, is_open=False)))


def operations_of(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def references_in(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (part[key] for key in part if key == "$ref")
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from references_in(inner)


def test_it_is_a_valid_openapi_3_1_document(document: Any) -> None:
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_it_is_valid_without_any_computation(app: Flask) -> None:
    empty = document_of(app)
    assert list(OpenAPIV31SpecValidator(empty).iter_errors()) == []
    assert "/api/v1/requests/{request_id}" in empty["paths"]


def test_every_route_of_the_api_is_in_it_and_nothing_else(app: Flask, document: Any) -> None:
    with app.app_context():
        names = [each.name for each in get_context().registry]
    expected = set()
    for rule in app.url_map.iter_rules():
        if rule.endpoint in PAGES or rule.endpoint.startswith(("pages.", "feed.", "login.")):
            continue
        template = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for name in names if "{name}" in template else [""]:
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                expected.add((method.lower(), template.replace("{name}", name)))
    assert {(method, path) for method, path, _ in operations_of(document)} == expected


def test_each_operation_says_what_a_reader_and_a_generator_need(document: Any) -> None:
    ids = [operation["operationId"] for _, _, operation in operations_of(document)]
    assert len(ids) == len(set(ids))
    tags = {tag["name"] for tag in document["tags"]}
    for method, path, operation in operations_of(document):
        assert method in METHODS
        assert operation["summary"], path
        assert set(operation["tags"]) <= tags, path
        assert {*re.findall(r"{(\w+)}", path)} == {
            each["name"] for each in operation["parameters"] if each["in"] == "path"
        }
        linked = [
            link["operationId"]
            for answer in operation["responses"].values()
            for link in answer.get("links", {}).values()
        ]
        assert set(linked) <= set(ids)


def test_every_reference_leads_somewhere(document: Any) -> None:
    for reference in set(references_in(document)):
        part = document
        for name in reference.removeprefix("#/").split("/"):
            part = part[name]


def test_every_kind_of_problem_that_a_call_answers_with_is_shown_as_an_example(
    document: Any,
) -> None:
    shown = {
        example["value"]["type"]
        for answer in document["components"]["responses"].values()
        for example in answer["content"]["application/problem+json"]["examples"].values()
    }
    # What no route that exists and is called with its own methods answers with.
    elsewhere = {"not-found", "method-not-allowed", "unknown-computation"}
    assert {kind.type for name, kind in KINDS.items() if name not in elsewhere} <= shown


class Leg(BaseModel):
    strike: float


class Price(BaseModel):
    value: float
    params: list[str]


def test_each_computation_is_told_of_with_its_own_types(app: Flask) -> None:
    @computation()
    def option_book(legs: list[Leg], n: int = 1) -> Price:
        """Price a book."""
        raise NotImplementedError

    document = document_of(app, option_book)
    schemas = document["components"]["schemas"]
    assert schemas["OptionBookParameters"]["properties"]["legs"]["items"] == {
        "$ref": "#/components/schemas/OptionBookParametersLeg"
    }
    assert set(schemas["OptionBookValue"]["properties"]) == {"value", "params"}
    assert "$ref" not in json.dumps(schemas["OptionBookValue"])
    result = schemas["OptionBookResult"]["properties"]
    assert result["params"] == {"$ref": "#/components/schemas/OptionBookParameters"}
    assert result["value"] == {"$ref": "#/components/schemas/OptionBookValue"}
    assert result["computation"]["const"] == "option_book"
    assert "Result" not in schemas
    assert all(schema["title"] == name for name, schema in schemas.items())
    read = document["paths"]["/api/v1/computations/option_book/result"]["get"]
    by_name = {each["name"]: each for each in read["parameters"]}
    assert by_name["legs"]["required"]
    assert by_name["legs"]["content"]["application/json"]["schema"]["type"] == "array"
    assert by_name["n"]["schema"]["type"] == "integer"
    assert not by_name["n"]["required"]
    status = document["paths"]["/api/v1/requests/{request_id}"]["get"]["responses"]["200"]
    assert status["content"]["application/json"]["schema"]["discriminator"]["mapping"] == {
        "option_book": "#/components/schemas/OptionBookRequest"
    }


def test_the_example_of_a_submit_fits_or_is_left_out(app: Flask) -> None:
    @computation()
    def easy(n: int, legs: list[Leg], colour: str = "red") -> int:
        raise NotImplementedError

    @computation()
    def hard(code: Any, text: Annotated[str, Field(pattern="^[0-9]{8}$")]) -> int:
        raise NotImplementedError

    document = document_of(app, easy, hard)
    bodies = {
        name: document["paths"][f"/api/v1/computations/{name}/requests"]["post"]["requestBody"]
        for name in ("easy", "hard")
    }
    easy_one = bodies["easy"]["content"]["application/json"]["example"]
    assert easy_one == {"params": {"n": 1, "legs": []}}
    assert "example" not in bodies["hard"]["content"]["application/json"]


def test_names_of_computations_stay_apart() -> None:
    names = ["a_1", "a1", "a_b", "ab", "a__b", "a_b_", "fibonacci", "option_price"]
    assert len({class_name(name) for name in names}) == len(names)
    assert class_name("option_price") == "OptionPrice"


@pytest.mark.parametrize("is_open", [True, False])
def test_each_call_says_which_scope_it_needs(app: Flask, is_open: bool) -> None:
    @computation()
    def easy(n: int) -> int:
        raise NotImplementedError

    registry = Registry(computations={"easy": easy}, failures={})
    document = make_document(app, registry, is_open=is_open)
    assert list(OpenAPIV31SpecValidator(json.loads(json.dumps(document))).iter_errors()) == []
    paths = document["paths"]
    nothing: list[object] = [{}] if is_open else []
    name = "/api/v1/computations/easy"
    assert paths[f"{name}/result"]["get"]["security"] == [*nothing, {"token": ["read"]}]
    assert paths[f"{name}/requests"]["post"]["security"] == [*nothing, {"token": ["submit"]}]
    assert paths[f"{name}/invalidate"]["post"]["security"] == [*nothing, {"token": ["admin"]}]
    assert paths["/healthz"]["get"]["security"] == []
    for _, _, operation in operations_of(document):
        assert ("401" in operation["responses"]) == bool(operation["security"])


def test_every_call_that_is_described_has_a_route(app: Flask) -> None:
    assert set(CALLS) <= set(app.view_functions)
