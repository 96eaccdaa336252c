"""``@computation``: a plain Python function with a name, typed parameters and a policy."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar

from batchwell.errors import DefinitionError, InvalidParameters
from batchwell.parameters import Parameters, parse_params, parse_query
from batchwell.plots import Plot
from batchwell.policy import Policy
from batchwell.signature import PREVIOUS, has_parameter, parameters_model, result_adapter

P = ParamSpec("P")
R = TypeVar("R")

_DEFAULT = Policy()


class Computation(Generic[P, R]):
    """A function that Batchwell can compute for whoever asks.

    Calling it calls the function, as if it had never been decorated. ``parameters_model`` is the
    pydantic model of one request's parameters, ``result_adapter`` the type of one result;
    ``parameters_schema`` and ``result_schema`` are their JSON schemas (2020-12). A page shows a
    value by its ``plot`` or its ``template``, a file of Jinja, if it has either.

    ``upstream`` are the computations whose values it is given, by name; ``stand_in`` the parameters
    whose value serves in place of one that was never computed; ``standing`` those whose values are
    kept known whether or not anybody asks.
    """

    def __init__(
        self,
        function: Callable[P, R],
        *,
        policy: Policy,
        batch: bool,
        shown_by: Plot | str | None = None,
        stand_in: Mapping[str, Any] | None = None,
    ) -> None:
        """Read the function's signature; raise `DefinitionError` naming the computation."""
        name = function.__name__
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
            raise DefinitionError(
                f"{name!r}: a computation's name is lower_case, 63 letters at most"
            )
        self.name = name
        self.function = function
        self.policy = policy
        self.batch = batch
        self.wants_previous = has_parameter(function, PREVIOUS)
        self.upstream = {
            one.name: one
            for one in policy.depends_on
            if isinstance(one, Computation) and has_parameter(function, one.name)
        }
        self.description = inspect.getdoc(function) or ""
        self.plot = shown_by if isinstance(shown_by, Plot) else None
        self.template = _beside(function, shown_by) if isinstance(shown_by, str) else None
        try:
            self.parameters_model = parameters_model(
                function, batch=batch, given={PREVIOUS, *self.upstream}
            )
            self.result_adapter = result_adapter(function, batch=batch)
            for one in self.upstream.values():
                one.default_parameters()
            self.stand_in = None if stand_in is None else self.parse(stand_in)
        except DefinitionError as error:
            raise DefinitionError(f"{name}: {error}") from error
        except InvalidParameters as error:
            raise DefinitionError(f"{name}: stand_in: {error}") from error
        self.parameters_schema = self.parameters_model.model_json_schema()
        self.result_schema = self.result_adapter.json_schema(mode="serialization")

    @property
    def standing(self) -> list[Parameters]:
        """The stand-in, and the only value of a computation that takes no parameters."""
        found = [] if self.stand_in is None else [self.stand_in]
        return found if self.parameters_model.model_fields else [*found, self.parse({})]

    def default_parameters(self) -> Parameters:
        """Return the parameters where none are given; raise `DefinitionError` if some must be."""
        try:
            return self.parse({})
        except InvalidParameters:
            told = f"{self.name} has no one value that could be given: it needs parameters"
            raise DefinitionError(told) from None

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function itself: no validation, no queue."""
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<Computation {self.name}>"

    @property
    def title(self) -> str:
        """The first line of the docstring, or the name."""
        return self.description.partition("\n")[0].rstrip(".") or self.name

    def parse(self, params: object) -> Parameters:
        """Validate decoded JSON; raise `InvalidParameters` naming each offending field."""
        return parse_params(self.name, self.parameters_model, params)

    def parse_query(self, query: Mapping[str, str]) -> Parameters:
        """Validate parameters given as text; raise `InvalidParameters`."""
        return parse_query(self.name, self.parameters_model, query)


def computation(
    *,
    batch: bool = False,
    shown_by: Plot | str | None = None,
    stand_in: Mapping[str, Any] | None = None,
    fresh_for: timedelta | None = _DEFAULT.fresh_for,
    keep_for: timedelta | None = None,
    hot_for: timedelta | None = _DEFAULT.hot_for,
    depends_on: Sequence[Any] = (),
    version: str = _DEFAULT.version,
    timeout: timedelta | None = _DEFAULT.timeout,
    max_attempts: int = _DEFAULT.max_attempts,
    retry_backoff: timedelta = _DEFAULT.retry_backoff,
    max_batch: int = _DEFAULT.max_batch,
    max_wait: timedelta = _DEFAULT.max_wait,
    max_pending: int = _DEFAULT.max_pending,
    linger: timedelta = _DEFAULT.linger,
    workers: int = _DEFAULT.workers,
) -> Callable[[Callable[P, R]], Computation[P, R]]:
    """Make a computation of a plain function; `Policy` says what each argument means.

    Single form: ``def f(n: int) -> int``. Batch form (``batch=True``): ``def f(items:
    list[Params]) -> list[Result | Failure]``, one outcome per item, in order. A parameter named
    ``previous`` is not asked of anybody: it is given the last good value for the same
    parameters, or None (batch form: the list of them), to be updated instead of starting over.
    Nor is one named like a computation in ``depends_on``: it is given that one's last good value,
    the same for a whole batch, or None where there is none yet. Either form may return a `Failure`
    in place of a value.

    ``keep_for`` defaults to 30 days, or to ``fresh_for`` where that is longer. ``shown_by`` says
    how pages show a value: a `Plot`, or the name of a Jinja template beside the module, which is
    given ``value`` and ``params``. ``stand_in`` names parameters whose value is served, marked as
    such, where the one that is read was never computed.

    Raises `DefinitionError` at import for a signature or a policy that cannot work.
    """
    if keep_for is None:
        keep_for = max(_DEFAULT.keep_for, fresh_for or timedelta(0))

    def decorate(function: Callable[P, R]) -> Computation[P, R]:
        try:
            policy = Policy(
                fresh_for=fresh_for,
                keep_for=keep_for,
                hot_for=hot_for,
                depends_on=tuple(depends_on),
                version=version,
                timeout=timeout,
                max_attempts=max_attempts,
                retry_backoff=retry_backoff,
                max_batch=max_batch,
                max_wait=max_wait,
                max_pending=max_pending,
                linger=linger,
                workers=workers,
            )
        except DefinitionError as error:
            raise DefinitionError(f"{function.__name__}: {error}") from error
        return Computation(
            function, policy=policy, batch=batch, shown_by=shown_by, stand_in=stand_in
        )

    return decorate


def _beside(function: Callable[..., object], name: str) -> Path:
    path = Path(inspect.getfile(function)).with_name(name)
    if not path.is_file():
        told = f"{function.__name__}: shown_by: there is no {name} beside its module"
        raise DefinitionError(told)
    return path
