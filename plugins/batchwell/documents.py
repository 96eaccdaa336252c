"""The JSON documents of the HTTP contract, made from records.

Times are ISO-8601 in UTC with milliseconds and a ``Z``; durations and ages are seconds. The JSON
text of parameters and values goes into a document as it is: nothing is parsed again.
"""

from __future__ import annotations

import json
from urllib.parse import quote

import orjson

from batchwell.known_results import Result
from batchwell.moments import iso_time
from batchwell.outlook import eta_seconds, waiting_because
from batchwell.records import Request, Status


def dumps(document: object) -> bytes:
    """Return the document as JSON."""
    return orjson.dumps(document)


def spelled(value: object) -> orjson.Fragment:
    """Return the value as JSON text for use within a document; integers may have any size."""
    return orjson.Fragment(json.dumps(value, ensure_ascii=False))


def result_document(result: Result, *, is_stand_in: bool = False) -> dict[str, object]:
    """Make the Result of the contract; one that stands in for another says so.

    ``request`` is the one that computed the value, ``refreshed_by`` the one that will replace it,
    ``last_error`` the error of a recompute that failed since.
    """
    age = {"age_seconds": round(result.age_seconds, 3)}
    marked = {"stand_in": True} if is_stand_in else {}
    return _before_age(result) | age | _behind_age(result) | marked


def result_texts(result: Result) -> tuple[bytes, bytes]:
    """Return the JSON of the document before and behind its age, all else of which stays."""
    before, behind = dumps(_before_age(result)), dumps(_behind_age(result))
    return before[:-1] + b',"age_seconds":', b"," + behind[1:]


def _before_age(result: Result) -> dict[str, object]:
    return {
        "computation": result.computation,
        "params": orjson.Fragment(result.params),
        "value": orjson.Fragment(result.value),
        "state": result.state,
        "computed_at": iso_time(result.computed_at),
    }


def _behind_age(result: Result) -> dict[str, object]:
    return {
        "fresh_until": iso_time(result.fresh_until),
        "refreshing": result.refreshed_by is not None,
        "refreshed_by": result.refreshed_by,
        "last_error": (
            {
                "at": iso_time(result.last_error.at),
                "type": result.last_error.type,
                "message": result.last_error.message,
            }
            if result.last_error
            else None
        ),
        "request": result.request,
        "provenance": {
            "version": result.version,
            "generation": result.generation,
            "attempt": result.attempt,
            "duration_seconds": result.duration_seconds,
            "batch_size": result.batch_size,
            "dag_id": result.dag_id,
            "run_id": result.run_id,
        },
    }


def request_document(request: Request, airflow_url: str) -> dict[str, object]:
    """Make the Request of the contract.

    ``result`` is set once the request has succeeded. It is the best value known by then: a later
    request may have computed it. ``error`` is that of the last attempt, while no attempt succeeded;
    its kind is "user" (raised by the computation) or "system". ``story`` lists all errors so far.
    """
    succeeded = request.status is Status.SUCCEEDED
    url = run_url(request.dag_id, request.run_id, airflow_url)
    return {
        "id": request.id,
        "computation": request.computation,
        "params": orjson.Fragment(request.params),
        "status": request.status.value,
        "submitted_at": iso_time(request.submitted_at),
        "started_at": iso_time(request.started_at),
        "finished_at": iso_time(request.finished_at),
        "attempt": request.attempt,
        "progress": {
            "fraction": 1.0 if succeeded else request.progress_fraction,
            "message": request.progress_message,
        },
        "position": request.position,
        "eta_seconds": eta_seconds(request),
        "waiting_because": waiting_because(request),
        "result": result_document(request.result) if succeeded and request.result else None,
        "error": (
            {
                "kind": request.error_kind,
                "type": request.error_type,
                "message": request.error_message,
                "traceback": request.error_traceback or None,
            }
            if request.error_type and not succeeded
            else None
        ),
        "story": [
            {
                "at": iso_time(error.at),
                "attempt": error.attempt,
                "kind": error.kind,
                "type": error.type,
                "message": error.message,
            }
            for error in request.story
        ],
        "retried_by": request.retried_by,
        "run": {"dag_id": request.dag_id, "run_id": request.run_id, "url": url} if url else None,
    }


def run_url(dag_id: str | None, run_id: str | None, airflow_url: str) -> str | None:
    """Return the page of a run in Airflow; None for what was computed outside Airflow."""
    if dag_id is None or run_id is None:
        return None
    return f"{airflow_url}/dags/{quote(dag_id, safe='')}/runs/{quote(run_id, safe='')}"
