"""The benchmark of live messages runs, and its figures mean what they are called."""

from __future__ import annotations

import resource

import pytest

from bench.live import main
from bench.live.run import affordable


@pytest.mark.slow
def test_the_bench_of_live_messages_delivers_all_in_every_kind_of_server() -> None:
    found = main(["--scale", "0.004", "--rate", "100", "--seconds", "1", "--only", "own_2k"])
    part = found["own_2k"]
    assert isinstance(part, dict)
    assert set(part["us_per_message"]) == {"ours", "strawberry", "raw"}
    assert all(share == 1 for share in part["delivered_share"].values())
    assert all(p99_ms > 0 for p99_ms in part["p99_ms"].values())


@pytest.mark.parametrize(
    ("most_files", "subscribers", "words"),
    [(20_000, 10_000, 0), (1_024, 924, 1), (resource.RLIM_INFINITY, 10_000, 0)],
)
def test_as_many_subscribers_come_as_files_may_be_open(most_files: int, subscribers: int, words: int) -> None:
    said: list[str] = []
    assert affordable(10_000, most_files, said.append) == subscribers
    assert len(said) == words
    assert all("ulimit -n 10100" in each for each in said)


@pytest.mark.slow
def test_no_status_is_lost_while_gateways_and_the_shared_server_are_restarted() -> None:
    assert main(["--scale", "0.05", "--only", "lost"]) == {"status_lost": 0}
