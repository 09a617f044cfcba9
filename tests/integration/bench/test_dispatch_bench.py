"""The chaos around bookings in small."""

from __future__ import annotations

import bench.dispatch


def test_a_hundred_orders_in_chaos_have_one_live_booking_each() -> None:
    result = bench.dispatch.main(["--runs", "100", "--seed", "3"])
    assert (result["runs"], result["not_exactly_one"]) == (100, 0)
    # And it was chaos: workers died, and couriers were replaced.
    kills, bookings = result["kills"], result["bookings"]
    assert isinstance(kills, int)
    assert isinstance(bookings, int)
    assert kills > 20
    assert bookings > 100
