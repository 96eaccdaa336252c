"""Reads the API's documents into records, passing over what is not known here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar

from batchwell.client.answers import (
    ActionsTaken,
    BulkOutcome,
    CatalogueEntry,
    Counts,
    Delivery,
    Document,
    ErrorNote,
    Generation,
    Progress,
    Provenance,
    RefusedAction,
    Request,
    Result,
    Run,
    Submission,
)
from batchwell.client.client_errors import read_problem

Record = TypeVar("Record")


def read_result(document: Document) -> Result:
    """Read a Result."""
    return _read(
        Result,
        document,
        computed_at=_time,
        fresh_until=_time,
        last_error=_read_error,
        provenance=lambda part: _read(Provenance, part),
    )


def read_request(document: Document) -> Request:
    """Read a Request."""
    return _read(
        Request,
        document,
        submitted_at=_time,
        started_at=_time,
        finished_at=_time,
        progress=lambda part: _read(Progress, part),
        result=read_result,
        error=_read_error,
        story=lambda errors: tuple(map(_read_error, errors)),
        run=lambda part: _read(Run, part),
        deliveries=lambda parts: tuple(map(read_delivery, parts)),
    )


def read_submission(document: Document) -> Submission:
    """Read what a submit is answered with: a Result, or a Request with what is known meanwhile."""
    if "value" in document:
        result = read_result(document)
        return Submission(result=result, request=None, previous=None, document=document)
    previous = document.get("previous")
    return Submission(
        result=None,
        request=read_request(document),
        previous=read_result(previous) if previous else None,
        document=document,
    )


def read_bulk_outcome(document: Document) -> BulkOutcome:
    """Read what became of one item of a bulk submit."""
    return _read(
        BulkOutcome,
        document,
        result=read_result,
        previous=read_result,
        problem=lambda part: read_problem(part, part["status"]),
    )


def read_actions_taken(document: Document) -> ActionsTaken:
    """Read what became of many actions."""
    return ActionsTaken(
        accepted=document["counts"]["accepted"],
        refused=[
            _read(RefusedAction, one, problem=lambda part: read_problem(part, part["status"]))
            for one in document["refused"]
        ],
    )


def read_catalogue_entry(document: Document) -> CatalogueEntry:
    """Read what the catalogue tells of a computation."""
    return _read(CatalogueEntry, document, counts=lambda part: _read(Counts, part))


def read_generation(document: Document) -> Generation:
    """Read what an invalidate is answered with."""
    return _read(Generation, document)


def read_delivery(document: Document) -> Delivery:
    """Read a delivery."""
    return _read(Delivery, document, owed_at=_time, attempted_at=_time, due_at=_time)


def _read_error(document: Document) -> ErrorNote:
    return _read(ErrorNote, document, at=_time)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _read(kind: type[Record], document: Document, **readers: Callable[[Any], Any]) -> Record:
    """Make a record of the members that it knows; raise `TypeError` if one that it needs lacks."""
    known: dict[str, Any] = {"document": document}
    for name, value in document.items():
        known[name] = readers[name](value) if name in readers and value is not None else value
    names = {one.name for one in fields(kind)}  # type: ignore[arg-type]  # all are dataclasses
    return kind(**{name: value for name, value in known.items() if name in names})
