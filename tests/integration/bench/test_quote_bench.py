"""The benchmark of quotes in small: it measures what it says, and no checkout is empty."""

from __future__ import annotations

import bench.quote


def test_a_small_run_loses_no_carrier_and_shows_options_in_every_checkout() -> None:
    result = bench.quote.main(["--quotes", "3", "--seconds", "0.3", "--checkouts", "8"])
    assert result["empty"] == 0
    assert result["overrun_fewest_answered"] == 6
    assert result["checkouts"] == 8
    measured = {key for key, value in result.items() if isinstance(value, float) and value > 0}
    assert measured >= {"overhead_p50_ms", "floor_p50_ms", "quotes_per_s", "cold_p99_ms", "cached_p99_ms"}
