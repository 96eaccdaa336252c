"""Compute items with a computation's function: what runs inside the compute process."""

from __future__ import annotations

import json
import math
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import FrameType, MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias

from pydantic import BaseModel, ValidationError

from batchwell.computation import Computation
from batchwell.errors import ArtifactUnavailable, InvalidParameters, InvalidResult
from batchwell.outcomes import Failure, Outcome
from batchwell.parameters import field_errors
from batchwell.signature import PREVIOUS

MAX_RESULT_BYTES = 16 * 1024 * 1024
_MOST_TRACEBACK = 4000
_PLAIN = frozenset({int, str, bool, type(None)})
_UNLIMITED = nullcontext()

_to_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


Item: TypeAlias = tuple[str, str]
"""Canonical parameters, and the previous value's JSON ("" where there is none)."""


class Call(NamedTuple):
    """What the function is called with for one item."""

    item: int
    model: BaseModel
    previous: Any


class TimeLimitExceeded(BaseException):
    """Raised inside an author's function whose ``timeout`` has passed.

    Not an `Exception`, so that a broad ``except`` in the function does not swallow it.
    """


def evaluate(
    computation: Computation[Any, Any],
    items: Sequence[Item],
    on_start: Callable[[int | None], None] = lambda index: None,
    upstream: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Outcome]:
    """Compute items (parameters, previous value) one by one, or in one call in batch form.

    ``upstream`` has the values, as JSON, of the computations whose values the function is given.
    Yields one outcome per item; whatever the function raises becomes an error of the items it
    was raised for. Before each call ``on_start`` is told the index of its item, or None for a
    call that computes several. Main thread only: ``timeout`` works by a signal.
    """
    calls: list[Call] = []
    given = {name: _known(one, upstream.get(name)) for name, one in computation.upstream.items()}
    for index, (text, previous) in enumerate(items):
        try:
            model = computation.parameters_model.model_validate_json(text)
        except ValidationError as error:
            # Accepted by an earlier version of the code, whose signature was another.
            refusal = InvalidParameters(computation.name, field_errors(error))
            yield _failed(index, 0.0, Failure(str(refusal), "InvalidParameters", "system"))
            continue
        known = _known(computation, previous) if computation.wants_previous else None
        call = Call(index, model, known)
        if computation.batch:
            calls.append(call)
        else:
            on_start(index)
            yield _single(computation, call, given)
    if calls:
        yield from _batch(computation, calls, given, on_start, " ".join(upstream.values()))


def _single(computation: Computation[Any, Any], call: Call, given: Mapping[str, Any]) -> Outcome:
    item, more = call.item, given
    if computation.wants_previous:
        more = {PREVIOUS: call.previous, **given}
    started = time.perf_counter()
    try:
        with _time_limit(computation):
            value = computation.function(**vars(call.model), **more)
    except (Exception, TimeLimitExceeded) as error:  # noqa: BLE001  # an author's code may raise any
        return _raised(item, time.perf_counter() - started, error)
    return _returned(computation, item, time.perf_counter() - started, value)


def _batch(
    computation: Computation[Any, Any],
    calls: Sequence[Call],
    given: Mapping[str, Any],
    on_start: Callable[[int | None], None],
    shared: str,
) -> Iterator[Outcome]:
    """Call once for all; on an exception halve, so that the culprit is left to fail alone.

    But for one that is nobody's alone: a file that one of the ``shared`` values names is missing.
    """
    on_start(None)
    more = given
    if computation.wants_previous:
        more = {PREVIOUS: [call.previous for call in calls], **given}
    started = time.perf_counter()
    try:
        with _time_limit(computation):
            values = computation.function([call.model for call in calls], **more)
    except (Exception, TimeLimitExceeded) as error:  # noqa: BLE001
        if len(calls) == 1 or (isinstance(error, ArtifactUnavailable) and error.path in shared):
            seconds = (time.perf_counter() - started) / len(calls)
            for call in calls:
                yield _raised(call.item, seconds, error)
            return
        middle = len(calls) // 2
        for half in (calls[:middle], calls[middle:]):
            yield from _batch(computation, half, given, on_start, shared)
        return
    seconds = (time.perf_counter() - started) / len(calls)
    if not isinstance(values, list) or len(values) != len(calls):
        got = f"{len(values)} results" if isinstance(values, list) else repr(type(values))
        told = f"{computation.name} returned {got} for {len(calls)} items"
        for call in calls:
            yield _failed(call.item, seconds, Failure(told, "InvalidResult", "system"))
        return
    for call, value in zip(calls, values, strict=True):
        yield _returned(computation, call.item, seconds, value)


