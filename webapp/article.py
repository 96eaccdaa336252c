"""The article's own two routes: ``/set/<num>`` and ``/current``, with its sentences."""

from __future__ import annotations

from flask import Blueprint, Response

from batchwell.access_tokens import Scope
from webapp.access.scopes import needs
from webapp.asking import ask
from webapp.context import get_context
from webapp.http.answers import text_answer
from webapp.monitoring.noting import note_read

blueprint = Blueprint("article", __name__)


@blueprint.get("/set/<num>")
@needs(Scope.SUBMIT)
def set_number(num: str) -> Response:
    """Ask for the num-th Fibonacci number; one that is known and fresh is current at once."""
    context = get_context()
    fibonacci = context.registry["fibonacci"]
    ask(context, fibonacci, fibonacci.parse_query({"n": num}), touch=True)
    return text_answer("New Fibonacci number will be assigned soon.")


@blueprint.get("/current")
def show_current() -> Response:
    """Tell the Fibonacci number that was computed or set last; 0 before the first."""
    context = get_context()
    result = context.store.latest(context.registry["fibonacci"])
    note_read(context, "fibonacci", result)
    return text_answer(f"Current fibonacci number is {result.value if result else 0}")
