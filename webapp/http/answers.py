"""JSON answers, built from bytes."""

from __future__ import annotations

from typing import NamedTuple

from flask import Response

from batchwell.documents import dumps

_HEADERS = {
    "Content-Type": "application/json",
    # Let caches keep answers, but ask whether they still hold: they change at any moment.
    "Cache-Control": "no-cache",
}


class Plain(NamedTuple):
    """An answer that no framework has in hand yet."""

    body: bytes
    status: int
    headers: dict[str, str]


def plain_json(document: object, status: int = 200, headers: dict[str, str] | None = None) -> Plain:
    """Return the document as an answer; ``headers`` add to and replace the usual ones."""
    return Plain(dumps(document), status, _HEADERS | headers if headers else _HEADERS)


def json_answer(
    document: object, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Return the document as a response; ``headers`` add to and replace the usual ones."""
    return Response(*plain_json(document, status, headers))


def unchanged_answer(headers: dict[str, str]) -> Response:
    """Return 304: what the reader has is what it would get, in this coding or another."""
    return Response(status=304, headers={"Vary": "Accept-Encoding", **_HEADERS, **headers})


def text_answer(text: str) -> Response:
    """Return plain text that no cache keeps."""
    return Response(
        text,
        headers={
            "Content-Type": "text/plain; charset=utf-8",
            "Cache-Control": "no-store",
        },
    )
