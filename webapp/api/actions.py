"""``POST /actions``: tell what people did with items, one or thousands at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, request

from batchwell.action_log import ActionLog
from batchwell.errors import ActionsFull
from batchwell.store.acting import Offered
from webapp.api import PREFIX
from webapp.asking import whole_seconds
from webapp.context import Context, get_context
from webapp.http.actions_body import read_actions_body
from webapp.http.answers import json_answer
from webapp.http.query_string import refuse_query
from webapp.problems import Refused, problem_of

blueprint = Blueprint("actions", __name__, url_prefix=PREFIX)

_LIMITED = "too-many-actions"
_LATER = {"Retry-After": "30"}


@blueprint.post("/actions")
def take_actions() -> Response:
    """Take in what people did; of many, a bad one spoils only itself."""
    context = get_context()
    log = context.registry.actions
    if log is None:
        raise _nothing_to_tell(context)
    refuse_query(request.query_string)
    body = read_actions_body(request, log)
    refused = _accept(context, log, body.actions)
    counts = Counter(map(_outcome, refused.values()))
    for outcome, count in counts.items():
        context.tallies.add("refused", outcome, amount=count)
    if body.in_bulk:
        return _bulk_answer(len(body.actions) - len(refused), counts, refused)
    for alone in refused.values():
        raise alone
    return json_answer({"accepted": 1}, 202)


def _nothing_to_tell(context: Context) -> Refused:
    """Say that there is no log, or that it may only be missing until somebody mends a module."""
    if context.registry.failures:
        told = "The ActionLog may be in a module of dags/computations that is left out."
        return Refused("actions-unavailable", told, headers=_LATER)
    return Refused("no-actions", "No module of dags/computations has an ActionLog.")


def _accept(
    context: Context, log: ActionLog, actions: Sequence[Offered | Refused]
) -> dict[int, Refused]:
    """Take in what may be; return the others by their places."""
    refused = {place: one for place, one in enumerate(actions) if isinstance(one, Refused)}
    offered = [one for one in actions if isinstance(one, Offered)]
    if len(offered) > log.max_waiting:
        raise Refused("too-large", f"No more than {log.max_waiting} actions may wait at once.")
    try:
        acceptance = context.store.accept_actions(log, offered)
    except ActionsFull:
        context.tallies.add("refused", "full", amount=len(offered))
        context.tallies.add("refused", "invalid", amount=len(refused))
        raise
    if acceptance.limited:
        limited = Refused(
            _LIMITED,
            f"One user may do {log.user_limit} things in a minute.",
            headers={"Retry-After": str(whole_seconds(acceptance.again_seconds))},
        )
        places = [place for place in range(len(actions)) if place not in refused]
        refused |= {places[among]: limited for among in acceptance.limited}
    return dict(sorted(refused.items()))


def _bulk_answer(
    accepted: int, counts: Mapping[str, int], refused: Mapping[int, Refused]
) -> Response:
    headers = {name: value for one in refused.values() for name, value in one.headers.items()}
    return json_answer(
        {
            "counts": {
                "accepted": accepted,
                "limited": counts["limited"],
                "invalid": counts["invalid"],
            },
            "refused": [
                {"index": place, "outcome": _outcome(one), "problem": problem_of(one).document()}
                for place, one in refused.items()
            ],
        },
        headers=headers,
    )


def _outcome(refused: Refused) -> str:
    return "limited" if refused.kind == _LIMITED else "invalid"
