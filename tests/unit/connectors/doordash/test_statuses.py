"""DoorDash's statuses, events and reasons in our words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.couriers.doordash.statuses import EVENTS, REASONS, STATUSES, standing_of
from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind

TABLE = [
    ("quote", DeliveryStatus.QUOTED, None),
    ("created", DeliveryStatus.BOOKED, None),
    ("confirmed", DeliveryStatus.COURIER_ASSIGNED, None),
    ("enroute_to_pickup", DeliveryStatus.TO_PICKUP, None),
    ("arrived_at_pickup", DeliveryStatus.AT_PICKUP, None),
    ("picked_up", DeliveryStatus.PICKED_UP, None),
    ("enroute_to_dropoff", DeliveryStatus.OUT_FOR_DELIVERY, None),
    ("arrived_at_dropoff", DeliveryStatus.AT_DROPOFF, None),
    ("delivered", DeliveryStatus.DELIVERED, None),
    ("enroute_to_return", DeliveryStatus.RETURNING, IncidentKind.OTHER),
    ("arrived_at_return", DeliveryStatus.RETURNING, IncidentKind.OTHER),
    ("returned", DeliveryStatus.RETURNED, None),
    ("cancelled", DeliveryStatus.CANCELLED, IncidentKind.COURIER_CANCELLED),
    ("DELIVERY_CREATED", DeliveryStatus.BOOKED, None),
    ("DASHER_CONFIRMED", DeliveryStatus.COURIER_ASSIGNED, None),
    ("DASHER_ENROUTE_TO_PICKUP", DeliveryStatus.TO_PICKUP, None),
    ("DASHER_CONFIRMED_PICKUP_ARRIVAL", DeliveryStatus.AT_PICKUP, None),
    ("DASHER_PICKED_UP", DeliveryStatus.PICKED_UP, None),
    ("DASHER_ENROUTE_TO_DROPOFF", DeliveryStatus.OUT_FOR_DELIVERY, None),
    ("DASHER_CONFIRMED_DROPOFF_ARRIVAL", DeliveryStatus.AT_DROPOFF, None),
    ("DASHER_DROPPED_OFF", DeliveryStatus.DELIVERED, None),
    ("DELIVERY_RETURN_INITIALIZED", DeliveryStatus.RETURNING, IncidentKind.OTHER),
    ("DASHER_ENROUTE_TO_RETURN", DeliveryStatus.RETURNING, IncidentKind.OTHER),
    ("DASHER_CONFIRMED_RETURN_ARRIVAL", DeliveryStatus.RETURNING, IncidentKind.OTHER),
    ("DELIVERY_RETURNED", DeliveryStatus.RETURNED, None),
    ("DELIVERY_CANCELLED", DeliveryStatus.CANCELLED, IncidentKind.COURIER_CANCELLED),
    ("a_status_of_next_year", DeliveryStatus.UNKNOWN, None),
    ("active", DeliveryStatus.UNKNOWN, None),
    ("", DeliveryStatus.UNKNOWN, None),
]

WHY = [
    ("cancelled_by_creator", DeliveryStatus.CANCELLED, None),
    ("failed_to_process_payment", DeliveryStatus.FAILED, IncidentKind.OTHER),
    ("failed_to_assign_and_refunded", DeliveryStatus.FAILED, IncidentKind.NO_COURIER),
    ("failed_to_pickup", DeliveryStatus.FAILED, IncidentKind.MISSED_PICKUP),
    ("failed_to_deliver", DeliveryStatus.FAILED, IncidentKind.OTHER),
    ("failed_to_return", DeliveryStatus.FAILED, IncidentKind.RETURN_OVERDUE),
    ("a_reason_of_next_year", DeliveryStatus.CANCELLED, IncidentKind.OTHER),
]


@pytest.mark.parametrize(("raw", "status", "trouble"), TABLE)
def test_every_documented_status_and_event_is_mapped(
    raw: str, status: DeliveryStatus, trouble: IncidentKind | None
) -> None:
    standing = standing_of({}, raw)

    assert (standing.status, standing.trouble) == (status, trouble)


def test_the_table_above_leaves_no_status_out() -> None:
    assert {raw for raw, *_ in TABLE} >= STATUSES.keys() | EVENTS.keys()


@pytest.mark.parametrize("raw", ["cancelled", "DELIVERY_CANCELLED"])
@pytest.mark.parametrize(("reason", "status", "trouble"), WHY)
def test_why_it_was_cancelled_says_whether_it_failed(
    raw: str, reason: str, status: DeliveryStatus, trouble: IncidentKind | None
) -> None:
    standing = standing_of({"cancellation_reason": reason}, raw)

    assert (standing.status, standing.trouble, standing.raw_reason) == (status, trouble, reason)


def test_the_table_above_leaves_no_reason_out() -> None:
    assert {reason for reason, *_ in WHY} >= REASONS.keys()


@pytest.mark.parametrize("reason", ["", "meteor"])
def test_goods_that_were_fetched_and_then_cancelled_have_failed(reason: str) -> None:
    gone = {"pickup_time_actual": "2026-11-23T15:13:30Z", "cancellation_reason": reason}

    standing = standing_of(gone, "cancelled")

    assert (standing.status, standing.trouble) == (DeliveryStatus.FAILED, IncidentKind.OTHER)
    assert standing.raw_reason == reason


@given(
    raw=st.text(max_size=20) | st.sampled_from(sorted(STATUSES | EVENTS)),
    delivery=st.dictionaries(
        st.sampled_from(["cancellation_reason", "pickup_time_actual"]),
        st.none() | st.integers() | st.text(max_size=8) | st.lists(st.none(), max_size=2),
    ),
)
def test_nothing_that_doordash_may_send_makes_reading_fail(raw: str, delivery: dict[str, object]) -> None:
    assert standing_of(delivery, raw).status in DeliveryStatus
