"""The short form of `python -m bench packing`."""

import json
import subprocess
import sys
from pathlib import Path

from bench.packing_peer import peer

ROOT = Path(__file__).parents[3]


def test_every_order_is_packed_to_the_last_piece_and_found_good_by_the_checker() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "bench", "packing", "--instances", "4", "--seed", "3"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout.splitlines()[-1])
    assert found["all_packed"] == found["strict_all_packed"] == found["instances"] == 4
    assert found["p50_ms"] <= found["p99_ms"]
    if peer() is None:
        assert "py3dbp is not installed" in run.stderr
        assert found["billed_volume_ratio"] is found["peer_p99_ms"] is None
    else:
        assert found["peer_all_packed"] == 4
        assert 0 < found["billed_volume_ratio"] < 1.5, "both pack the same orders"
