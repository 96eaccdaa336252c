"""The page of one computation: its form, a value, what is known, what failed, how to use it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from batchwell.documents import request_document
from batchwell.errors import FieldError, InvalidParameters, StoreUnavailable
from batchwell.example_values import required_params
from batchwell.parameters import Parameters
from batchwell.recent_results import KnownValue
from batchwell.records import Priority
from batchwell.store import AnyComputation
from batchwell.work_records import Counts
from webapp.access.caller import get_caller
from webapp.api import PREFIX
from webapp.asking import ask
from webapp.catalogue import dag_url, policy_document
from webapp.context import Context, get_context
from webapp.diagnosis import STORE_AWAY, import_warnings, store_warnings
from webapp.http.page_answer import page_answer
from webapp.http.query_string import parse_query_string, single_values
from webapp.pages.form_fields import FormField, form_fields, typed_values
from webapp.pages.views import KnownView, ResultView, known_view, params_query, result_view

blueprint = Blueprint("computation_page", __name__)

MOST_LISTED = 10


@blueprint.get("/computations/<name>")
def show_computation(name: str) -> Response:
    """Show the computation, with the value of the parameters in the query if there are any."""
    computation = get_context().registry[name]
    if not request.query_string:
        return _page(computation)
    values: dict[str, str] | None = None
    try:
        values = single_values(name, request.query_string)
        parameters = parse_query_string(computation, request.query_string)
    except InvalidParameters as error:
        return _page(computation, values=values, errors=error.errors)
    return _page(computation, values=values, parameters=parameters)


@blueprint.get("/computations/<name>/value")
def show_value(name: str) -> Response:
    """Show the known value of the parameters in the query, as a piece of a page."""
    context = get_context()
    computation = context.registry[name]
    result = context.store.read(computation, parse_query_string(computation, request.query_string))
    url = context.settings.airflow_url
    view = result_view(computation, result, url) if result else None
    return page_answer("piece_value.html", view=view)


@blueprint.get("/computations/<name>/known")
def show_known(name: str) -> Response:
    """Show what is known and what failed lately, as a piece of a page."""
    context = get_context()
    computation = context.registry[name]
    lists = _lists(context, computation)
    return page_answer("piece_known.html", computation=computation, **lists)


@blueprint.post("/computations/<name>")
def submit_form(name: str) -> AnyResponse:
    """Submit what the form holds, for browsers without JavaScript; then show where it stands."""
    context = get_context()
    computation = context.registry[name]
    values = typed_values(form_fields(computation.parameters_schema), request.form)
    try:
        parameters = computation.parse_query(values)
    except InvalidParameters as error:
        return _page(computation, values=values, errors=error.errors)
    submission = ask(
        context,
        computation,
        parameters,
        priority=Priority.INTERACTIVE,
        max_age_seconds=0 if "again" in request.args else None,
    )
    if submission.outcome == "fresh":
        query = params_query(json.loads(parameters.json))
        return redirect(f"/computations/{name}?{query}", 303)
    return redirect(f"/requests/{submission.request}", 303)


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """What the store knows of the computation; while it is away, nothing but ``warnings``."""

    warnings: list[str]
    is_away: bool
    counts: Counts | None = None
    view: ResultView | None = None


def _look(context: Context, computation: AnyComputation, parameters: Parameters | None) -> _Shown:
    """Read the value of ``parameters``, or else the one computed last, and how busy all is."""
    store, warnings = context.store, import_warnings(context)
    try:
        result = store.read(computation, parameters) if parameters else store.latest(computation)
        url = context.settings.airflow_url
        return _Shown(
            warnings=warnings + store_warnings(store, [computation]),
            is_away=False,
            counts=store.count(computation),
            view=result_view(computation, result, url) if result else None,
        )
    except StoreUnavailable:
        return _Shown(warnings=[STORE_AWAY, *warnings], is_away=True)


def _lists(context: Context, computation: AnyComputation) -> dict[str, Any]:
    recent = context.store.recent(computation, count=MOST_LISTED)
    letters = context.store.failures(computation, count=MOST_LISTED)
    url = context.settings.airflow_url

    def views(found: Sequence[KnownValue]) -> list[KnownView]:
        return [known_view(computation, one) for one in found]

    return {
        "computed": views(recent.computed),
        "read": views(recent.read),
        "failures": [
            (request_document(letter, url), json.loads(letter.params))
            for letter in letters.requests
        ],
        "failures_total": letters.total,
    }


def _page(
    computation: AnyComputation,
    *,
    values: Mapping[str, str] | None = None,
    errors: Sequence[FieldError] = (),
    parameters: Parameters | None = None,
) -> Response:
    context = get_context()
    schema = computation.parameters_schema
    fields = form_fields(schema, values, errors)
    shown = _look(context, computation, parameters)
    return page_answer(
        "computation.html",
        503 if shown.is_away else 422 if errors else 200,
        computation=computation,
        shown=shown,
        fields=fields,
        dag_url=dag_url(computation.name, context.settings.airflow_url),
        errors=[
            error for error in errors if error.field.partition(".")[0] not in schema["properties"]
        ],
        is_asked=parameters is not None,
        schema=schema,
        result_schema=computation.result_schema,
        policy=policy_document(computation.policy),
        curl=_curl(computation, fields),
        **({} if shown.is_away else _lists(context, computation)),
    )


def _curl(computation: AnyComputation, fields: Sequence[FormField]) -> str:
    """Return a command that submits what the form holds, and examples for what it lacks."""
    given = {field.name: _json_value(field) for field in fields if field.value != ""}
    params = required_params(computation.parameters_schema) | given
    body = json.dumps({"params": params}).replace("'", "'\\''")
    url = f"{request.host_url.rstrip('/')}{PREFIX}/computations/{computation.name}/requests"
    headers = ["'Content-Type: application/json'"]
    if get_caller().name:
        headers.insert(0, '"Authorization: Bearer $BATCHWELL_TOKEN"')
    options = "".join(f"-H {header} \\\n  " for header in headers)
    return f"curl {url} \\\n  {options}-d '{body}'"


def _json_value(field: FormField) -> object:
    if field.kind in ("text", "long_text"):
        return field.value
    chosen = [option for text, option in field.options if text == field.value]
    try:
        return json.loads(chosen[0] if chosen else field.value)
    except ValueError:
        return field.value
