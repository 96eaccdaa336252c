"""Find the computations and the log of actions: each module of ``dags/computations``, once."""

from __future__ import annotations

import importlib
import logging
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from batchwell.action_log import ACTIONS, ActionLog
from batchwell.computation import Computation
from batchwell.errors import UnknownComputation
from batchwell.near_names import did_you_mean

_PACKAGE = "computations"

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Registry:
    """The known computations by name, the log of actions, and what was wrong with a module."""

    computations: Mapping[str, Computation[Any, Any]]
    failures: Mapping[str, str]
    actions: ActionLog | None = None

    def __getitem__(self, name: str) -> Computation[Any, Any]:
        """Return the computation; raise `UnknownComputation`."""
        try:
            return self.computations[name]
        except KeyError:
            raise UnknownComputation(name, did_you_mean(name, self.computations)) from None

    def __iter__(self) -> Iterator[Computation[Any, Any]]:
        return iter(self.computations.values())


def load_registry(dags_folder: Path) -> Registry:
    """Import the modules of ``dags_folder/computations``.

    A module that fails to import is recorded in ``failures`` (module → error) and the others go
    on; so is a second computation of a name that is taken, and a second log of actions.
    """
    if str(dags_folder) not in sys.path:
        sys.path.insert(0, str(dags_folder))
    found: dict[str, Computation[Any, Any]] = {}
    failures: dict[str, str] = {}
    actions: ActionLog | None = None
    for module_name in sorted(
        info.name for info in pkgutil.iter_modules([str(dags_folder / _PACKAGE)])
    ):
        qualified = f"{_PACKAGE}.{module_name}"
        try:
            module = importlib.import_module(qualified)
        # Whatever an author's module raises, even to end the program, the others go on.
        except (Exception, SystemExit) as error:
            log.exception("cannot import %s", qualified)
            failures[qualified] = f"{type(error).__name__}: {error}"
            continue
        for value in vars(module).values():
            if isinstance(value, ActionLog):
                actions = actions or value
                if value is not actions:
                    failures[qualified] = "there is an ActionLog already, and there can be but one"
            if not isinstance(value, Computation):
                continue
            if found.setdefault(value.name, value) is not value:
                failures[qualified] = f"there is a computation named {value.name!r} already"
    if actions and (taken := found.pop(ACTIONS, None)):
        failures[taken.function.__module__] = f"{ACTIONS!r} is the name of the ActionLog"
    return Registry(computations=dict(sorted(found.items())), failures=failures, actions=actions)
