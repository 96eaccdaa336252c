"""What each computation says of itself, for the forms, the API's documentation and Airflow."""

from pathlib import Path
from typing import Any

import pytest

from batchwell import Computation
from batchwell.registry import load_registry

DAGS_FOLDER = Path(__file__).parents[3] / "dags"
OURS = ("digits_classifier", "fibonacci", "hello", "option_price")
BOUNDS = {"minimum", "minLength", "enum"}


@pytest.fixture(params=OURS)
def computation(request: pytest.FixtureRequest) -> Computation[Any, Any]:
    return load_registry(DAGS_FOLDER)[request.param]


def test_docstring_opens_with_a_title_sentence(computation: Computation[Any, Any]) -> None:
    first, blank, *rest = computation.description.splitlines()
    assert first.endswith(".")
    assert blank == ""
    assert rest


def test_every_parameter_has_a_title_a_description_and_bounds(
    computation: Computation[Any, Any],
) -> None:
    parameters = computation.parameters_schema["properties"]
    assert parameters
    for name, schema in parameters.items():
        assert schema["title"], name
        assert schema["description"].endswith("."), name
        assert BOUNDS & schema.keys(), name


def test_result_has_a_schema(computation: Computation[Any, Any]) -> None:
    assert computation.result_schema["type"]
