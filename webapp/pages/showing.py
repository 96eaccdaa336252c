"""Shows a value as its computation's author asked for: by a plot, or by a template."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Template
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from batchwell.store import AnyComputation
from webapp.pages.drawing import draw

log = logging.getLogger(__name__)

_sandbox = ImmutableSandboxedEnvironment(autoescape=True)


def show_as_asked(
    computation: AnyComputation, value: object, params: dict[str, Any]
) -> Markup | None:
    """Return the value as HTML; None where its author said nothing, or what failed.

    A template that fails is no reason not to show the value: the log has the error.
    """
    if computation.plot is not None:
        return draw(computation.plot, value)
    if computation.template is None:
        return None
    try:
        template = _load(computation.template, computation.template.stat().st_mtime_ns)
        return Markup(template.render(value=value, params=params))
    except Exception:
        log.exception("cannot show a value of %s by its template", computation.name)
        return None


@lru_cache(maxsize=64)
def _load(path: Path, _changed_at: int) -> Template:
    return _sandbox.from_string(path.read_text(encoding="utf-8"))
