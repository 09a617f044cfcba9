"""Uber's statuses and reasons in our words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.couriers.uber_direct.statuses import REASONS, STATUSES, standing_of
from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind

COURIER = {"name": "Robo C."}
WITH_GOODS = {"status": "completed"}

TABLE = [
    ("pending", {}, DeliveryStatus.BOOKED),
    ("pickup", {}, DeliveryStatus.COURIER_ASSIGNED),
    ("pickup", {"courier": COURIER}, DeliveryStatus.TO_PICKUP),
    ("pickup", {"courier": COURIER, "courier_imminent": True}, DeliveryStatus.AT_PICKUP),
    ("shopping_completed", {"courier": COURIER}, DeliveryStatus.AT_PICKUP),
    ("pickup_complete", {"courier": COURIER}, DeliveryStatus.PICKED_UP),
    ("dropoff", {"courier": COURIER}, DeliveryStatus.OUT_FOR_DELIVERY),
    ("dropoff", {"courier": COURIER, "courier_imminent": True}, DeliveryStatus.AT_DROPOFF),
    ("dropoff", {"undeliverable_reason": "customer_unavailable"}, DeliveryStatus.ATTEMPT_FAILED),
    ("delivered", {}, DeliveryStatus.DELIVERED),
    ("canceled", {}, DeliveryStatus.CANCELLED),
    ("canceled", {"pickup": WITH_GOODS}, DeliveryStatus.FAILED),
    ("canceled", {"undeliverable_reason": "customer_unavailable"}, DeliveryStatus.FAILED),
    ("returned", {}, DeliveryStatus.RETURNED),
    ("a_status_of_next_year", {}, DeliveryStatus.UNKNOWN),
]


@pytest.mark.parametrize(("raw", "delivery", "status"), TABLE)
def test_every_documented_status_is_mapped(
    raw: str, delivery: dict[str, object], status: DeliveryStatus
) -> None:
    assert standing_of({"id": "del_1", **delivery}, raw).status is status


def test_the_table_above_leaves_no_status_out() -> None:
    assert {raw for raw, _, _ in TABLE} >= STATUSES.keys()


@pytest.mark.parametrize("raw", ["canceled", "returned"])
def test_goods_on_their_way_back_are_returning_while_the_return_leg_rides(raw: str) -> None:
    related = {"related_deliveries": [{"id": "ret_1", "relationship": "return"}], "pickup": WITH_GOODS}

    assert standing_of({"id": "del_1", **related}, raw).status is DeliveryStatus.RETURNING


@pytest.mark.parametrize(
    ("raw", "status", "trouble"),
    [
        ("pickup", DeliveryStatus.RETURNING, None),
        ("dropoff", DeliveryStatus.RETURNING, None),
        ("delivered", DeliveryStatus.RETURNED, None),
        ("canceled", DeliveryStatus.RETURNING, IncidentKind.RETURN_OVERDUE),
        ("other", DeliveryStatus.UNKNOWN, None),
    ],
)
def test_a_return_leg_is_read_as_the_way_back(
    raw: str, status: DeliveryStatus, trouble: IncidentKind | None
) -> None:
    standing = standing_of({"id": "ret_1"}, raw)

    assert (standing.status, standing.trouble) == (status, trouble)


@pytest.mark.parametrize(("reason", "kind"), sorted(REASONS.items()))
def test_every_known_reason_says_what_is_wrong(reason: str, kind: IncidentKind) -> None:
    given_up = {
        "cancelation_reason": {"primary_reason": "UNKNOWN_CANCEL", "secondary_reason": reason.upper()}
    }

    standing = standing_of({"id": "del_1", **given_up}, "canceled")

    assert (standing.trouble, standing.raw_reason) == (kind, reason.upper())


@pytest.mark.parametrize(
    ("primary", "secondary", "kind"),
    [
        ("UBER_CANCEL", "", IncidentKind.COURIER_CANCELLED),
        ("UBER_CANCEL", "something_new", IncidentKind.COURIER_CANCELLED),
        ("UNFULFILLED", "", IncidentKind.NO_COURIER),
        ("MERCHANT_CANCEL", "cancelled_by_merchant_api", None),
        ("MERCHANT_CANCEL", "restaurant_closed", IncidentKind.MERCHANT_NOT_READY),
        ("CUSTOMER_CANCEL", "", None),
        ("", "", IncidentKind.COURIER_CANCELLED),
    ],
)
def test_who_cancelled_before_the_pickup_decides_whether_it_is_an_incident(
    primary: str, secondary: str, kind: IncidentKind | None
) -> None:
    reasons = {"primary_reason": primary, "secondary_reason": secondary}

    assert standing_of({"id": "del_1", "cancelation_reason": reasons}, "canceled").trouble is kind


def test_an_unknown_reason_after_the_pickup_is_kept_raw() -> None:
    standing = standing_of(
        {"id": "del_1", "pickup": WITH_GOODS, "undeliverable_reason": "meteor"}, "canceled"
    )

    assert (standing.trouble, standing.raw_reason) == (IncidentKind.OTHER, "meteor")


@given(
    raw=st.text(max_size=20) | st.sampled_from(sorted(STATUSES)),
    delivery=st.dictionaries(
        st.sampled_from(
            ["id", "courier", "pickup", "undeliverable_reason", "cancelation_reason", "related_deliveries"]
        ),
        st.none()
        | st.integers()
        | st.text(max_size=8)
        | st.lists(st.none() | st.just({"id": 1}), max_size=2),
    ),
)
def test_nothing_that_uber_may_send_makes_reading_fail(raw: str, delivery: dict[str, object]) -> None:
    assert standing_of(delivery, raw).status in DeliveryStatus
