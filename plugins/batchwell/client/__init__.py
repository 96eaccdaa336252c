"""A typed client of Batchwell's HTTP API; it needs neither Flask nor Redis, but httpx.

from batchwell.client import Client

with Client("http://127.0.0.1:8000") as client:
    submission = client.submit("fibonacci", {"n": 30}, wait=10)
    result = submission.result or client.wait(submission.request.id).outcome()
    print(result.value)
"""

from batchwell.client.answers import (
    ActionsTaken,
    ActionTold,
    BulkOutcome,
    CatalogueEntry,
    Counts,
    Delivery,
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
from batchwell.client.client_errors import (
    ClientError,
    Conflict,
    Denied,
    EndedWithoutValue,
    Invalid,
    NotBatchwell,
    NotFound,
    Problem,
    TooMany,
    Unavailable,
    Unreachable,
    WaitTimedOut,
)
from batchwell.client.http_client import Client

__all__ = [
    "ActionTold",
    "ActionsTaken",
    "BulkOutcome",
    "CatalogueEntry",
    "Client",
    "ClientError",
    "Conflict",
    "Counts",
    "Delivery",
    "Denied",
    "EndedWithoutValue",
    "ErrorNote",
    "Generation",
    "Invalid",
    "NotBatchwell",
    "NotFound",
    "Problem",
    "Progress",
    "Provenance",
    "RefusedAction",
    "Request",
    "Result",
    "Run",
    "Submission",
    "TooMany",
    "Unavailable",
    "Unreachable",
    "WaitTimedOut",
]
