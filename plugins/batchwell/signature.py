"""What a computation's type hints say: the model of its parameters, the type of its result.

Some parameters are asked of nobody: Batchwell gives ``previous`` and the values of computations
that this one depends on.
"""

from __future__ import annotations

import inspect
import types
import warnings
from collections.abc import Callable, Collection
from typing import Any, TypeGuard, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, PydanticUserError, TypeAdapter, create_model

from batchwell.errors import DefinitionError
from batchwell.outcomes import Failure

# Defaults are validated so that one given explicitly has the same canonical form.
_STRICT = ConfigDict(
    extra="forbid", allow_inf_nan=False, hide_input_in_errors=True, validate_default=True
)


PREVIOUS = "previous"


def has_parameter(function: Callable[..., object], name: str) -> bool:
    """Tell whether the function has a parameter of this name."""
    return name in inspect.signature(function).parameters


def parameters_model(
    function: Callable[..., object], *, batch: bool, given: Collection[str] = (PREVIOUS,)
) -> type[BaseModel]:
    """Return the model of one request's parameters; raise `DefinitionError`.

    Single form: a field for each parameter of the function but those that are ``given``. Batch
    form: the ``Model`` of ``function(items: list[Model])``. Unknown fields and NaN are refused in
    both.
    """
    return _batch_model(function, given) if batch else _single_model(function, given)


def result_adapter(function: Callable[..., object], *, batch: bool) -> TypeAdapter[Any]:
    """Return the adapter of one request's result; in batch form of one item of the list."""
    annotation = _hints(function).get("return", Any)
    if batch:
        if get_origin(annotation) is not list:
            raise DefinitionError("a batch computation returns list[Result | Failure]")
        annotation = get_args(annotation)[0]
    annotation = _without_failure(annotation)
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(annotation)
        adapter.json_schema(mode="serialization")
    except PydanticUserError as error:
        raise DefinitionError(f"the result type {annotation!r} has no JSON form") from error
    return adapter


def _single_model(function: Callable[..., object], given: Collection[str]) -> type[BaseModel]:
    hints = _hints(function)
    model_fields: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name in given:
            continue
        named = parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
        if not named or name.startswith("_"):
            raise DefinitionError(f"parameter {name} must be an ordinary named parameter")
        if name not in hints:
            raise DefinitionError(f"parameter {name} needs a type hint")
        default = ... if parameter.default is parameter.empty else parameter.default
        model_fields[name] = (hints[name], default)
    try:
        with warnings.catch_warnings():
            # A parameter may share its name with an attribute of BaseModel; we never use those.
            warnings.filterwarnings("ignore", message="Field name .* shadows", category=UserWarning)
            model = create_model(
                function.__name__, __config__=_STRICT | {"protected_namespaces": ()}, **model_fields
            )
        model.model_json_schema()
    except (PydanticUserError, NameError) as error:
        raise DefinitionError(f"the parameters have no JSON form: {error}") from error
    return model


def _batch_model(function: Callable[..., object], given: Collection[str]) -> type[BaseModel]:
    hints = _hints(function)
    wanted = DefinitionError("a batch computation takes one parameter: items: list[Model]")
    parameters = inspect.signature(function).parameters
    match [parameter for name, parameter in parameters.items() if name not in given]:
        case [parameter] if parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
            annotation = hints.get(parameter.name)
        case _:
            raise wanted
    item, *_ = get_args(annotation) or [None]
    if get_origin(annotation) is not list or not _is_model(item):
        raise wanted
    strict = type(item.__name__, (item,), {"model_config": _STRICT, "__module__": item.__module__})
    strict.__doc__ = item.__doc__
    return strict


def _is_model(item: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(item, type) and issubclass(item, BaseModel)


def _hints(function: Callable[..., object]) -> dict[str, Any]:
    try:
        return get_type_hints(function, include_extras=True)
    except NameError as error:
        raise DefinitionError(f"a type hint cannot be resolved: {error}") from error


def _without_failure(annotation: Any) -> Any:
    if get_origin(annotation) not in (Union, types.UnionType):
        return annotation
    return Union[tuple(part for part in get_args(annotation) if part is not Failure)]  # noqa: UP007
