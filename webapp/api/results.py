"""``GET …/result`` and ``GET …/latest``: known values, at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, Response, request

from batchwell.access_tokens import Scope
from batchwell.documents import result_document
from batchwell.errors import QueueFull, StoreUnavailable
from batchwell.known_results import Result
from batchwell.parameters import Parameters
from batchwell.store import AnyComputation
from webapp.access.guard import may
from webapp.access.scopes import needs
from webapp.api import PREFIX
from webapp.asking import ask
from webapp.context import Context, get_context
from webapp.http.answers import json_answer, unchanged_answer
from webapp.http.caching import HELD_SECONDS, is_known, result_headers
from webapp.http.preferences import read_preferences
from webapp.http.query_string import parse_query_string, refuse_query
from webapp.http.quick_reads import may_answer_again
from webapp.http.tolerance import Tolerance, read_tolerance, wait_for_end
from webapp.monitoring.noting import note_read
from webapp.problems import Refused

blueprint = Blueprint("results", __name__, url_prefix=PREFIX)


@blueprint.get("/computations/<name>/result")
def read_result(name: str) -> Response:
    """Answer with the value of the parameters in the query; one too old is being recomputed."""
    context = get_context()
    computation = context.registry[name]
    parameters = parse_query_string(computation, request.query_string)
    environ = request.environ
    tolerance = read_tolerance(environ.get("HTTP_CACHE_CONTROL"))
    preferences = read_preferences(environ.get("HTTP_PREFER"))
    result, known = context.memory.read(computation, parameters)
    stand_in = computation.stand_in if result is None else None
    if stand_in is not None:
        result, known = context.memory.read(computation, stand_in)[0], None
    note_read(context, name, result)
    if result is None:
        raise Refused(
            "never-computed",
            f"{name} has never been computed with these parameters. "
            f"POST them to {PREFIX}/computations/{name}/requests to have it computed.",
        )
    if tolerance.only_if_cached or _is_tolerable(result, tolerance):
        if known is not None:
            may_answer_again(known, computation.policy)
        return _result_answer(result, computation, is_stand_in=stand_in is not None)
    if result.refreshed_by is None:
        result = _refreshed(context, computation, stand_in or parameters, result)
    waited = False
    if stand_in is None and preferences.wait_seconds and result.refreshed_by is not None:
        waited = wait_for_end(context, result.refreshed_by, preferences.wait_seconds)
        if waited:
            result = context.store.read(computation, parameters) or result
    applied = preferences.applied(waited=waited, accepted=False)
    return _result_answer(result, computation, applied, is_stand_in=stand_in is not None)


@blueprint.post("/computations/<name>/invalidate")
@needs(Scope.ADMIN)
def invalidate(name: str) -> Response:
    """Make every known value of the computation stale; they are served until recomputed."""
    context = get_context()
    refuse_query(request.query_string)
    generation = context.store.invalidate(context.registry[name])
    return json_answer({"computation": name, "generation": generation})


@blueprint.get("/computations/<name>/latest")
def read_latest(name: str) -> Response:
    """Answer with the result that was computed last; another may be the last at any moment."""
    context = get_context()
    computation = context.registry[name]
    refuse_query(request.query_string)
    result = context.store.latest(computation)
    note_read(context, name, result)
    if result is None:
        raise Refused("never-computed", f"{name} has never been computed.")
    return _result_answer(result, computation, held_seconds=0)


def _result_answer(
    result: Result,
    computation: AnyComputation,
    headers: Mapping[str, str] | None = None,
    *,
    held_seconds: int = HELD_SECONDS,
    is_stand_in: bool = False,
) -> Response:
    """Answer with the Result document, or 304 where the reader has it already.

    A stand-in is held by no cache: the value that was asked for may come at any moment.
    """
    if is_stand_in:
        held_seconds = 0
    told = result_headers(result, computation.policy, held_seconds=held_seconds)
    if headers:
        told |= headers
    if is_known(told["ETag"]):
        return unchanged_answer(told)
    return json_answer(result_document(result, is_stand_in=is_stand_in), headers=told)


def _is_tolerable(result: Result, tolerance: Tolerance) -> bool:
    """Tell whether the value needs no recompute, by its freshness and by what its reader says.

    To find a fresh value too old is to ask for computing, which takes the scope of a submit.
    """
    if result.state != "fresh" or result.refresh_early:
        return False
    limit = tolerance.max_age_seconds
    return limit is None or result.age_seconds < limit or not may(Scope.SUBMIT)


def _refreshed(
    context: Context, computation: AnyComputation, parameters: Parameters, stale: Result
) -> Result:
    """Have the value recomputed; where that cannot be recorded, serve it all the same."""
    try:
        submission = ask(context, computation, parameters, max_age_seconds=0)
    except (QueueFull, StoreUnavailable):
        return stale
    return replace(submission.result or stale, refreshed_by=submission.request)
