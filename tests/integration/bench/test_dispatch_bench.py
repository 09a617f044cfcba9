"""The chaos around bookings in small."""

from __future__ import annotations

import bench.dispatch


def _count(result: dict[str, object], name: str) -> int:
    count = result[name]
    assert isinstance(count, int)
    return count


def test_sixty_orders_in_chaos_have_one_live_booking_each() -> None:
    result = bench.dispatch.main(["--runs", "60", "--seed", "8", "--workers", "1"])
    assert (result["runs"], result["not_exactly_one"]) == (60, 0)
    # And it was chaos: workers died, couriers were replaced, orders were called off and went together; three
    # merchants of five let them wait for company.
    assert _count(result, "kills") > 20
    assert _count(result, "bookings") > 60
    assert _count(result, "stacked") > 0
    assert _count(result, "called_off") > 0
