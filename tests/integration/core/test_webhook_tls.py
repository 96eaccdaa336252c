"""TLS: the certificate is checked against the name, though an address is connected to."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from batchwell.store import Store
from tests.integration.core.test_deliverer import answer_with, deliver, listed, owe
from tests.receiver import SECRET, Receiver, receiving


def make_certificate(name: str) -> bytes:
    """Return a certificate of its own, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@pytest.fixture
def secure_receiver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver that has a certificate for ``name.test``, which this machine trusts."""
    certificate = tmp_path / "certificate.pem"
    certificate.write_bytes(make_certificate("name.test"))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("BATCHWELL_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("BATCHWELL_WEBHOOK_ALLOW_PRIVATE", "1")
    answer_with(monkeypatch, "127.0.0.1")
    with receiving(tmp_path, certificate) as receiver:
        yield receiver


@pytest.mark.parametrize("host", ["name.test", "NAME.test", "name.test."])
def test_certificate_of_the_name_is_accepted(
    store: Store, secure_receiver: Receiver, host: str
) -> None:
    owe(store, f"https://{host}:{secure_receiver.port}/ok")
    assert deliver(store) == {"delivered": 1}
    assert secure_receiver.messages()[0].verified()["type"] == "request.succeeded"


@pytest.mark.parametrize("host", ["other.test", "127.0.0.1"])
def test_certificate_of_another_name_is_refused(
    store: Store, secure_receiver: Receiver, host: str
) -> None:
    owe(store, f"https://{host}:{secure_receiver.port}/ok")
    assert deliver(store) == {"owed": 1}
    assert "CERTIFICATE_VERIFY_FAILED" in listed(store)[0].error
    assert secure_receiver.messages() == []


def test_receiver_without_tls_is_not_spoken_to_over_https(store: Store, receiver: Receiver) -> None:
    owe(store, f"https://127.0.0.1:{receiver.port}/ok")
    assert deliver(store) == {"owed": 1}
    assert "SSL" in listed(store)[0].error
    assert receiver.messages() == []
