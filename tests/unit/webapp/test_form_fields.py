"""Forms from schemas."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from batchwell import computation
from batchwell.errors import FieldError
from webapp.pages.form_fields import FormField, form_fields, typed_values


class Point(BaseModel):
    x: float


@computation()
def everything(
    count: Annotated[int, Field(title="Count", description="How many.", ge=0, le=9, examples=[3])],
    above: Annotated[int, Field(gt=0, lt=10)],
    ratio: Annotated[float, Field(ge=0.000001, le=1e6)] = 10.0,
    name: Annotated[str, Field(min_length=1, max_length=5, pattern="^a")] = "a",
    story: Annotated[str, Field(max_length=5000)] = "",
    kind: Literal["put", "call"] = "put",
    size: Literal[1, 2] = 1,
    is_fast: bool = True,
    day: date | None = None,
    limit: int | None = None,
    points: list[Point] = [],  # noqa: B006  # pydantic copies defaults
    origin: Point = Point(x=1),  # noqa: B008
    text: str = "",
) -> int:
    return 0


SCHEMA = everything.parameters_schema


def field(name: str) -> FormField:
    return {field.name: field for field in form_fields(SCHEMA)}[name]


def test_every_parameter_has_an_input_in_order() -> None:
    assert [field.name for field in form_fields(SCHEMA)] == list(SCHEMA["properties"])


def test_label_help_and_example_come_from_the_schema() -> None:
    count = field("count")
    assert (count.label, count.help, count.value) == ("Count", "How many.", "3")
    assert count.is_required
    assert count.attributes == {
        "type": "number",
        "inputmode": "numeric",
        "min": "0",
        "max": "9",
        "step": "1",
        "required": "",
    }


def test_exclusive_bounds_of_whole_numbers_move_inward() -> None:
    assert (field("above").attributes["min"], field("above").attributes["max"]) == ("1", "9")


def test_fractions_are_spelled_as_people_do() -> None:
    ratio = field("ratio")
    assert (ratio.value, ratio.is_required) == ("10", False)
    assert ratio.attributes["min"] == "0.000001"
    assert (ratio.attributes["max"], ratio.attributes["step"]) == ("1000000", "any")
    assert "required" not in ratio.attributes


def test_lengths_and_pattern_of_text_are_checked_by_the_browser() -> None:
    attributes = field("name").attributes
    assert (attributes["minlength"], attributes["maxlength"]) == ("1", "5")
    assert attributes["pattern"] == ".*(?:^a).*"


def test_long_text_gets_more_room() -> None:
    assert field("story").kind == "long_text"
    assert "type" not in field("story").attributes


def test_enumerations_are_choices_that_know_their_json() -> None:
    assert field("kind").options == (("put", '"put"'), ("call", '"call"'))
    assert field("size").options == (("1", "1"), ("2", "2"))
    assert (field("kind").kind, field("kind").value) == ("choice", "put")


def test_booleans_are_switches() -> None:
    assert (field("is_fast").kind, field("is_fast").value) == ("switch", "true")
    assert "required" not in field("is_fast").attributes


def test_optional_types_are_read_through() -> None:
    assert (field("day").kind, field("day").attributes["type"]) == ("text", "date")
    assert (field("limit").kind, field("limit").value) == ("number", "")


def test_lists_and_objects_are_typed_as_json() -> None:
    assert (field("points").kind, field("points").value) == ("json", "[]")
    assert (field("origin").kind, field("origin").value) == ("json", '{"x": 1.0}')


def test_typed_values_and_their_errors_come_back() -> None:
    errors = [FieldError(field="points.0.x", message="wrong"), FieldError(field="n", message="no")]
    fields = {field.name: field for field in form_fields(SCHEMA, {"count": "<9>"}, errors)}
    assert (fields["count"].value, fields["count"].error) == ("<9>", "")
    assert fields["above"].value == "", "defaults do not overwrite what was typed"
    assert fields["points"].error == "wrong"


def test_blank_inputs_say_nothing_and_empty_boxes_say_no() -> None:
    typed = {"count": "", "name": "", "limit": "", "above": "1"}
    assert typed_values(form_fields(SCHEMA), typed) == {"above": "1", "is_fast": "false"}


@computation()
def shout(text: str) -> str:
    return text.upper()


def test_required_text_may_be_blank() -> None:
    assert typed_values(form_fields(shout.parameters_schema), {"text": ""}) == {"text": ""}
    assert "required" not in form_fields(shout.parameters_schema)[0].attributes
