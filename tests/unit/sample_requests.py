"""A request to make others of, and who attends to it."""

from __future__ import annotations

from batchwell.records import Attention, Request, Status

NOON = 1_767_182_400.0  # 2025-12-31T12:00:00Z

ATTENTION = Attention(
    workers=2,
    running=0,
    item_seconds=None,
    start_seconds=None,
    seen_at=NOON,
    watched_at=None,
    unwatched_at=None,
    woken_at=None,
    read_at=NOON + 10,
)

PENDING = Request(
    id="fibonacci-bbbbbbbbbbbbbbbb",
    computation="fibonacci",
    params='{"n":41}',
    status=Status.PENDING,
    submitted_at=NOON,
    started_at=None,
    finished_at=None,
    attempt=0,
    progress_fraction=None,
    progress_message="",
    error_kind=None,
    error_type=None,
    error_message="",
    error_traceback="",
    story=(),
    retried_by=None,
    dag_id=None,
    run_id=None,
    position=3,
    queued=4,
    retry_at=None,
    call_size=1,
    attention=ATTENTION,
    result=None,
)
