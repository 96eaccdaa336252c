"""The trace of an HTTP request: the client's when it can be trusted in a log, else our own."""

from __future__ import annotations

import pytest

from webapp.monitoring.tracing import given_trace, new_trace

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize(
    "name",
    [
        "a",
        "req-42",
        "Root=1-67891233-abcdef012345678912345678",
        "dGhpcyBpcyBhbiBpZA==",
        "550e8400-e29b-41d4-a716-446655440000",
        "x" * 64,
    ],
)
def test_clients_name_is_taken(name: str) -> None:
    assert given_trace({"HTTP_X_REQUEST_ID": name}) == name


@pytest.mark.parametrize(
    "name", ["", " ", "x" * 65, "a b", "a\nb", "a\tb", 'a"b', "é", "<b>", "a,b"]
)
def test_name_that_could_spoil_a_log_is_passed_over(name: str) -> None:
    assert given_trace({"HTTP_X_REQUEST_ID": name}) == ""


def test_trace_id_of_a_traceparent_is_taken() -> None:
    parent = f"00-{TRACE_ID}-00f067aa0ba902b7-01"
    assert given_trace({"HTTP_TRACEPARENT": parent}) == TRACE_ID
    assert given_trace({"HTTP_TRACEPARENT": parent, "HTTP_X_REQUEST_ID": "mine"}) == "mine"
    assert given_trace({"HTTP_TRACEPARENT": parent, "HTTP_X_REQUEST_ID": "a b"}) == TRACE_ID


@pytest.mark.parametrize(
    "parent",
    [
        "00",
        f"ff-{TRACE_ID}-00f067aa0ba902b7-01",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE_ID}-{'0' * 16}-01",
        f"00-{TRACE_ID.upper()}-00f067aa0ba902b7-01",
        f"00-{TRACE_ID}-00f067aa0ba902b7",
    ],
)
def test_broken_traceparent_is_passed_over(parent: str) -> None:
    assert given_trace({"HTTP_TRACEPARENT": parent}) == ""


def test_made_traces_differ_and_could_be_given() -> None:
    made = {new_trace() for _ in range(1000)}
    assert len(made) == 1000
    assert all(given_trace({"HTTP_X_REQUEST_ID": trace}) == trace for trace in made)
