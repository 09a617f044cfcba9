"""The short form of `python -m bench exceptions`, and what it judges by."""

from __future__ import annotations

import pytest

import bench.exceptions
from bench.exceptions.clean_trips import false_alarms
from bench.exceptions.fates import COURIER_TROUBLE, fates
from doorstep.incident import IncidentKind


@pytest.mark.slow
def test_a_day_of_trouble_is_seen() -> None:
    words = "--days 1 --orders 30 --vans 5 --trips 20 --sweep-s 300 --afterwards-h 10 --seed 1".split()
    result = bench.exceptions.main(words)
    assert result["jobs_failed"] == {}
    # There are few of each kind: how much of it is seen is for longer runs to say.
    fired = result["fired"]
    assert isinstance(fired, int)
    assert fired >= 20
    assert result["off_route_false"] == 0


def test_clean_trips_are_not_called_off_their_way() -> None:
    assert false_alarms(seed=3, trips=40) == 0


def test_the_same_seed_is_the_same_weeks_and_every_trouble_comes() -> None:
    orders = fates(5, 2, 2 * len(COURIER_TROUBLE))
    assert orders == fates(5, 2, 2 * len(COURIER_TROUBLE))
    assert orders != fates(6, 2, 2 * len(COURIER_TROUBLE))
    assert {order.trouble for order in orders} >= set(COURIER_TROUBLE)
    late = next(order for order in orders if order.trouble is IncidentKind.ETA_PAST_PROMISE)
    assert late.arrives_after_min(1.0) > late.ride_min
    assert late.arrives_after_min(late.jam.begins) == pytest.approx(late.ride_min * late.jam.begins)
