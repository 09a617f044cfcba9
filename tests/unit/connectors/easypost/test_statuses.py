"""EasyPost's tracker statuses and details in our words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.parcel.easypost.statuses import STATUSES, TROUBLES, standing_of
from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind

# (status, status_detail, finalized, ours)
TABLE = [
    ("unknown", "unknown", False, DeliveryStatus.BOOKED),
    ("pre_transit", "label_created", False, DeliveryStatus.LABEL_READY),
    ("in_transit", "received_at_origin_facility", False, DeliveryStatus.PICKED_UP),
    ("in_transit", "departed_facility", False, DeliveryStatus.IN_TRANSIT),
    ("out_for_delivery", "out_for_delivery", False, DeliveryStatus.OUT_FOR_DELIVERY),
    ("delivered", "arrived_at_destination", True, DeliveryStatus.DELIVERED),
    ("available_for_pickup", "arrived_at_pickup_location", False, DeliveryStatus.READY_FOR_COLLECTION),
    ("return_to_sender", "refused", False, DeliveryStatus.RETURNING),
    ("return_to_sender", "return", True, DeliveryStatus.RETURNED),
    ("failure", "delivery_exception", False, DeliveryStatus.ATTEMPT_FAILED),
    ("failure", "refused", False, DeliveryStatus.ATTEMPT_FAILED),
    ("failure", "delivery_exception", True, DeliveryStatus.FAILED),
    ("failure", "lost", False, DeliveryStatus.FAILED),
    ("failure", "damaged", False, DeliveryStatus.FAILED),
    ("cancelled", "cancelled", True, DeliveryStatus.CANCELLED),
    ("error", "unknown", False, DeliveryStatus.UNKNOWN),
    ("a_status_of_next_year", "unknown", False, DeliveryStatus.UNKNOWN),
]


@pytest.mark.parametrize(("status", "detail", "is_final", "ours"), TABLE)
def test_every_documented_status_is_mapped(
    status: str, detail: str, is_final: bool, ours: DeliveryStatus
) -> None:
    assert standing_of({"status": status, "status_detail": detail, "finalized": is_final}).status is ours


def test_the_table_above_leaves_no_status_out() -> None:
    assert {status for status, *_ in TABLE} >= STATUSES.keys()


@pytest.mark.parametrize(("detail", "kind"), sorted(TROUBLES.items()))
def test_every_documented_detail_says_whether_something_is_wrong(
    detail: str, kind: IncidentKind | None
) -> None:
    standing = standing_of({"status": "in_transit", "status_detail": detail})

    assert standing.trouble is kind
    assert standing.raw_reason == (detail if kind else "")


@pytest.mark.parametrize("status", ["delivered", "cancelled", "available_for_pickup"])
def test_what_went_wrong_on_the_way_is_over_once_the_parcel_is_there(status: str) -> None:
    assert standing_of({"status": status, "status_detail": "delayed"}).trouble is None


def test_a_failure_is_always_an_incident() -> None:
    assert standing_of({"status": "failure", "status_detail": "of_next_year"}).trouble is IncidentKind.OTHER


@given(
    st.dictionaries(
        st.sampled_from(["status", "status_detail", "finalized"]),
        st.none() | st.integers() | st.text(max_size=6) | st.sampled_from([*STATUSES, *TROUBLES]),
    )
)
def test_nothing_that_easypost_may_send_makes_reading_fail(tracker: dict[str, object]) -> None:
    assert standing_of(tracker).status in DeliveryStatus
