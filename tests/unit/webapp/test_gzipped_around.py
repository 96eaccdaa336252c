"""A body that is compressed but for its middle is one gzip stream, for any decoder."""

from __future__ import annotations

import gzip
import subprocess
import zlib

import pytest

from webapp.http.compression import GzippedAround


@pytest.mark.parametrize("before", [b"", b"a", b"long and dull " * 500])
@pytest.mark.parametrize("behind", [b"", b"z", b"long and dull " * 500])
@pytest.mark.parametrize("middle", [b"", b"12.5", b"0.001"])
def test_it_unpacks_to_all_three(before: bytes, behind: bytes, middle: bytes) -> None:
    packed = GzippedAround(before, behind)
    for part in (middle, b"another"):
        body = packed.around(part)
        assert gzip.decompress(body) == before + part + behind
        assert zlib.decompress(body, 16 + zlib.MAX_WBITS) == before + part + behind


def test_gzip_itself_takes_it() -> None:
    body = GzippedAround(b"before " * 100, b" behind" * 100).around(b"middle")
    done = subprocess.run(["gzip", "-dc"], input=body, capture_output=True, check=True)
    assert done.stdout == b"before " * 100 + b"middle" + b" behind" * 100
