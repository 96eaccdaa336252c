"""A page that shows commands with their answers: read, run, and compared."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

_BLOCK = re.compile(r"```(sh|http|json|text)\n(.*?)```", re.DOTALL)
_ID = re.compile(r"[a-z_]+-[a-z2-7]{16}")
_MORE = "…"
# Members whose text must be as the page shows it; of others the kind is enough.
_EXACT = {"type", "title", "status", "state", "outcome", "computation", "value", "name", "openapi"}
_UNDER_WAY = {"pending", "running"}


@dataclass(frozen=True)
class Shown:
    """A command, and its answer as the page has it."""

    command: str
    kind: str
    answer: str


@dataclass
class Reader:
    """Runs the commands against ``url``, and compares; the ids shown become the real ones."""

    url: str
    env: Mapping[str, str]
    ids: dict[str, str] = field(default_factory=dict)

    def check(self, shown: Shown) -> None:
        """Run the command; raise `AssertionError` where its answer is another than is shown."""
        command = shown.command.replace("localhost:8000", self.url.removeprefix("http://"))
        for one, real in self.ids.items():
            command = command.replace(one, real)
        answer = _run(command, self.env)
        told = f"{shown.command}\n{answer}"
        if shown.kind == "text":
            assert answer.startswith(shown.answer.strip().partition(_MORE)[0]), told
            return
        expected = shown.answer
        if shown.kind == "http":
            head, _, expected = expected.partition("\n\n")
            real_head, _, answer = answer.replace("\r", "").partition("\n\n")
            self._check_head(head, real_head, told)
        if expected.strip():
            self._compare(_shown_json(expected), json.loads(answer), told)
        elif shown.kind == "http":
            assert answer == "", told

    def _check_head(self, shown: str, real: str, told: str) -> None:
        status, *headers = shown.splitlines()
        real_status, *real_headers = real.splitlines()
        assert status == real_status, told
        names = {line.partition(":")[0] for line in real_headers}
        assert {line.partition(":")[0] for line in headers} <= names, told

    def _compare(self, shown: Any, real: Any, told: str, name: str = "") -> None:
        if shown is None or real is None:
            return  # what may be null, may be something
        told_here = f"{name}: {real!r} in place of {shown!r}\n{told}"
        if isinstance(shown, dict):
            assert isinstance(real, dict), told_here
            members = shown.keys() - {_MORE}
            assert members <= real.keys(), told_here
            assert _MORE in shown or members == real.keys(), told_here
            for each in members:
                self._compare(shown[each], real[each], told, each)
        elif isinstance(shown, list):
            assert isinstance(real, list), told_here
            items = [one for one in shown if one != _MORE]
            assert len(items) == len(real) or (_MORE in shown and len(items) < len(real)), told_here
            for one, other in zip(items, real, strict=False):
                self._compare(one, other, told, name)
        elif isinstance(shown, str):
            assert isinstance(real, str), told_here
            if _ID.fullmatch(shown):
                self.ids[shown] = real
            elif name in _EXACT and not {shown, real} <= _UNDER_WAY:
                assert real.startswith(shown.partition(_MORE)[0]), told_here
        else:
            assert isinstance(real, bool) == isinstance(shown, bool), told_here
            assert isinstance(real, int | float), told_here
            assert name not in _EXACT or shown == real, told_here


def read_page(text: str) -> Iterator[Shown]:
    """Yield each command with the answer that follows it."""
    blocks = _BLOCK.findall(text)
    for (kind, command), (answer_kind, answer) in zip(blocks[::2], blocks[1::2], strict=True):
        assert kind == "sh", command
        assert answer_kind != "sh", f"no answer is shown to {command}"
        yield Shown(command.strip(), answer_kind, answer)


def _shown_json(text: str) -> Any:
    """Read JSON in which ``…`` stands for more members, items or letters."""
    text = re.sub(r"{\s*…\s*}", '{"…": null}', text)
    text = re.sub(r",\s*…\s*}", ', "…": null}', text)
    text = re.sub(r",\s*…\s*\]", ', "…"]', text)
    return json.loads(text)


def _run(command: str, env: Mapping[str, str]) -> str:
    if shutil.which("curl"):
        silent = command.replace("curl ", "curl -sS --max-time 60 ", 1)
        done = subprocess.run(
            ["sh", "-c", silent], env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        return done.stdout
    return _request(shlex.split(re.sub(r"\$(\w+)", lambda name: env[name[1]], command)))


def _request(words: list[str]) -> str:
    """Do what curl would do, where there is none."""
    options: dict[str, list[str]] = {"-X": [], "-H": [], "-d": [], "-i": [], "": []}
    left = iter(words[1:])
    for word in left:
        if word == "-i":
            options["-i"].append(word)
        elif word in options:
            options[word].append(next(left))
        else:
            options[""].append(word)
    body = options["-d"][0] if options["-d"] else None
    answer = requests.request(
        (options["-X"] or ["POST" if body else "GET"])[0],
        f"http://{options[''][0]}",
        headers=dict(line.split(": ", 1) for line in options["-H"]),
        data=body,
        timeout=60,
    )
    if not options["-i"]:
        return answer.text
    head = [f"HTTP/1.1 {answer.status_code} {answer.reason}"]
    head += [f"{name}: {value}" for name, value in answer.headers.items()]
    return "\n".join(head) + "\n\n" + answer.text
