"""ShipEngine's tracking codes in our words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.parcel.shipengine.statuses import DETAILS, STATUSES, standing_of
from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind

# (status, detail, ours, trouble)
TABLE: list[tuple[str, str, DeliveryStatus, IncidentKind | None]] = [
    ("UN", "", DeliveryStatus.UNKNOWN, None),
    ("NY", "", DeliveryStatus.LABEL_READY, None),
    ("NY", "SHIPMENT_CREATED", DeliveryStatus.LABEL_READY, None),
    ("AC", "", DeliveryStatus.PICKED_UP, None),
    ("AC", "ELEC_ADVICE_RECD_BY_CARRIER", DeliveryStatus.LABEL_READY, None),
    ("AC", "RECEIVED_BY_CARRIER", DeliveryStatus.PICKED_UP, None),
    ("IT", "", DeliveryStatus.IN_TRANSIT, None),
    ("IT", "PICKED_UP", DeliveryStatus.PICKED_UP, None),
    ("IT", "HUB_SCAN_IN", DeliveryStatus.IN_TRANSIT, None),
    ("IT", "OUT_FOR_DELIVERY", DeliveryStatus.OUT_FOR_DELIVERY, None),
    ("IT", "CUSTOMS_CLEARED", DeliveryStatus.IN_TRANSIT, None),
    ("IT", "INFORMATION", DeliveryStatus.IN_TRANSIT, None),
    ("IT", "OF_NEXT_YEAR", DeliveryStatus.IN_TRANSIT, None),
    ("AT", "", DeliveryStatus.ATTEMPT_FAILED, IncidentKind.OTHER),
    ("AT", "CUSTOMER_CARDED", DeliveryStatus.ATTEMPT_FAILED, IncidentKind.RECIPIENT_UNAVAILABLE),
    ("AT", "ATTEMPTED_DELIVERY_FINAL", DeliveryStatus.ATTEMPT_FAILED, IncidentKind.SECOND_FAILED_ATTEMPT),
    ("SP", "", DeliveryStatus.READY_FOR_COLLECTION, None),
    ("SP", "DELIVERED_TO_LOCKER_COLLECTION_POINT", DeliveryStatus.READY_FOR_COLLECTION, None),
    ("EX", "", DeliveryStatus.IN_TRANSIT, IncidentKind.OTHER),
    ("EX", "OF_NEXT_YEAR", DeliveryStatus.IN_TRANSIT, IncidentKind.OTHER),
    ("EX", "INFORMATION", DeliveryStatus.IN_TRANSIT, IncidentKind.OTHER),
    ("EX", "CARRIER_DELAYS", DeliveryStatus.IN_TRANSIT, IncidentKind.LATE_RISK),
    ("EX", "HELD_BY_CUSTOMS", DeliveryStatus.IN_TRANSIT, IncidentKind.CUSTOMS),
    ("EX", "ADDRESS_QUERY", DeliveryStatus.IN_TRANSIT, IncidentKind.ADDRESS_PROBLEM),
    ("EX", "REFUSED_BY_CUSTOMER", DeliveryStatus.RETURNING, IncidentKind.REFUSED),
    ("EX", "NOT_DELIVERED", DeliveryStatus.RETURNING, IncidentKind.RECIPIENT_UNAVAILABLE),
    ("EX", "PARCEL_LOST", DeliveryStatus.FAILED, IncidentKind.LOST),
    ("EX", "PARCEL_DAMAGED", DeliveryStatus.RETURNING, IncidentKind.DAMAGED),
    ("EX", "CANCELLED", DeliveryStatus.CANCELLED, None),
    ("EX", "AWAITING_COLLECTION_FROM_PICKUP_POINT", DeliveryStatus.READY_FOR_COLLECTION, None),
    ("UN", "TRACKING_EXPIRED", DeliveryStatus.UNKNOWN, IncidentKind.STALLED),
    ("DE", "", DeliveryStatus.DELIVERED, None),
    ("DE", "DELIVERED_TO_NEIGHBOUR", DeliveryStatus.DELIVERED, None),
    ("DE", "DELIVERED_DAMAGED", DeliveryStatus.DELIVERED, IncidentKind.DAMAGED),
    ("DE", "DELIVERED_IN_PART", DeliveryStatus.DELIVERED, IncidentKind.ITEM_MISMATCH),
    ("DE", "RETURN_TO_SENDER", DeliveryStatus.RETURNED, IncidentKind.OTHER),
    # The last scan before the door says nothing against the door.
    ("DE", "OUT_FOR_DELIVERY", DeliveryStatus.DELIVERED, None),
    ("DE", "CUSTOMER_CARDED", DeliveryStatus.DELIVERED, None),
    ("XX", "", DeliveryStatus.UNKNOWN, None),
    ("XX", "OF_NEXT_YEAR", DeliveryStatus.UNKNOWN, None),
    ("", "", DeliveryStatus.UNKNOWN, None),
]


@pytest.mark.parametrize(("code", "detail", "ours", "trouble"), TABLE)
def test_a_status_and_its_detail_are_mapped(
    code: str, detail: str, ours: DeliveryStatus, trouble: IncidentKind | None
) -> None:
    standing = standing_of({"status_code": code, "status_detail_code": detail or None})

    assert (standing.status, standing.trouble) == (ours, trouble)
    assert standing.raw_status == (f"{code}.{detail}" if detail else code)
    assert standing.raw_reason == ((detail or code) if trouble else "")


def test_the_table_above_leaves_no_status_out() -> None:
    assert {code for code, *_ in TABLE} >= STATUSES.keys()


# Documented detail codes of both generations of the API.
DOCUMENTED = frozenset(
    "ADDRESS_QUERY ATTEMPTED_DELIVERY ATTEMPTED_DELIVERY_2ND ATTEMPTED_DELIVERY_3RD ATTEMPTED_DELIVERY_FINAL "
    "AWAITING_COLLECTION_FROM_PICKUP_POINT AWAITING_DESPATCH AWAITING_ELECTRONIC_ADVICE "
    "AWAITING_PICKUP_DROP_OFF CANCELLED CANCELLED_BEFORE_DESPATCH CARRIER_DELAYS CARRIER_STATUS_NOT_MAPPED "
    "COD_AMOUNT_NOT_PAID COD_AMOUNT_PAID COLLECTION_FAILED COLLECTION_MADE COLLECTION_REQUESTED "
    "COLLECT_AT_LOCAL_PO CUSTOMER_CARDED CUSTOMER_IDENTIFICATION_FAILED CUSTOMER_MOVED "
    "CUSTOMER_TO_COLLECT_FROM_CARRIER CUSTOMS_CLEARED CUSTOMS_PROCESSING DELAYED_NOT_CARRIER DELIVERED "
    "DELIVERED_DAMAGED DELIVERED_IN_PART DELIVERED_SPECIFIED_SAFE_PLACE "
    "DELIVERED_TO_ALTERNATIVE_DELIVERY_LOCATION DELIVERED_TO_LOCKER_COLLECTION_POINT DELIVERED_TO_NEIGHBOUR "
    "DELIVERED_TO_PO_BOX DELIVERY_ARRANGED_WITH_RECIPIENT DELIVERY_RESCHEDULED DELIVERY_SCHEDULED DESPATCHED "
    "DROPPED_OFF ELEC_ADVICE_RECD_BY_CARRIER HAZARDOUS_PROHIBITED HELD_BY_CARRIER "
    "HELD_BY_CARRIER_FOR_CLEARANCE_PRE_PROCESSING HELD_BY_CUSTOMS HELD_BY_EXPORT_CUSTOMS "
    "HELD_BY_IMPORT_CUSTOMS HUB_PROCESSING HUB_SCAN_IN HUB_SCAN_OUT INCORRECT_DECLARATION INFORMATION "
    "INVALID_METHOD_OF_PAYMENT IN_TRANSIT MISSORTED NOT_COLLECTED_FROM_PICKUP_POINT NOT_DELIVERED "
    "NOT_DELIVERED_ADDRESSEE_DECEASED NOT_YET_RECEIVED_BY_CARRIER NO_ACCESS_TO_RECIPIENTS_ADDRESS "
    "OUT_FOR_DELIVERY PARCEL_COLLECTED_FROM_PICKUP_POINT PARCEL_DAMAGED PARCEL_DISPOSED PARCEL_LOST "
    "PARCEL_OUTSIDE_OF_SERVICE_CAPABILITY PARCEL_OVER_LABELLED PARCEL_REDIRECTED PARCEL_REPACKED "
    "PARCEL_UPDATE_NOTIFICATION PARCEL_UPDATE_NOTIFICATION_VIA_EMAIL PARCEL_UPDATE_NOTIFICATION_VIA_SMS "
    "PICKED_UP POST_TRANSIT_STATUS PROOF_OF_DELIVERY RECD_BY_CARRIER_NO_ELEC_ADVICE RECEIVED_BY_CARRIER "
    "RECEIVED_LOCAL_DELIVERY_DEPOT REFUSED_BY_CUSTOMER RETURN_TO_SENDER ROUTING_ERROR SHIPMENT_CREATED "
    "SUB_CONTRACTOR_EVENT SUB_CONTRACTOR_RECEIVED TRACKING_EXPIRED".split()
)


def test_every_documented_detail_is_mapped_and_no_other() -> None:
    assert DETAILS.keys() == DOCUMENTED


@pytest.mark.parametrize("detail", sorted(DETAILS))
def test_a_detail_means_the_same_beside_every_parcel_on_its_way(detail: str) -> None:
    known = DETAILS[detail]
    standing = standing_of({"status_code": "IT", "status_detail_code": detail})

    assert standing.status is (known.status or DeliveryStatus.IN_TRANSIT)
    assert standing.trouble is known.trouble


@given(
    st.sampled_from([*STATUSES, "", "XX"]) | st.text(max_size=3),
    st.sampled_from(sorted(DETAILS)) | st.text(max_size=5) | st.none(),
)
def test_delivered_is_never_undone_by_a_detail(code: str, detail: str | None) -> None:
    standing = standing_of({"status_code": code, "status_detail_code": detail})

    over = {
        DeliveryStatus.DELIVERED,
        DeliveryStatus.RETURNED,
        DeliveryStatus.READY_FOR_COLLECTION,
        DeliveryStatus.CANCELLED,
    }
    assert code != "DE" or standing.status in over
    assert bool(standing.raw_reason) is (standing.trouble is not None)
