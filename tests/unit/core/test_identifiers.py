"""Ids of requests and workers."""

from __future__ import annotations

import os
import re

import pytest

from batchwell.errors import UnknownRequest
from batchwell.identifiers import new_token, new_worker_id, request_id, split_request_id


def test_tokens_are_short_random_and_fit_a_url() -> None:
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(re.fullmatch(r"[a-z2-7]{16}", token) for token in tokens)


@pytest.mark.parametrize("name", ["fibonacci", "a", "option_price", "n" * 63])
def test_id_is_split_into_what_it_was_made_of(name: str) -> None:
    token = new_token()
    assert split_request_id(request_id(name, token)) == (name, token)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "fibonacci",
        "fibonacci-",
        "fibonacci-short",
        "-aaaaaaaaaaaaaaaa",
        "fibonacci-aaaaaaaaaaaaaaaaa",
        "fibonacci-aaaaaaaa:aaaaaaa",
        "fibonacci-aaaaaaaaaaaaaaaä",
        "fibonacci:aaaaaaaaaaaaaaaa",
    ],
)
def test_what_cannot_be_an_id_is_an_unknown_request(text: str) -> None:
    with pytest.raises(UnknownRequest) as caught:
        split_request_id(text)
    assert caught.value.request_id == text


def test_worker_id_tells_where_it_runs() -> None:
    assert f":{os.getpid()}:" in new_worker_id()
    assert new_worker_id() != new_worker_id()
