"""Parameters from a URL's query."""

from __future__ import annotations

import pytest

from batchwell import computation
from batchwell.errors import InvalidParameters
from webapp.http.query_string import parse_query_string, refuse_query, single_values


@computation()
def echo(n: int, text: str = "") -> str:
    return text * n


def complaints(query_string: bytes) -> dict[str, str]:
    with pytest.raises(InvalidParameters) as caught:
        parse_query_string(echo, query_string)
    return {error.field: error.message for error in caught.value.errors}


def test_text_is_read_as_the_type_of_the_signature() -> None:
    assert parse_query_string(echo, b"n=40&text=a%20b+c").json == '{"n":40,"text":"a b c"}'


def test_blank_values_count() -> None:
    assert parse_query_string(echo, b"n=1&text=").json == '{"n":1,"text":""}'


def test_repeated_fields_are_named() -> None:
    assert complaints(b"n=1&n=1&text=&text=&x=1") == {
        "n": "is given more than once",
        "text": "is given more than once",
    }


def test_unknown_and_missing_fields_are_named() -> None:
    assert complaints(b"m=1") == {"n": "Field required", "m": "Extra inputs are not permitted"}


@pytest.mark.parametrize("query_string", [b"text=%ff", b"text=\xff", b"n=1&%c3%28=1"])
def test_text_that_is_not_utf8_is_refused(query_string: bytes) -> None:
    assert complaints(query_string) == {"query": "is not UTF-8 text"}


def test_refusals_are_not_remembered_as_answers() -> None:
    for _ in range(2):
        assert complaints(b"n=x")


@pytest.mark.parametrize("query_string", [b"text=100%", b"n=1&text=%zz&x=%", b"text=a=%4"])
def test_broken_percent_encoding_is_refused_by_name(query_string: bytes) -> None:
    (field,) = complaints(query_string)
    assert field == "text"


def test_percent_sign_is_encoded() -> None:
    assert single_values("echo", b"text=100%25") == {"text": "100%"}


def test_call_without_parameters_refuses_any() -> None:
    refuse_query(b"")
    with pytest.raises(InvalidParameters) as caught:
        refuse_query(b"a=1&b=")
    assert [error.field for error in caught.value.errors] == ["a", "b"]
