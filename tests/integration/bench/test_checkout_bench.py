"""The benchmark of stores' checkouts runs, and its figures mean what they are called."""

from __future__ import annotations

from bench.checkout import main


def test_the_bench_of_checkouts_finds_rates_in_every_part_and_the_table_where_all_are_down() -> None:
    found = main(["--rate", "10", "--seconds", "1"])
    for name in ("well", "half", "down"):
        part = found[name]
        assert isinstance(part, dict)
        assert part["calls"] == 10
        assert (part["errors_5xx"], part["errors_other"], part["empty"]) == (0, 0, 0)
        assert 0 < part["p50_ms"] <= part["p99_ms"]
        assert part["live"] == 0 if name == "down" else part["live"] > 0
