"""The body of a submit, member by member."""

from __future__ import annotations

import pytest
from flask import Request
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from batchwell.records import Priority
from webapp.http.submit_body import SubmitBody, read_submit_body
from webapp.problems import Refused


def read(text: str | bytes, content_type: str = "application/json") -> SubmitBody:
    builder = EnvironBuilder(method="POST", data=text, content_type=content_type)
    return read_submit_body(Request(builder.get_environ()))


def refusal(text: str | bytes, content_type: str = "application/json") -> Refused:
    with pytest.raises(Refused) as caught:
        read(text, content_type)
    return caught.value


def fields(text: str | bytes) -> list[str]:
    return [error.field for error in refusal(text).errors]


def test_params_alone_are_enough() -> None:
    body = read('{"params":{"n":1}}')
    assert (body.params, body.priority, body.max_age) == ({"n": 1}, Priority.NORMAL, None)


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "application/x+json"])
def test_any_spelling_of_json_will_do(content_type: str) -> None:
    assert read('{"params":{}}', content_type).params == {}


def test_all_members_are_read() -> None:
    body = read('{"params":{},"priority":"bulk","max_age":1.5}')
    assert (body.priority, body.max_age) == (Priority.BULK, 1.5)


def test_max_age_beyond_all_time_is_cut() -> None:
    assert read('{"params":{},"max_age":1e308}').max_age == 1e10


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_other_types_are_refused(content_type: str) -> None:
    assert refusal('{"params":{}}', content_type).kind == "unsupported-media-type"


@pytest.mark.parametrize("text", ["", "{", '{"params":{}}x', "{'params':{}}", b'"\xff"'])
def test_broken_json_is_told_from_bad_members(text: str | bytes) -> None:
    assert refusal(text).kind == "broken-json"


@pytest.mark.parametrize("text", ["[]", "null", "3", '"params"'])
def test_body_must_be_an_object(text: str) -> None:
    assert (refusal(text).kind, fields(text)) == ("invalid-body", ["body"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", ["params"]),
        ('{"params":{},"prams":{},"max_agee":1}', ["prams", "max_agee"]),
        ('{"params":{},"priority":"urgent"}', ["priority"]),
        ('{"params":{},"priority":1}', ["priority"]),
        ('{"params":{},"max_age":-1}', ["max_age"]),
        ('{"params":{},"max_age":"1"}', ["max_age"]),
        ('{"params":{},"max_age":true}', ["max_age"]),
        ('{"params":{},"max_age":NaN}', ["max_age"]),
        ('{"params":{},"max_age":Infinity}', ["max_age"]),
        ('{"params":{},"max_age":1' + "0" * 400 + "}", ["max_age"]),
    ],
)
def test_members_that_do_not_fit_are_named(text: str, expected: list[str]) -> None:
    assert (refusal(text).kind, fields(text)) == ("invalid-body", expected)


DEEP = "[" * 300 + "]" * 300
LONG = "9" * 5000


@pytest.mark.parametrize("value", [DEEP, LONG])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"params":{"n":%s}}', "n"),
        ('{"params":{"m":{"n":[1,{"a":2}]},"n":{"x":[{"y":%s}]}}}', "n"),
        ('{"priority":"bulk",\n\n "params":\n{"a\\"b":1,\n "n" : [%s]}}', "n"),
        ('{"params":%s}', "params"),
        ('{"params":{},"max_age":[%s]}', "max_age"),
        ("%s", "body"),
    ],
)
def test_value_beyond_the_parsers_limits_is_refused_by_name(
    text: str, expected: str, value: str
) -> None:
    assert (refusal(text % value).kind, fields(text % value)) == ("invalid-parameters", [expected])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"params":{"n":1,"n":2}}', ["n"]),
        ('{"params":{},"params":{}}', ["params"]),
        ('{"params":{"a":[{"b":1,"b":1,"c":":","c":2}]}}', ["b", "c"]),
        ('{"params":{"n":1,"\\u006e":2}}', ["n"]),
    ],
)
def test_member_that_is_said_twice_is_refused_by_name(text: str, expected: list[str]) -> None:
    assert (refusal(text).kind, fields(text)) == ("invalid-body", expected)


def test_colons_in_texts_are_no_members() -> None:
    assert read('{"params":{"at":"12:30:00","a:b":{"a:b":":"}}}').params == {
        "at": "12:30:00",
        "a:b": {"a:b": ":"},
    }


@pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip"])
def test_coded_body_is_refused(coding: str) -> None:
    builder = EnvironBuilder(
        method="POST",
        data='{"params":{}}',
        content_type="application/json",
        headers=Headers({"Content-Encoding": coding}),
    )
    with pytest.raises(Refused) as caught:
        read_submit_body(Request(builder.get_environ()))
    assert caught.value.kind == "unsupported-media-type"
    assert caught.value.headers == {"Accept-Encoding": "identity"}
