"""Which node a command goes to, by what one of a cluster told."""

from __future__ import annotations

import pytest
from redis.crc import key_slot
from redis.exceptions import ClusterError

from batchwell.topology import Topology

SEED = ("seed", 1)
REPLY = [
    [0, 5000, [b"a", 7000, b"id", []], [b"b", 7000, b"id", []]],
    [5001, 16382, [b"c", 7000, b"id", []]],
]


def test_command_goes_to_the_primary_of_its_key() -> None:
    topology = Topology.read(REPLY, SEED, [SEED])
    slot = key_slot(b"echo")
    home = ("a", 7000) if slot <= 5000 else ("c", 7000)
    for command in (
        ("EVALSHA", "sha", 1, "bw:{echo}", "argument"),
        ("BLPOP", "bw:{echo}:doorbell", "1"),
        ("HGETALL", b"bw:{echo}:meta"),
    ):
        assert topology.home(command) == home
    assert topology.primaries == [("a", 7000), ("c", 7000)]
    assert topology.known == (SEED, ("a", 7000), ("b", 7000), ("c", 7000))


def test_slot_that_no_node_has_is_told() -> None:
    name = next(str(n) for n in range(100_000) if key_slot(str(n).encode()) == 16383)
    with pytest.raises(ClusterError, match="16383"):
        Topology.read(REPLY, SEED, [SEED]).home(("GET", name))


@pytest.mark.parametrize("host", [None, b"", b"?"])
def test_node_that_does_not_know_its_name_is_where_it_was_asked(host: bytes | None) -> None:
    topology = Topology.read([[0, 16383, [host, 7000, b"id"]]], SEED, [SEED])
    assert topology.home(("GET", "any")) == ("seed", 7000)


def test_who_is_trusted_is_asked_first_and_who_is_doubted_last() -> None:
    topology = Topology.read(REPLY, SEED, [SEED])
    assert topology.trusting(("c", 7000)).known[0] == ("c", 7000)
    doubting = topology.doubting(SEED)
    assert doubting.known == (("a", 7000), ("b", 7000), ("c", 7000), SEED)
    assert doubting.homes is None
    assert topology.trusting(("new", 1)).known == (("new", 1), *topology.known)
