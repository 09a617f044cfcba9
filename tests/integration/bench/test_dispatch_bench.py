"""The chaos around bookings in small."""

from __future__ import annotations

import bench.dispatch


def _count(result: dict[str, object], name: str) -> int:
    count = result[name]
    assert isinstance(count, int)
    return count


def test_a_hundred_orders_in_chaos_have_one_live_booking_each() -> None:
    result = bench.dispatch.main(["--runs", "100", "--seed", "8"])
    assert (result["runs"], result["not_exactly_one"]) == (100, 0)
    # And it was chaos: workers died, couriers were replaced, orders were called off and went together; three
    # merchants of five let them wait for company.
    assert _count(result, "kills") > 20
    assert _count(result, "bookings") > 100
    assert _count(result, "stacked") > 0
    assert _count(result, "called_off") > 0
