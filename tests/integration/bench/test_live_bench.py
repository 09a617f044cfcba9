"""The benchmark of live messages runs, and its figures mean what they are called."""

from __future__ import annotations

import pytest

from bench.live import main


@pytest.mark.slow
def test_the_bench_of_live_messages_delivers_all_in_every_kind_of_server() -> None:
    found = main(["--scale", "0.004", "--rate", "100", "--seconds", "1", "--only", "own_2k"])
    part = found["own_2k"]
    assert isinstance(part, dict)
    assert set(part["us_per_message"]) == {"ours", "strawberry", "raw"}
    assert all(share == 1 for share in part["delivered_share"].values())
    assert all(p99_ms > 0 for p99_ms in part["p99_ms"].values())


@pytest.mark.slow
def test_no_status_is_lost_while_gateways_and_the_shared_server_are_restarted() -> None:
    assert main(["--scale", "0.05", "--only", "lost"]) == {"status_lost": 0}
