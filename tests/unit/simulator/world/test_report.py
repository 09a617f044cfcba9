"""The honest count finds what is lost, doubled or unfinished, and nothing in a clean day."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.world.report import count_day, digits_of

Day = dict[str, Any]

_DAY = (Path(__file__).parent / "payloads" / "clean_day.json").read_text()


@pytest.fixture
def day() -> Day:
    """Three delivered orders (Uber, EasyPost, a van), one digital and one cancelled."""
    loaded: Day = json.loads(_DAY)
    return loaded


def _numbers(findings: Any) -> list[str]:
    return [finding.number for finding in findings]


def test_a_day_on_which_all_arrived_is_clean(day: Day) -> None:
    report = count_day(day["books"], day["gateway_orders"])
    assert (report.orders, report.to_deliver, report.is_clean) == (5, 3, True)


def _forget_order(day: Day) -> None:
    del day["gateway_orders"][0]


def _forget_unit(day: Day) -> None:
    day["gateway_orders"][0]["fulfillment_orders"] = []


def _cancel_booking(day: Day) -> None:
    day["books"]["bookings"][0] |= {"delivered": False, "cancelled": True}


def _never_book(day: Day) -> None:
    del day["books"]["bookings"][0]


@pytest.mark.parametrize("harm", [_forget_order, _forget_unit, _cancel_booking, _never_book])
def test_an_order_that_nobody_carries_is_lost(day: Day, harm: Callable[[Day], None]) -> None:
    harm(day)
    report = count_day(day["books"], day["gateway_orders"])
    assert _numbers(report.lost) == ["#1001"]
    assert not report.doubled


def test_a_van_that_was_told_carries_it_as_well_as_one_that_handed_it_over(day: Day) -> None:
    day["books"]["handovers"] = []
    assert count_day(day["books"], day["gateway_orders"]).is_clean

    day["books"]["told"][0]["live"] = False
    assert _numbers(count_day(day["books"], day["gateway_orders"]).lost) == ["5001"]


def _keep_twice(day: Day) -> None:
    day["gateway_orders"].append(day["gateway_orders"][0])


def _book_twice(day: Day) -> None:
    day["books"]["bookings"].append(day["books"]["bookings"][0] | {"external_id": "del_other"})


def _tell_a_van_too(day: Day) -> None:
    day["books"]["told"].append(
        {"device_id": "van-2", "reference": "1001-ABCD", "tour_id": "rte_2", "live": True}
    )


@pytest.mark.parametrize("harm", [_keep_twice, _book_twice, _tell_a_van_too])
def test_an_order_that_two_carry_is_doubled(day: Day, harm: Callable[[Day], None]) -> None:
    harm(day)
    report = count_day(day["books"], day["gateway_orders"])
    assert _numbers(report.doubled) == ["#1001"]
    assert not report.lost


def test_a_booking_that_replaces_a_cancelled_one_is_not_doubled(day: Day) -> None:
    replaced = day["books"]["bookings"][0] | {
        "external_id": "del_first",
        "delivered": False,
        "cancelled": True,
    }
    day["books"]["bookings"].insert(0, replaced)
    assert count_day(day["books"], day["gateway_orders"]).is_clean


def test_a_cancelled_order_that_two_carry_is_doubled_still(day: Day) -> None:
    day["books"]["orders"][0]["cancelled"] = True
    _book_twice(day)
    assert _numbers(count_day(day["books"], day["gateway_orders"]).doubled) == ["#1001"]


@pytest.mark.parametrize("status", ["SEARCHING", "BOOKED", "IN_TRANSIT", "UNKNOWN"])
def test_a_delivery_under_way_is_unfinished(day: Day, status: str) -> None:
    day["gateway_orders"][0]["deliveries"][0]["status"] = status
    (finding,) = count_day(day["books"], day["gateway_orders"]).unfinished
    assert (finding.number, finding.why) == ("#1001", f"1 {status}")


def test_a_failed_delivery_is_unfinished_until_its_exceptions_are_closed(day: Day) -> None:
    order = day["gateway_orders"][0]
    order["deliveries"][0]["status"] = "FAILED"
    order["open_exceptions"] = 1
    assert _numbers(count_day(day["books"], day["gateway_orders"]).unfinished) == ["#1001"]

    order["open_exceptions"] = 0
    assert count_day(day["books"], day["gateway_orders"]).is_clean


def test_an_order_without_any_delivery_is_unfinished_though_a_carrier_has_it(day: Day) -> None:
    day["gateway_orders"][0]["deliveries"] = []
    assert _numbers(count_day(day["books"], day["gateway_orders"]).unfinished) == ["#1001"]


@pytest.mark.parametrize(
    ("written", "digits"),
    [("#1001", "1001"), ("1001-K3QX", "1001"), ("5001", "5001"), ("SO1001-2222", "1001")],
)
def test_numbers_and_references_meet_in_their_digits(written: str, digits: str) -> None:
    assert digits_of(written) == digits
