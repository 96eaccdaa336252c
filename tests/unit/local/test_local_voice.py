"""What scripts/up says: to a person, or as JSON lines."""

from __future__ import annotations

import json
import sys

import pytest

from batchwell.local.voice import Voice
from batchwell.settings import LogStyle


def test_sentences_are_for_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    Voice()("ready")
    assert capsys.readouterr().out == "batchwell: ready\n"


def test_sentences_are_json_lines_where_logs_are(capsys: pytest.CaptureFixture[str]) -> None:
    say = Voice()
    say.style = LogStyle.JSON
    say("100 % ready")
    line = json.loads(capsys.readouterr().out)
    assert (line["level"], line["logger"]) == ("info", "batchwell.local")
    assert line["message"] == "100 % ready"


def test_user_who_has_gone_is_no_reason_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone:
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Gone())
    say = Voice()
    say("ready")
    say("still ready")
    sys.stdout.close()
