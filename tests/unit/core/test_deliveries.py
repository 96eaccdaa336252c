"""When a message is tried again, what it says and how it is signed."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from batchwell.deliveries import MOST_ATTEMPTS, RETRY_SECONDS, Answer, delay_after
from batchwell.errors import SettingsError
from batchwell.known_results import Result
from batchwell.records import Request
from batchwell.settings import Settings
from batchwell.webhook_message import MOST_VALUE_BYTES, message
from batchwell.webhook_signing import signed_headers
from tests.unit.core.test_records import ATTENTION, RESULT

SECRETS = [f"whsec_{base64.b64encode(bytes([number]) * 32).decode()}" for number in range(3)]
BUSY = Answer(status=503, retry_after_seconds=300.0)


def settings_with(secret: str) -> Settings:
    return Settings.from_env(
        {"BATCHWELL_WEBHOOK_SECRET": secret, "BATCHWELL_URL": "https://bw.test"}
    )


def test_each_failure_waits_longer_and_a_little_by_chance() -> None:
    for tries, seconds in enumerate(RETRY_SECONDS, start=1):
        delays = {delay_after(Answer(status=500), tries) for _ in range(50)}
        assert len(delays) > 1
        assert all(delay and seconds <= delay <= 1.2 * seconds for delay in delays)
    assert delay_after(Answer(error="no answer"), MOST_ATTEMPTS) is None


def test_receiver_that_is_gone_is_not_asked_again() -> None:
    assert delay_after(Answer(status=410), 1) is None


@pytest.mark.parametrize("status", [429, 503])
def test_busy_receiver_may_ask_for_more_time_within_bounds(status: int) -> None:
    assert delay_after(replace(BUSY, status=status), 1) == 300.0
    assert delay_after(Answer(status=status, retry_after_seconds=1e9), 1) == 12 * 3600
    assert delay_after(Answer(status=status, retry_after_seconds=0.0), 3) != 0.0
    other = delay_after(Answer(status=500, retry_after_seconds=300.0), 1)
    assert other is not None
    assert other < 10


def test_signature_is_that_of_the_reference() -> None:
    keys = settings_with(SECRETS[0]).webhook_keys
    headers = signed_headers(keys, "fib-a-1", 1700000000, '{"ü": 1}'.encode())
    reference = Webhook(SECRETS[0]).sign(
        "fib-a-1", datetime.fromtimestamp(1700000000, UTC), '{"ü": 1}'
    )
    assert headers == {
        "webhook-id": "fib-a-1",
        "webhook-timestamp": "1700000000",
        "webhook-signature": reference,
    }


def test_message_is_signed_with_every_secret_while_they_are_changed() -> None:
    keys = settings_with(f"{SECRETS[0]}  {SECRETS[1]}").webhook_keys
    now = int(datetime.now(UTC).timestamp())
    headers = signed_headers(keys, "id", now, b"{}")
    for secret in SECRETS[:2]:
        assert Webhook(secret).verify(b"{}", headers) == {}
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRETS[2]).verify(b"{}", headers)


@pytest.mark.parametrize(
    "secret",
    [
        "hunter2",
        SECRETS[0].removeprefix("whsec_"),
        "whsec_!" + SECRETS[0][7:],
        "whsec_" + base64.b64encode(b"x" * 23).decode(),
        "whsec_" + base64.b64encode(b"x" * 65).decode(),
        f"{SECRETS[0]} {SECRETS[1]}x",
    ],
)
def test_secret_that_is_none_is_refused_and_not_shown(secret: str) -> None:
    with pytest.raises(SettingsError, match="BATCHWELL_WEBHOOK_SECRET must be") as caught:
        settings_with(secret)
    assert secret not in str(caught.value)


def test_settings_do_not_show_the_secret() -> None:
    settings = settings_with(SECRETS[0])
    assert SECRETS[0][6:] not in repr(settings)
    assert repr(settings.webhook_keys[0]) not in repr(settings)


def ended(value: str) -> Request:
    fields: list[bytes | int] = [
        *(b"status", b"succeeded", b"params", b'{"n":5}', b"submitted_at", b"1700000000000"),
        *(b"finished_at", b"1700000001500"),
    ]
    request = Request.decode("fib", "a" * 16, [fields, [-1, b"", 0], ATTENTION, []], RESULT)
    assert request is not None
    result = Result.decode("fib", RESULT)
    assert result is not None
    return replace(request, result=replace(result, value=value))


def test_message_has_the_request_and_tells_no_url_that_is_told() -> None:
    payload = message(ended("5"), settings_with(SECRETS[0]))
    told = json.loads(payload)
    assert (told["type"], told["timestamp"]) == ("request.succeeded", "2023-11-14T22:13:21.500Z")
    assert (told["data"]["params"], told["data"]["result"]["value"]) == ({"n": 5}, 5)
    assert told["data"]["url"] == f"https://bw.test/api/v1/requests/fib-{'a' * 16}"
    assert b"secret.test" not in payload


def test_large_value_is_left_out() -> None:
    most = f'"{"x" * (MOST_VALUE_BYTES - 2)}"'
    told = json.loads(message(ended(most), settings_with(SECRETS[0])))
    assert told["data"]["result"]["value"] == json.loads(most)
    told = json.loads(message(ended(f'"ü{most[1:]}'), settings_with(SECRETS[0])))
    assert (told["data"]["status"], told["data"]["result"]) == ("succeeded", None)
