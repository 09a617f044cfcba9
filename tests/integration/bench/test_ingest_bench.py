"""`python -m bench ingest` in its short form: everything is taken, worked out and seen."""

from __future__ import annotations

import pytest

from bench.ingest import main


@pytest.mark.slow
def test_fixes_are_taken_both_ways_and_shoppers_see_pings() -> None:
    result = main(["--vans", "8", "--seconds", "1"])
    assert {"positions_per_cpu_s", "ratio_to_one_by_one", "ping_p95_ms"} <= set(result)
    assert result["pings"]
