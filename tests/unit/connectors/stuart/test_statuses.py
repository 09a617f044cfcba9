"""Stuart's statuses and reasons in our words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.couriers.stuart.statuses import DELIVERY_STATUSES, JOB_STATUSES, REASONS, standing_of
from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind

DELIVERIES = [
    ("pending", DeliveryStatus.BOOKED),
    ("picking", DeliveryStatus.COURIER_ASSIGNED),
    ("almost_picking", DeliveryStatus.TO_PICKUP),
    ("waiting_at_pickup", DeliveryStatus.AT_PICKUP),
    ("delivering", DeliveryStatus.OUT_FOR_DELIVERY),
    ("almost_delivering", DeliveryStatus.AT_DROPOFF),
    ("waiting_at_dropoff", DeliveryStatus.AT_DROPOFF),
    ("delivered", DeliveryStatus.DELIVERED),
    ("cancelled", DeliveryStatus.CANCELLED),
    ("package_created", DeliveryStatus.BOOKED),
    ("courier_assigned", DeliveryStatus.COURIER_ASSIGNED),
    ("courier_arriving_at_pickup", DeliveryStatus.TO_PICKUP),
    ("courier_waiting_at_pickup", DeliveryStatus.AT_PICKUP),
    ("package_delivering", DeliveryStatus.OUT_FOR_DELIVERY),
    ("courier_arriving_at_dropoff", DeliveryStatus.AT_DROPOFF),
    ("courier_waiting_at_dropoff", DeliveryStatus.AT_DROPOFF),
    ("package_delivered", DeliveryStatus.DELIVERED),
    ("package_canceled", DeliveryStatus.CANCELLED),
    ("a_status_of_next_year", DeliveryStatus.UNKNOWN),
]
JOBS = [
    ("new", DeliveryStatus.BOOKED),
    ("scheduled", DeliveryStatus.BOOKED),
    ("searching", DeliveryStatus.SEARCHING),
    ("in_progress", DeliveryStatus.COURIER_ASSIGNED),
    ("finished", DeliveryStatus.DELIVERED),
    ("canceled", DeliveryStatus.CANCELLED),
    ("expired", DeliveryStatus.FAILED),
    ("a_status_of_next_year", DeliveryStatus.UNKNOWN),
]


@pytest.mark.parametrize(("raw", "status"), DELIVERIES)
def test_every_documented_status_of_a_delivery_is_mapped(raw: str, status: DeliveryStatus) -> None:
    standing = standing_of("", {"status": raw}, is_seen=False)

    assert (standing.raw, standing.status) == (raw, status)


@pytest.mark.parametrize(("raw", "status"), JOBS)
def test_every_documented_status_of_a_job_is_mapped(raw: str, status: DeliveryStatus) -> None:
    standing = standing_of(raw, {"status": "pending"}, is_seen=False)

    assert (standing.raw, standing.status) == (raw, status)


def test_the_tables_above_leave_no_status_out() -> None:
    assert {raw for raw, _ in DELIVERIES} >= DELIVERY_STATUSES.keys()
    assert {raw for raw, _ in JOBS} >= JOB_STATUSES.keys()


@pytest.mark.parametrize(
    ("job", "delivery", "status"),
    [
        ("in_progress", "delivering", DeliveryStatus.OUT_FOR_DELIVERY),
        ("finished", "cancelled", DeliveryStatus.CANCELLED),
        ("canceled", "picking", DeliveryStatus.CANCELLED),
        ("searching", "delivered", DeliveryStatus.DELIVERED),
        ("expired", "pending", DeliveryStatus.FAILED),
        ("", "", DeliveryStatus.UNKNOWN),
    ],
)
def test_a_delivery_that_has_begun_says_more_than_its_job_unless_that_is_over(
    job: str, delivery: str, status: DeliveryStatus
) -> None:
    assert standing_of(job, {"status": delivery}, is_seen=False).status is status


@pytest.mark.parametrize("raw", ["picking", "courier_assigned"])
def test_a_courier_whom_somebody_sees_is_on_the_way(raw: str) -> None:
    assert standing_of("in_progress", {"status": raw}, is_seen=True).status is DeliveryStatus.TO_PICKUP


def test_a_job_that_expired_found_no_courier() -> None:
    assert standing_of("expired", {}, is_seen=False).trouble is IncidentKind.NO_COURIER


@pytest.mark.parametrize(("reason", "kind"), sorted(REASONS.items()))
@pytest.mark.parametrize("is_dashed", [False, True])
def test_every_known_reason_says_what_is_wrong(reason: str, kind: IncidentKind, is_dashed: bool) -> None:
    raw = reason.replace("end_customer", "end-customer") if is_dashed else reason
    delivery = {"status": "cancelled", "cancellation": {"reason_key": raw}}

    standing = standing_of("canceled", delivery, is_seen=False)

    assert (standing.trouble, standing.raw_reason) == (kind, raw)


@pytest.mark.parametrize(
    ("cancellation", "kind"),
    [
        ({"reason_key": "customer_cancellation_requested"}, None),
        ({"reason_key": "customer_cancellation_requested", "canceled_by": "stuart"}, None),
        ({"canceled_by": "client"}, None),
        ({"canceled_by": "client", "reason_key": "no_supply"}, IncidentKind.NO_COURIER),
        ({"reason_key": "meteor"}, IncidentKind.COURIER_CANCELLED),
        ({}, IncidentKind.COURIER_CANCELLED),
    ],
)
def test_who_called_off_before_the_pickup_decides_whether_it_is_an_incident(
    cancellation: dict[str, str], kind: IncidentKind | None
) -> None:
    delivery = {"status": "cancelled", "cancellation": cancellation}

    standing = standing_of("", delivery, is_seen=False)

    assert (standing.status, standing.trouble) == (DeliveryStatus.CANCELLED, kind)


@pytest.mark.parametrize(
    "delivery",
    [
        {"picked_at": "2026-11-23T16:21:00Z", "cancellation": {"reason_key": "package_damaged"}},
        {"cancellation": {"reason_key": "end-customer_refused_package"}},
    ],
)
def test_goods_that_had_left_make_it_a_failure(delivery: dict[str, object]) -> None:
    standing = standing_of("", {**delivery, "status": "cancelled"}, is_seen=False)

    assert standing.status is DeliveryStatus.FAILED


@given(
    job=st.text(max_size=12) | st.sampled_from(sorted(JOB_STATUSES)),
    delivery=st.dictionaries(
        st.sampled_from(["status", "cancellation", "picked_at"]),
        st.none() | st.integers() | st.text(max_size=8) | st.just({"reason_key": 7}),
    ),
    is_seen=st.booleans(),
)
def test_nothing_that_stuart_may_send_makes_reading_fail(
    job: str, delivery: dict[str, object], is_seen: bool
) -> None:
    assert standing_of(job, delivery, is_seen=is_seen).status in DeliveryStatus
