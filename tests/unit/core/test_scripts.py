"""Scripts are made of their verb, the shared parts that it uses, and the keys that they name."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from batchwell import keys
from batchwell.scripts import load_script

LUA = resources.files("batchwell") / "lua"
VERBS = sorted(path.name.removesuffix(".lua") for path in LUA.iterdir() if path.is_file())
PARTS = {path.name.removesuffix(".lua"): path.read_text() for path in (LUA / "shared").iterdir()}


def defined_in(code: str) -> set[str]:
    """Return the names that a part gives to others."""
    found = re.findall(r"^local (?:function (\w+)|(\w+) =)", code, re.MULTILINE)
    return {function or variable for function, variable in found}


SHARED = set().union(*map(defined_in, PARTS.values()))


@pytest.mark.parametrize("verb", VERBS)
def test_every_name_of_a_script_is_defined_before_it_is_used(verb: str) -> None:
    known: set[str] = set()
    for line in re.sub(r"--.*", "", load_script(verb).source).splitlines():
        known |= defined_in(line)
        assert set(re.findall(r"(?<![.'\w])\w+(?=[(\[])", line)) & SHARED <= known, line


@pytest.mark.parametrize("verb", VERBS)
def test_script_has_no_part_that_it_does_not_use(verb: str) -> None:
    source = re.sub(r"--.*", "", load_script(verb).source)
    for name, part in PARTS.items():
        if part in load_script(verb).source:
            used = [one for one in defined_in(part) if len(re.findall(rf"\b{one}\b", source)) > 1]
            assert used, name


def test_reading_runs_few_lines_before_its_own() -> None:
    source = load_script("read").source
    assert "local function load_result" in source
    assert "local function finish" not in source
    assert ":queue" not in source


def test_key_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no such key: qeueu"):
        keys.lua_lines("redis.call('GET', key.qeueu)")
