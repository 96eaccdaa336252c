"""Where messages may be sent."""

from __future__ import annotations

import ipaddress

import pytest

from batchwell.errors import BadWebhook
from batchwell.webhook_address import check_url, is_public


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://example.com:8443/hook?key=a%20b",
        "https://EXAMPLE.com./hook",
        "https://93.184.215.14/",
        "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/",
        "https://xn--bcher-kva.example/",
        "https://localhost.example.com/",
    ],
)
def test_public_url_is_accepted(url: str) -> None:
    check_url(url, allow_private=False)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "printable"),
        ("https://example.com/a b", "printable"),
        ("https://example.com/\r\nX: y", "printable"),
        ("https://bücher.example/", "printable"),
        ("https://example.com/" + "x" * 2048, "2048"),
        ("http://example.com/", "https"),
        ("ftp://example.com/", "https"),
        ("file:///etc/passwd", "https"),
        ("example.com", "https"),
        ("https://user@example.com/", "user name"),
        ("https://:pass@example.com/", "password"),
        ("https://@example.com/", "user name"),
        ("https://example.com/#part", "fragment"),
        ("https://example.com/#", "fragment"),
        ("https:///path", "host"),
        ("https://exa%6dple.com/", "host"),
        ("https://exam\\ple.com/", "host"),
        ("https://example.com:99999/", "no URL"),
        ("https://example.com:x/", "no URL"),
        ("https://[::1/", "no URL"),
        ("https://example.com:22/", "port"),
        ("https://example.com:0/", "port"),
    ],
)
def test_url_that_is_none_or_asks_for_more_is_refused(url: str, reason: str) -> None:
    with pytest.raises(BadWebhook, match=reason):
        check_url(url, allow_private=False)


def test_scheme_is_told_as_the_setting_lets_it_be() -> None:
    for allow_private, told in ((False, "https://$"), (True, "https:// or http://$")):
        with pytest.raises(BadWebhook, match=f"must begin with {told}"):
            check_url("ftp://x/", allow_private=allow_private)


INSIDE = [
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1"),
    *("169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1"),
    *("198.18.0.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "ff0e::1"),
    *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "2002:7f00:1::"),
    *("2002:a9fe:a9fe::", "64:ff9b::7f00:1", "64:ff9b::169.254.169.254", "64:ff9b:1::808:808"),
    *("2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "100::1", "4000::1"),
]


@pytest.mark.parametrize("address", INSIDE)
def test_address_that_is_not_public_is_refused(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(BadWebhook, match="no public address"):
        check_url(f"https://{host}/", allow_private=False)
    check_url(f"http://{host}:8080/", allow_private=True)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::"]
)
def test_public_address_is_so_in_its_wrappings_too(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.0.0.1.",
    ],
)
def test_this_machine_is_refused_however_it_is_spelt(host: str) -> None:
    with pytest.raises(BadWebhook, match=r"this machine|public address"):
        check_url(f"https://{host}/", allow_private=False)
