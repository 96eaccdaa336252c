"""The JSON documents, field for field."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from batchwell.documents import dumps, request_document, result_document, spelled
from batchwell.known_results import Result
from batchwell.moments import iso_time
from batchwell.records import Status
from tests.unit.sample_requests import NOON, PENDING

AIRFLOW = "http://127.0.0.1:8080"

RESULT = Result(
    computation="fibonacci",
    params='{"n":40}',
    value="102334155",
    state="fresh",
    read_at=NOON + 5.25,
    computed_at=NOON,
    fresh_until=NOON + 3600,
    refreshed_by=None,
    request="fibonacci-aaaaaaaaaaaaaaaa",
    version="1",
    generation=2,
    attempt=1,
    duration_seconds=12.5,
    batch_size=3,
    dag_id="recompute_fibonacci",
    run_id="manual__1",
    last_error=None,
    refresh_early=False,
)

RUNNING = replace(
    PENDING,
    status=Status.RUNNING,
    position=None,
    attempt=1,
    started_at=NOON,
    dag_id="recompute_fibonacci",
    run_id="manual__2026-01-01T00:00:00+00:00",
)


def read(document: object) -> Any:
    return json.loads(dumps(document))


def test_result_document_has_the_fields_of_the_contract() -> None:
    assert read(result_document(RESULT)) == {
        "computation": "fibonacci",
        "params": {"n": 40},
        "value": 102334155,
        "state": "fresh",
        "computed_at": "2025-12-31T12:00:00.000Z",
        "age_seconds": 5.25,
        "fresh_until": "2025-12-31T13:00:00.000Z",
        "refreshing": False,
        "refreshed_by": None,
        "last_error": None,
        "request": "fibonacci-aaaaaaaaaaaaaaaa",
        "provenance": {
            "version": "1",
            "generation": 2,
            "attempt": 1,
            "duration_seconds": 12.5,
            "batch_size": 3,
            "dag_id": "recompute_fibonacci",
            "run_id": "manual__1",
        },
    }


def test_refreshing_result_names_the_request_that_will_replace_it() -> None:
    document = result_document(replace(RESULT, refreshed_by="fibonacci-cccccccccccccccc"))
    assert document["refreshing"] is True
    assert document["refreshed_by"] == "fibonacci-cccccccccccccccc"
    assert document["request"] == "fibonacci-aaaaaaaaaaaaaaaa", "that which computed it"


def test_value_goes_into_the_document_as_it_is() -> None:
    digits = "9" * 1000
    told = dumps(result_document(replace(RESULT, value=digits)))
    assert f'"value":{digits},'.encode() in told


def test_pending_request_document_has_the_fields_of_the_contract() -> None:
    assert read(request_document(PENDING, AIRFLOW)) == {
        "id": "fibonacci-bbbbbbbbbbbbbbbb",
        "computation": "fibonacci",
        "params": {"n": 41},
        "status": "pending",
        "submitted_at": "2025-12-31T12:00:00.000Z",
        "started_at": None,
        "finished_at": None,
        "attempt": 0,
        "progress": {"fraction": None, "message": ""},
        "position": 3,
        "eta_seconds": None,
        "waiting_because": "3 requests are ahead",
        "result": None,
        "error": None,
        "story": [],
        "retried_by": None,
        "run": None,
    }


def test_succeeded_request_carries_its_result_and_no_old_error() -> None:
    done = replace(
        RUNNING,
        status=Status.SUCCEEDED,
        finished_at=NOON + 2,
        error_type="Oops",
        error_message="at the first attempt",
        progress_fraction=0.8,
        result=RESULT,
    )
    document = read(request_document(done, AIRFLOW))
    assert document["result"]["value"] == 102334155
    assert document["error"] is None
    assert document["progress"]["fraction"] == 1


def test_failed_request_carries_its_error_and_no_older_result() -> None:
    failed = replace(
        RUNNING,
        status=Status.FAILED,
        finished_at=NOON + 2,
        error_kind="user",
        error_type="ValueError",
        error_message="no",
        result=RESULT,
    )
    document = read(request_document(failed, AIRFLOW))
    assert document["error"] == {
        "kind": "user",
        "type": "ValueError",
        "message": "no",
        "traceback": None,
    }
    assert document["result"] is None
    assert document["eta_seconds"] is None
    assert document["waiting_because"] is None


def test_run_links_to_its_page_with_a_quoted_id() -> None:
    assert read(request_document(RUNNING, AIRFLOW))["run"] == {
        "dag_id": "recompute_fibonacci",
        "run_id": "manual__2026-01-01T00:00:00+00:00",
        "url": f"{AIRFLOW}/dags/recompute_fibonacci/runs/manual__2026-01-01T00%3A00%3A00%2B00%3A00",
    }


def test_times_are_utc_with_milliseconds() -> None:
    assert iso_time(1.5) == "1970-01-01T00:00:01.500Z"
    assert iso_time(None) is None


def test_spelled_integers_may_have_any_size() -> None:
    assert dumps({"maximum": spelled(10**30)}) == b'{"maximum":1' + b"0" * 30 + b"}"
