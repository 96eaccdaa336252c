"""What is noted on a run in Airflow."""

from __future__ import annotations

from batchwell.orchestrator.run_notes import told

SUMMARY = {"batches": 1, "succeeded": 2, "failed": 0, "retrying": 0, "seconds": 0.5}


def test_a_run_that_found_nothing_says_so() -> None:
    assert told([]) == "Nothing waited."
    nothing = SUMMARY | {"batches": 0, "succeeded": 0}
    assert told([nothing]) == "Nothing waited."
    assert told([nothing | {"delivered": 3}]) == "Nothing waited; 3 webhooks delivered."


def test_what_all_workers_of_a_run_did_is_added_up() -> None:
    assert told([SUMMARY]) == "2 computed, in 1 batch."
    more = SUMMARY | {"batches": 3, "failed": 1, "retrying": 4}
    assert told([SUMMARY, more]) == (
        "4 computed, 1 failed, 4 to be tried again, in 4 batches by 2 workers."
    )
