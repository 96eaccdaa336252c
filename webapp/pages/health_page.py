"""The health page: what is well, what is wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response

from batchwell.action_log import ActionLog
from batchwell.errors import StoreUnavailable
from batchwell.outlook import is_watched, why_unwatched
from batchwell.overviews import Overview
from batchwell.store.acting import Intake
from webapp.context import Context, get_context
from webapp.diagnosis import STORE_AWAY, import_warnings, intake_warnings, neglect_warnings
from webapp.http.page_answer import page_answer
from webapp.pages.words import plural

blueprint = Blueprint("health_page", __name__)

MOST_TOLD = 10
"""What is wrong in the same way with more computations is only counted."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was looked at: ``wrong`` says what is amiss; else ``well`` is said.

    ``advice`` is what to do then; ``links`` lead there, by what they are called.
    """

    title: str
    well: str
    wrong: Sequence[str]
    advice: str = ""
    links: Mapping[str, str] | None = None


@blueprint.get("/health")
def show_health() -> Response:
    """Show how everything is; ``/readyz`` says the same to machines."""
    context = get_context()
    try:
        checks = _checks(
            context, context.store.warnings(), context.store.overviews(context.registry)
        )
        if (actions := context.registry.actions) is not None:
            checks.append(_actions(context, actions, context.store.intake()))
        is_away = False
    except StoreUnavailable:
        checks = [Check(title="Store", well="", wrong=[STORE_AWAY]), _imports(context)]
        is_away = True
    return page_answer(
        "health.html",
        503 if is_away else 200,
        checks=checks,
        wrong=sum(bool(check.wrong) for check in checks),
        most=MOST_TOLD,
    )


def _checks(
    context: Context, store_told: Sequence[str], overviews: Mapping[str, Overview]
) -> list[Check]:
    return [
        Check(
            title="Store",
            well="It answers, keeps what it is told, and evicts nothing.",
            wrong=[f"{told[0].upper()}{told[1:]}." for told in store_told],
            advice="Set it in the server's configuration, then restart the server.",
        ),
        _imports(context),
        _airflow(context, overviews),
        Check(
            title="Queues",
            well=_queues_told(overviews),
            wrong=[f"{told[0].upper()}{told[1:]}" for told in neglect_warnings(overviews)],
            advice="Open the DAG in Airflow: is it paused, and did its last run fail?",
            links={"Airflow": context.settings.airflow_url},
        ),
        _failures(overviews),
        _webhooks(overviews),
    ]


def _actions(context: Context, log: ActionLog, intake: Intake) -> Check:
    collected = plural(intake.collected, "action")
    return Check(
        title="Actions",
        well=f"{plural(intake.waiting, 'action')} waiting to be collected; {collected} have been.",
        wrong=[f"{told[0].upper()}{told[1:]}" for told in intake_warnings(log, intake)],
        advice="They are kept, and collected as soon as a run of the DAG succeeds.",
        links={"Airflow": context.settings.airflow_url},
    )


def _imports(context: Context) -> Check:
    return Check(
        title="Computations",
        well=f"Imported without an error: {len(context.registry.computations)}.",
        wrong=import_warnings(context),
    )


def _airflow(context: Context, overviews: Mapping[str, Overview]) -> Check:
    unwatched = [name for name, each in overviews.items() if not is_watched(each.attention)]
    if len(unwatched) > 1 and len(unwatched) == len(overviews):
        wrong = ["Airflow watches no computation: it does not run, or their DAGs are paused."]
    else:
        wrong = [f"{name}: {why_unwatched(name, overviews[name].attention)}." for name in unwatched]
    return Check(
        title="Airflow",
        well="It watches every computation, and starts a drain when requests wait.",
        wrong=wrong,
        advice="Until then requests are kept, and computed by whoever runs batchwell drain.",
        links={"Airflow": context.settings.airflow_url},
    )


def _queues_told(overviews: Mapping[str, Overview]) -> str:
    waiting = sum(each.waiting for each in overviews.values())
    workers = sum(each.workers for each in overviews.values())
    if not waiting:
        return "Nothing waits."
    return f"{plural(waiting, 'request')} waiting, {plural(workers, 'worker')} draining."


def _failures(overviews: Mapping[str, Overview]) -> Check:
    failed = {name: each.dead_letters for name, each in overviews.items() if each.dead_letters}
    return Check(
        title="Failures",
        well="No request has failed for good within a week.",
        wrong=[
            f"{name}: {plural(count, 'failed request')} kept." for name, count in failed.items()
        ],
        advice="See the error on the computation's page, mend its cause, then replay there.",
        links={name: f"/computations/{name}" for name in failed},
    )


def _webhooks(overviews: Mapping[str, Overview]) -> Check:
    return Check(
        title="Webhooks",
        well="No message is due that nobody delivers.",
        wrong=[
            f"{name}: {plural(each.deliveries, 'message')} due, and no worker delivers."
            for name, each in overviews.items()
            if each.deliveries and not each.workers
        ],
        advice="Airflow starts a worker for them as for requests: see above whether it watches.",
    )
