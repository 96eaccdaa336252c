"""``GET …/result`` and ``GET …/latest``: known values, at once."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, request

from batchwell.documents import result_document
from batchwell.errors import QueueFull, StoreUnavailable
from batchwell.parameters import Parameters
from batchwell.records import Result
from batchwell.store import AnyComputation, Store
from webapp.answers import json_answer
from webapp.api import PREFIX
from webapp.asking import ask
from webapp.context import get_context
from webapp.problems import Refused
from webapp.query_string import parse_query_string

blueprint = Blueprint("results", __name__, url_prefix=PREFIX)


@blueprint.get("/computations/<name>/result")
def read_result(name: str) -> Response:
    """Answer with the value of the parameters in the query; a stale one is being refreshed."""
    context = get_context()
    computation = context.registry[name]
    parameters = parse_query_string(computation, request.query_string)
    result = context.store.read(computation, parameters)
    if result is None:
        raise Refused(
            "never-computed",
            f"{name} has never been computed with these parameters. "
            f"POST them to {PREFIX}/computations/{name}/requests to have it computed.",
        )
    if result.state == "stale" and result.refreshed_by is None:
        result = _refreshed(context.store, computation, parameters, result)
    return result_answer(result)


@blueprint.get("/computations/<name>/latest")
def read_latest(name: str) -> Response:
    """Answer with the result that was computed last."""
    context = get_context()
    computation = context.registry[name]
    result = context.store.latest(computation)
    if result is None:
        raise Refused("never-computed", f"{name} has never been computed.")
    return result_answer(result)


def result_answer(result: Result) -> Response:
    """Return the Result document with its ``Age``."""
    return json_answer(
        result_document(result), headers={"Age": str(max(0, int(result.age_seconds)))}
    )


def _refreshed(
    store: Store, computation: AnyComputation, parameters: Parameters, stale: Result
) -> Result:
    """Have a stale value recomputed; where that cannot be recorded, serve it all the same."""
    try:
        submission = ask(store, computation, parameters)
    except (QueueFull, StoreUnavailable):
        return stale
    return replace(submission.result or stale, refreshed_by=submission.request)
