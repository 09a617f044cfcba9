"""Lalamove's statuses in our words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.couriers.lalamove.statuses import PROOFS, STATUSES, dropoff_of, proof_status, standing_of
from doorstep.delivery_status import DeliveryStatus, advance
from doorstep.incident import IncidentKind

TABLE = [
    ("ASSIGNING_DRIVER", DeliveryStatus.BOOKED, None),
    ("ON_GOING", DeliveryStatus.TO_PICKUP, None),
    ("PICKED_UP", DeliveryStatus.PICKED_UP, None),
    ("DELIVERING", DeliveryStatus.OUT_FOR_DELIVERY, None),
    ("COMPLETED", DeliveryStatus.DELIVERED, None),
    ("CANCELED", DeliveryStatus.CANCELLED, None),
    ("REJECTED", DeliveryStatus.FAILED, IncidentKind.NO_COURIER),
    ("EXPIRED", DeliveryStatus.FAILED, IncidentKind.NO_COURIER),
    ("A_STATUS_OF_NEXT_YEAR", DeliveryStatus.UNKNOWN, None),
    ("", DeliveryStatus.UNKNOWN, None),
]


@pytest.mark.parametrize(("raw", "status", "trouble"), TABLE)
def test_every_documented_status_is_mapped(
    raw: str, status: DeliveryStatus, trouble: IncidentKind | None
) -> None:
    standing = standing_of(raw)

    assert (standing.status, standing.trouble) == (status, trouble)


def test_the_table_above_leaves_no_status_out() -> None:
    assert {raw for raw, _, _ in TABLE} >= STATUSES.keys()


def test_a_driver_who_gives_up_sends_the_order_back_to_searching() -> None:
    standing = standing_of("ASSIGNING_DRIVER", previous="ON_GOING")

    assert (standing.status, standing.trouble) == (DeliveryStatus.SEARCHING, IncidentKind.COURIER_CANCELLED)
    assert advance(DeliveryStatus.TO_PICKUP, standing.status) is DeliveryStatus.SEARCHING


def test_goods_that_a_driver_gave_back_need_a_person() -> None:
    standing = standing_of("ASSIGNING_DRIVER", previous="PICKED_UP")

    assert (standing.trouble, standing.raw_reason) == (IncidentKind.OTHER, "searching again after PICKED_UP")


@pytest.mark.parametrize(
    ("proof", "status"),
    [
        ("PENDING", DeliveryStatus.DELIVERED),
        ("DELIVERED", DeliveryStatus.DELIVERED),
        ("SIGNED", DeliveryStatus.DELIVERED),
        ("FAILED", DeliveryStatus.ATTEMPT_FAILED),
        ("", DeliveryStatus.DELIVERED),
    ],
)
def test_an_order_that_is_completed_without_a_handover_was_not_delivered(
    proof: str, status: DeliveryStatus
) -> None:
    assert standing_of("COMPLETED", proof=proof).status is status


def test_every_documented_proof_is_known() -> None:
    assert set(PROOFS) == {"PENDING", "DELIVERED", "SIGNED", "FAILED"}


@pytest.mark.parametrize(
    ("party", "trouble"),
    [("", None), ("USER", None), ("LALAMOVE_CUSTOMER_SUPPORT", IncidentKind.COURIER_CANCELLED)],
)
def test_who_cancelled_decides_whether_it_is_an_incident(party: str, trouble: IncidentKind | None) -> None:
    standing = standing_of("CANCELED", cancelled_by=party)

    assert (standing.status, standing.trouble) == (DeliveryStatus.CANCELLED, trouble)


@given(
    st.dictionaries(
        st.sampled_from(["stops", "POD", "status"]),
        st.none()
        | st.integers()
        | st.text(max_size=5)
        | st.lists(st.just({"POD": {"status": 7}}), max_size=3),
    )
)
def test_nothing_that_an_order_may_hold_makes_reading_fail(order: dict[str, object]) -> None:
    assert isinstance(dropoff_of(order), dict)
    assert proof_status(order) == ""
