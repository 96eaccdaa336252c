"""A computation as its pages show it: a form, how busy it is, and a value."""

from __future__ import annotations

from dataclasses import dataclass

from batchwell.errors import StoreUnavailable
from batchwell.parameters import Parameters
from batchwell.store import AnyComputation
from batchwell.work_records import Counts
from webapp.catalogue import dag_url
from webapp.context import Context
from webapp.diagnosis import STORE_AWAY, import_warnings, store_warnings
from webapp.pages.form_fields import FormField, form_fields
from webapp.pages.views import ResultView, result_view


@dataclass(frozen=True, kw_only=True)
class Card:
    """A computation on a page; ``counts`` is None while the store is away."""

    computation: AnyComputation
    fields: list[FormField]
    dag_url: str
    counts: Counts | None
    view: ResultView | None


@dataclass(frozen=True, kw_only=True)
class Table:
    """Cards, and what is wrong."""

    cards: list[Card]
    warnings: list[str]
    is_away: bool


def lay_out(
    context: Context,
    computations: list[AnyComputation],
    *,
    fields: list[FormField] | None = None,
    parameters: Parameters | None = None,
) -> Table:
    """Make the cards, with what is known without the store while it is away.

    A card shows the value of ``parameters``, or else the latest of its computation.
    """
    warnings = import_warnings(context)
    try:
        cards = [_card(context, each, fields, parameters) for each in computations]
        warnings += store_warnings(context.store, computations)
        return Table(cards=cards, warnings=warnings, is_away=False)
    except StoreUnavailable:
        cards = [_bare_card(context, each, fields) for each in computations]
        return Table(cards=cards, warnings=[STORE_AWAY, *warnings], is_away=True)


def _card(
    context: Context,
    computation: AnyComputation,
    fields: list[FormField] | None,
    parameters: Parameters | None,
) -> Card:
    store, airflow_url = context.store, context.settings.airflow_url
    result = store.read(computation, parameters) if parameters else store.latest(computation)
    return Card(
        computation=computation,
        fields=fields or form_fields(computation.parameters_schema),
        dag_url=dag_url(computation.name, airflow_url),
        counts=store.count(computation),
        view=result_view(result, airflow_url) if result else None,
    )


def _bare_card(
    context: Context, computation: AnyComputation, fields: list[FormField] | None
) -> Card:
    return Card(
        computation=computation,
        fields=fields or form_fields(computation.parameters_schema),
        dag_url=dag_url(computation.name, context.settings.airflow_url),
        counts=None,
        view=None,
    )
