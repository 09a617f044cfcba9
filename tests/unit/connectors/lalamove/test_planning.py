"""When a driver is sent, and what is not asked at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.couriers.lalamove.planning import (
    Plan,
    plan_pickup,
    promise_of,
    why_not,
    why_not_booked,
    with_road,
)
from doorstep.address import Address
from doorstep.geo import LatLng
from doorstep.parcel import Parcel
from doorstep.quote import Decline, DeclineReason
from doorstep.window import PromiseBasis, Window

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
STORE = Address(
    "HK",
    company="Corner Shop",
    line1="1 Main St",
    city="Hong Kong",
    phone="+85255550100",
    location=LatLng(22.3354, 114.1761),
)
DOOR = replace(STORE, company="", name="A. Shopper", location=LatLng(22.3300, 114.1700))
WAY = (STORE, DOOR)
BOX = (Parcel(1_000),)


def minutes(count: float) -> datetime:
    return NOON + timedelta(minutes=count)


def planned(ready_at: datetime = NOON, wanted: Window | None = None) -> Plan:
    plan = plan_pickup(NOON, ready_at, wanted, WAY)
    assert isinstance(plan, Plan)
    return plan


def test_goods_that_are_ready_go_as_soon_as_possible() -> None:
    plan = planned()

    assert (plan.schedule_at, plan.pickup_at) == (None, minutes(15))
    assert minutes(25) < plan.arrives_at < minutes(35)


def test_goods_that_will_be_ready_later_are_fetched_then() -> None:
    assert planned(minutes(60)).schedule_at == minutes(60)


def test_for_a_window_the_driver_comes_as_late_as_its_start_allows() -> None:
    plan = planned(wanted=Window(minutes(120), minutes(180)))

    assert plan.schedule_at == plan.pickup_at < minutes(120)
    assert plan.arrives_at == minutes(120)


def test_a_window_that_ends_too_soon_is_declined_in_words() -> None:
    declined = plan_pickup(NOON, NOON, Window(NOON, minutes(20)), WAY)

    assert isinstance(declined, Decline)
    assert declined.reason is DeclineReason.PAST_CUTOFF
    assert "ends before" in declined.text


def test_nothing_is_ordered_more_than_thirty_days_ahead() -> None:
    declined = plan_pickup(NOON, NOON + timedelta(days=31), None, WAY)

    assert isinstance(declined, Decline)
    assert (declined.reason, "30 days" in declined.text) == (DeclineReason.RULE, True)


def test_the_promise_is_our_own_estimate_even_for_a_window() -> None:
    wanted = Window(minutes(120), minutes(180))

    kept = promise_of(planned(wanted=wanted), wanted, NOON, "Asia/Hong_Kong")
    estimated = promise_of(planned(), None, NOON, "Asia/Hong_Kong")

    assert (kept.window, kept.basis) == (wanted, PromiseBasis.PREDICTED)
    assert estimated.window.contains(planned().arrives_at)


def test_the_way_that_lalamove_measured_moves_the_arrival() -> None:
    plan = planned()

    # 6 km at 5 m/s are 20 minutes, and 10 to load.
    assert with_road(plan, 6_000.0).arrives_at == minutes(15 + 30)
    assert with_road(plan, None) is plan


@given(ready=st.integers(-600, 50_000), start=st.integers(-600, 50_000), length=st.integers(0, 600))
def test_a_plan_never_comes_before_the_goods_nor_after_the_window(
    ready: int, start: int, length: int
) -> None:
    wanted = Window(minutes(start), minutes(start + length))

    plan = plan_pickup(NOON, minutes(ready), wanted, WAY)

    if isinstance(plan, Plan):
        assert plan.pickup_at >= max(NOON, minutes(ready))
        assert plan.arrives_at < wanted.end
        assert plan.schedule_at is None or NOON < plan.schedule_at < NOON + timedelta(days=30)


@pytest.mark.parametrize(
    ("pickup", "dropoff", "parcels", "reason", "word"),
    [
        (STORE, replace(DOOR, country="CN"), BOX, DeclineReason.OUT_OF_AREA, "delivery is in CN"),
        (replace(STORE, country="US"), DOOR, BOX, DeclineReason.OUT_OF_AREA, "serves HK"),
        (STORE, DOOR.at(None), BOX, DeclineReason.ADDRESS_PROBLEM, "delivery address"),
        (STORE.at(None), DOOR, BOX, DeclineReason.ADDRESS_PROBLEM, "pickup address"),
        (STORE, DOOR, (), DeclineReason.OTHER, "no parcel"),
    ],
)
def test_what_lalamove_cannot_price_is_declined_without_asking(
    pickup: Address, dropoff: Address, parcels: tuple[Parcel, ...], reason: DeclineReason, word: str
) -> None:
    declined = why_not("HK", pickup, dropoff, parcels)

    assert declined is not None
    assert declined.reason is reason
    assert word in declined.text


def test_an_order_needs_more_than_a_price_does() -> None:
    assert why_not_booked(*WAY) is None
    mute = why_not_booked(STORE, replace(DOOR, phone=None))
    bare = why_not_booked(STORE, replace(DOOR, line1=""))

    assert mute is not None
    assert "phone number at the delivery address" in mute.text
    assert bare is not None
    assert "lacks line1" in bare.text
