"""What counts as this machine alone."""

from __future__ import annotations

import pytest

from batchwell.exposure import host_of, is_loopback, netloc


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.8.9.1", "::1", "[::1]", "::ffff:127.0.0.1", "localhost", "LOCALHOST"],
)
def test_loopback_is_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "10.0.0.1", "::ffff:10.0.0.1", "example.org", "127.0.0.1.example.org",
     "localhost.example.org", "", "2130706433", "127.1"],
)  # fmt: skip
def test_everything_else_is_not(host: str) -> None:
    assert not is_loopback(host)


def test_addresses_of_the_sixth_version_are_bracketed() -> None:
    assert netloc("::1", 80) == "[::1]:80"
    assert netloc("127.0.0.1", 80) == "127.0.0.1:80"
    assert host_of("http://[::1]:80/path") == "::1"