def _known(computation: Computation[Any, Any], text: str | None) -> Any:
    """Return a known value as the result's type; None where there is none that fits."""
    if not text:
        return None
    try:
        return computation.result_adapter.validate_json(text)
    except ValidationError:
        return None  # kept by an earlier version of the code, whose result was another


def _time_limit(computation: Computation[Any, Any]) -> AbstractContextManager[None]:
    """Interrupt Python code that runs past the computation's ``timeout``."""
    timeout = computation.policy.timeout
    return _UNLIMITED if timeout is None else _interrupting(timeout.total_seconds())


@contextmanager
def _interrupting(seconds: float) -> Iterator[None]:

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise TimeLimitExceeded(f"no result within the timeout of {seconds:g} seconds")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _returned(
    computation: Computation[Any, Any], item: int, seconds: float, value: object
) -> Outcome:
    if isinstance(value, Failure):
        # An author may have put the exception itself in place of its message.
        return _failed(item, seconds, Failure(str(value.message), str(value.type)))
    try:
        return Outcome(item=item, seconds=seconds, value=encode(computation, value))
    except InvalidResult as error:
        return _failed(item, seconds, Failure(str(error), "InvalidResult", "system"))


def _raised(item: int, seconds: float, error: BaseException) -> Outcome:
    name = type(error).__name__
    overdue = isinstance(error, TimeLimitExceeded)
    kind: Literal["user", "system"] = "system" if overdue else "user"
    failure = Failure(str(error) or name, name, kind, _traceback(error))
    return Outcome(item=item, seconds=seconds, error=failure, retry=True)


def _traceback(error: BaseException) -> str:
    """Return where the author's code raised it, the end of it where it is long."""
    found = error.__traceback__
    while found and found.tb_frame.f_code.co_filename == __file__:
        found = found.tb_next
    told = "".join(traceback.format_exception(type(error), error, found))
    return told if len(told) <= _MOST_TRACEBACK else f"…{told[1 - _MOST_TRACEBACK :]}"


def _failed(item: int, seconds: float, failure: Failure) -> Outcome:
    return Outcome(item=item, seconds=seconds, error=failure)


def encode(computation: Computation[Any, Any], value: object) -> str:
    """Return the value as JSON text; raise `InvalidResult` naming the path within it."""
    # The adapter's own methods of these names take four times as long.
    validator, serializer = (
        computation.result_adapter.validator,
        computation.result_adapter.serializer,
    )
    try:
        value = validator.validate_python(value)
        _check_plain(serializer.to_python(value, warnings="error"), ())
        text = _to_json(serializer.to_python(value, mode="json", warnings="error"))
        size = len(text.encode())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = _dotted(first["loc"])
        raise InvalidResult(f"{computation.name}: result at {path}: {first['msg']}") from error
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidResult(f"{computation.name}: the result is not JSON: {error}") from error
    if size > MAX_RESULT_BYTES:
        raise InvalidResult(f"{computation.name}: a result of {size} bytes is too large")
    return text


def _check_plain(value: object, path: tuple[object, ...]) -> None:
    """Refuse what would quietly become something else: NaN null, a set a list, bytes a text."""
    if type(value) in _PLAIN:
        return
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{_dotted(path)} is {value}")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check_plain(inner, (*path, key))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            _check_plain(inner, (*path, index))
    elif isinstance(value, set | frozenset | bytes | bytearray):
        raise TypeError(f"{_dotted(path)} is of type {type(value).__name__}")


def _dotted(path: Sequence[object]) -> str:
    return ".".join(map(str, path)) or "value"
