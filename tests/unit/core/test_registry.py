"""The registry: what a folder of computations gives, module by module."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from batchwell.errors import UnknownComputation
from batchwell.registry import Registry, load_registry

HELLO = """
from batchwell import computation

@computation()
def {name}() -> str:
    return {name!r}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder of computations, which Python finds instead of the project's own."""
    computations = {
        name: module
        for name, module in sys.modules.items()
        if name.split(".", maxsplit=1)[0] == "computations"
    }
    for name in computations:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "computations").mkdir()
    (tmp_path / "computations" / "__init__.py").write_text("")
    yield tmp_path
    for name in set(sys.modules):
        if name.split(".", maxsplit=1)[0] == "computations":
            del sys.modules[name]


def write(folder: Path, module: str, text: str) -> None:
    (folder / "computations" / f"{module}.py").write_text(text)


def test_each_module_of_the_folder_is_found(folder: Path) -> None:
    write(folder, "second", HELLO.format(name="beta"))
    write(folder, "first", HELLO.format(name="gamma") + HELLO.format(name="alpha"))
    registry = load_registry(folder)
    assert [computation.name for computation in registry] == ["alpha", "beta", "gamma"]
    assert registry["beta"]() == "beta"
    assert registry.failures == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("def broken(:", "SyntaxError: "),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        (HELLO.format(name="Bad"), "DefinitionError: 'Bad': a computation's name"),
    ],
    ids=["missing library", "syntax", "exception", "exit", "definition"],
)
def test_module_that_fails_to_import_is_named_and_the_others_go_on(
    folder: Path, text: str, told: str
) -> None:
    write(folder, "broken", text)
    write(folder, "sound", HELLO.format(name="sound"))
    registry = load_registry(folder)
    assert list(registry.computations) == ["sound"]
    assert list(registry.failures) == ["computations.broken"]
    assert registry.failures["computations.broken"].startswith(told)


def test_second_computation_of_a_name_is_refused(folder: Path) -> None:
    write(folder, "first", HELLO.format(name="hello"))
    write(folder, "second", HELLO.format(name="hello") + HELLO.format(name="other"))
    registry = load_registry(folder)
    assert registry["hello"].function.__module__ == "computations.first"
    assert registry["other"].name == "other"
    assert registry.failures == {
        "computations.second": "there is a computation named 'hello' already"
    }


def test_computation_may_be_imported_by_another_module(folder: Path) -> None:
    write(folder, "first", HELLO.format(name="hello"))
    write(folder, "second", "from computations.first import hello\n")
    registry = load_registry(folder)
    assert list(registry.computations) == ["hello"]
    assert registry.failures == {}


LOG = "from batchwell import ActionLog\nlog = ActionLog(items=['whale'])\n"


def test_log_of_actions_is_found_and_may_be_imported_by_others(folder: Path) -> None:
    write(folder, "first", LOG)
    write(folder, "second", "from computations.first import log as actions")
    registry = load_registry(folder)
    assert registry.actions is sys.modules["computations.first"].log
    assert registry.failures == {}


def test_second_log_of_actions_is_refused(folder: Path) -> None:
    write(folder, "first", LOG)
    write(folder, "second", LOG + HELLO.format(name="hello"))
    registry = load_registry(folder)
    assert registry.actions is sys.modules["computations.first"].log
    assert list(registry.computations) == ["hello"]
    assert registry.failures == {
        "computations.second": "there is an ActionLog already, and there can be but one"
    }


def test_computation_may_be_named_actions_only_where_there_is_no_log(folder: Path) -> None:
    write(folder, "first", HELLO.format(name="actions"))
    assert load_registry(folder).actions is None
    write(folder, "second", LOG)
    registry = load_registry(folder)
    assert list(registry) == []
    assert registry.failures == {"computations.first": "'actions' is the name of the ActionLog"}


def test_unknown_name_is_an_error_of_its_own() -> None:
    with pytest.raises(UnknownComputation) as caught:
        Registry(computations={}, failures={})["nobody"]
    assert caught.value.name == "nobody"


def test_folder_without_computations_gives_none(tmp_path: Path) -> None:
    assert list(load_registry(tmp_path)) == []
