"""The parts of the arithmetic, each with figures that can be checked by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from doorstep.eta import EtaBasis
from doorstep.eta_learning import EtaTrip, Spans
from optimizer.eta.cold_start import USUAL, cold_start
from optimizer.eta.derive import HOUR, derived, haversine_km
from optimizer.eta.level import levels
from optimizer.eta.past import past_columns
from optimizer.eta.rolling import Rolling, replay
from optimizer.eta.slices import Family
from optimizer.eta.table import Column, Kind, Table, category, moment, number

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_the_past_of_a_carrier_is_what_was_known_by_then() -> None:
    table = Table([category("carrier", ["a", "a", "b", "a"])])
    at = np.array([0.0, 10.0, 20.0, 30.0])
    # The first ends at 15, so the second knows nothing of it and the fourth does.
    mean, _, size = past_columns(table, ["carrier"], np.array([40.0, 60.0, 9.0, 1.0]), at, at + 15, 50.0)
    assert np.expm1(size.values).round().tolist() == [0, 0, 0, 2]
    # (40 + 60 + 10 × 50) / 12
    assert mean.values.tolist() == [50.0, 50.0, 50.0, 50.0]
    mean, _, _ = past_columns(table, ["carrier"], np.array([40.0, 84.0, 9.0, 1.0]), at, at + 15, 50.0)
    assert mean.values[3] == pytest.approx(52.0)


def test_an_end_that_is_known_at_the_very_moment_does_not_count() -> None:
    table = Table([category("carrier", ["a", "a"])])
    _, _, size = past_columns(
        table, ["carrier"], np.array([1.0, 1.0]), np.array([0.0, 5.0]), np.array([5.0, 9.0]), 1.0
    )
    assert size.values.tolist() == [0.0, 0.0]


def test_a_level_is_the_mean_of_errors_that_were_known() -> None:
    rest = np.array([10.0, 10.0, 10.0])
    found = levels(rest, np.array([0.0, 1.0, 5.0]), np.array([2.0, 3.0, 6.0]), 10)
    # Two are known at 5; one more counts as 0: 20 / 3.
    assert found.tolist() == pytest.approx([0.0, 0.0, 20 / 3])


def test_a_level_follows_a_jump_within_some_dozen_ends() -> None:
    at = np.arange(1000.0)
    errors = np.random.default_rng(6).normal(0, 1, 1000) + np.where(at >= 600, 2.0, 0.0)
    found = levels(errors, at, at + 0.5, 400)
    # 60 of the last 400 ends lie behind the jump: their mean alone would be 0.3.
    assert found[660] > 1.5
    # Without a jump it hardly moves: 1 / 20 is one standard deviation of the mean of 400.
    assert np.abs(found[450:600]).max() < 0.2


def test_ends_of_one_day_that_are_known_by_their_length_are_no_jump() -> None:
    luck = np.random.default_rng(7)
    day = np.repeat(np.arange(10.0), 100) * 86400
    errors = luck.normal(0, 1, 1000)
    known_at = day + 3600 + 600 * errors
    assert np.abs(levels(errors, day, known_at, 1000)).max() < 0.3


def test_intervals_that_were_too_narrow_are_widened_until_they_hold() -> None:
    luck = np.random.default_rng(2)
    count = 3000
    target, low, high = luck.normal(0, 1, count), np.full(count, -0.5), np.full(count, 0.5)
    slices = np.zeros((count, 1), dtype=np.int64)
    at = np.arange(count, dtype=np.float64)
    first, last = replay(Rolling.new(1, 0.05), target, low, high, slices, at, at + 40)
    is_held = ((first <= target) & (target <= last))[500:]
    assert is_held.mean() == pytest.approx(0.9, abs=0.02)


def test_each_slice_holds_by_itself_though_one_is_three_times_less_sure() -> None:
    luck = np.random.default_rng(3)
    count = 6000
    which = luck.integers(0, 2, count)
    target = luck.normal(0, np.where(which == 0, 1.0, 3.0))
    low, high = np.full(count, -1.6), np.full(count, 1.6)
    at = np.arange(count, dtype=np.float64)
    rolling, slices = Rolling.new(2, 0.05), which[:, None]
    rolling.begin(target[:2000], low[:2000], high[:2000], slices[:2000])
    rows = slice(2000, None)
    first, last = replay(rolling, target[rows], low[rows], high[rows], slices[rows], at[rows], at[rows] + 5)
    is_held = (first <= target[rows]) & (target[rows] <= last)
    for one in (0, 1):
        assert is_held[which[rows] == one].mean() == pytest.approx(0.9, abs=0.03)


def test_no_label_is_used_before_it_is_known() -> None:
    target = np.full(50, 9.0)
    at = np.arange(50, dtype=np.float64)
    slices = np.zeros((50, 1), dtype=np.int64)
    first, last = replay(
        Rolling.new(1, 0.05), target, np.zeros(50), np.ones(50), slices, at, np.full(50, 99.0)
    )
    assert set(first) == {0.0}
    assert set(last) == {1.0}


def _trip(carrier: str, took_s: float) -> EtaTrip:
    """Of what was reckoned at 1,000 s."""
    return EtaTrip(
        "del_1", 1, AT, carrier, "", "", "", EtaBasis.ROAD, 1000.0, 0, 1, 0, Spans(0, 0, 0), 0,
        AT + timedelta(seconds=took_s),
    )  # fmt: skip


def test_a_new_merchant_is_told_what_is_usual() -> None:
    assert cold_start([]) == (USUAL,)
    assert USUAL.spans(1000.0) == Spans(780.0, 1060.0, 1750.0)


def test_a_carrier_with_a_past_is_told_by_it() -> None:
    trips = [_trip("slow", 2000.0)] * 475 + [_trip("quick", 900.0)] * 475
    quick, slow, others = cold_start(trips)
    # 475 of 500 parts its own, 25 those of all.
    assert (slow.carrier, slow.count) == ("slow", 475)
    assert slow.middle == pytest.approx(2.0, abs=0.05)
    assert quick.middle == pytest.approx(0.9, abs=0.05)
    assert others.carrier == ""


def test_a_few_deliveries_of_a_carrier_move_little() -> None:
    assert cold_start([_trip("new", 3000.0)])[0].middle < 1.3


def test_hours_go_by_the_clock_that_was_written_down() -> None:
    time = Column("at", Kind.MOMENT, np.array([0.0, 3600.0]), (), np.array([19800.0, 23400.0]))
    assert derived(Table([number("x", [1.0, 2.0])]), time)[HOUR].values.tolist() == [5.5, 6.5]


def test_days_without_a_time_have_no_hour() -> None:
    assert HOUR not in derived(Table([number("x", [1.0, 2.0])]), moment("day", [0.0, 86400.0]))


def test_places_become_distances_and_nowhere_is_none() -> None:
    table = Table(
        [
            number("shop_lat", [52.5, 0.0]),
            number("shop_lon", [13.4, 0.0]),
            number("door_latitude", [52.6, 52.6]),
            number("door_longitude", [13.4, 13.4]),
        ]
    )
    found = derived(table, moment("at", [0.0, 100.0]))["km from shop to door"].values
    # A tenth of a degree of latitude: 6,371.0088 km × π / 1,800.
    assert found[0] == pytest.approx(11.1195, abs=1e-3)
    assert np.isnan(found[1])
    assert haversine_km(*(np.array([x]) for x in (0.0, 0.0, 0.0, 180.0)))[0] == pytest.approx(
        20015.1, abs=0.1
    )


def test_slices_say_what_they_are() -> None:
    family = Family("km", edges=(2.0, 5.0))
    assert [family.title(place) for place in range(3)] == ["km < 2", "2 <= km < 5", "5 <= km"]
    table = Table([number("km", [1.0, 2.0, 9.0, None])])
    assert family.places(table, np.zeros(4)).tolist() == [0, 1, 2, -1]
