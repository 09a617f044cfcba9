"""The six carriers' statuses in our words; karrio's own tables take the unknown for in transit."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.parcel.karrio.carriers import (
    canada_post_words,
    fedex_words,
    mydhl_words,
    purolator_words,
    ups_words,
    usps_words,
)
from connectors.parcel.karrio.dialect import Standing
from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind

S, K = DeliveryStatus, IncidentKind


def fedex(code: str, reason: str) -> Standing:
    return fedex_words.standing_of(code, (reason,) if reason else ())


def dhl(code: str, _: str) -> Standing:
    return mydhl_words.standing_of(code)


def canada(code: str, _: str) -> Standing:
    return canada_post_words.standing_of(code)


Read = Callable[[str, str], Standing]

# (reader, code, second code or text, ours, trouble)
TABLE: list[tuple[Read, str, str, DeliveryStatus, IncidentKind | None]] = [
    (ups_words.standing_of, "M", "MP", S.LABEL_READY, None),
    (ups_words.standing_of, "MV", "VP", S.CANCELLED, None),
    (ups_words.standing_of, "P", "OR", S.PICKED_UP, None),
    (ups_words.standing_of, "I", "DP", S.IN_TRANSIT, None),
    (ups_words.standing_of, "I", "OR", S.PICKED_UP, None),
    (ups_words.standing_of, "W", "", S.IN_TRANSIT, None),
    (ups_words.standing_of, "O", "OT", S.OUT_FOR_DELIVERY, None),
    (ups_words.standing_of, "I", "2Q", S.READY_FOR_COLLECTION, None),
    (ups_words.standing_of, "D", "FS", S.DELIVERED, None),
    (ups_words.standing_of, "D", "48", S.DELIVERED, None),
    (ups_words.standing_of, "X", "48", S.ATTEMPT_FAILED, K.RECIPIENT_UNAVAILABLE),
    (ups_words.standing_of, "X", "22", S.ATTEMPT_FAILED, K.REFUSED),
    (ups_words.standing_of, "X", "A3", S.IN_TRANSIT, K.DAMAGED),
    (ups_words.standing_of, "X", "P5", S.IN_TRANSIT, K.LOST),
    (ups_words.standing_of, "X", "FU", S.IN_TRANSIT, K.WEATHER),
    (ups_words.standing_of, "X", "of-next-year", S.IN_TRANSIT, K.OTHER),
    (ups_words.standing_of, "RS", "", S.RETURNING, None),
    (ups_words.standing_of, "NA", "", S.UNKNOWN, None),
    (ups_words.standing_of, "of-next-year", "", S.UNKNOWN, None),
    (fedex, "OC", "", S.LABEL_READY, None),
    (fedex, "PU", "", S.PICKED_UP, None),
    (fedex, "IT", "", S.IN_TRANSIT, None),
    (fedex, "OD", "", S.OUT_FOR_DELIVERY, None),
    (fedex, "HL", "", S.READY_FOR_COLLECTION, None),
    (fedex, "DL", "08", S.DELIVERED, None),
    (fedex, "DE", "", S.ATTEMPT_FAILED, K.RECIPIENT_UNAVAILABLE),
    (fedex, "DE", "07", S.ATTEMPT_FAILED, K.REFUSED),
    (fedex, "DE", "03", S.ATTEMPT_FAILED, K.ADDRESS_PROBLEM),
    (fedex, "SE", "", S.IN_TRANSIT, K.OTHER),
    (fedex, "SE", "71", S.IN_TRANSIT, K.WEATHER),
    (fedex, "CD", "", S.IN_TRANSIT, K.CUSTOMS),
    (fedex, "DY", "", S.IN_TRANSIT, K.LATE_RISK),
    (fedex, "RS", "", S.RETURNING, K.OTHER),
    (fedex, "CA", "", S.CANCELLED, None),
    (fedex, "of-next-year", "", S.UNKNOWN, None),
    (usps_words.standing_of, "Pre-Shipment", "GX", S.LABEL_READY, None),
    (usps_words.standing_of, "Accepted", "03", S.PICKED_UP, None),
    (usps_words.standing_of, "In Transit", "10", S.IN_TRANSIT, None),
    (usps_words.standing_of, "Out for Delivery", "OF", S.OUT_FOR_DELIVERY, None),
    (usps_words.standing_of, "Delivered", "01", S.DELIVERED, None),
    (usps_words.standing_of, "Available for Pickup", "14", S.READY_FOR_COLLECTION, None),
    (usps_words.standing_of, "Delivery Attempt", "02", S.ATTEMPT_FAILED, K.RECIPIENT_UNAVAILABLE),
    (usps_words.standing_of, "Alert", "04", S.RETURNING, K.REFUSED),
    (usps_words.standing_of, "Alert", "05", S.RETURNING, K.ADDRESS_PROBLEM),
    (usps_words.standing_of, "Alert", "", S.IN_TRANSIT, K.OTHER),
    (usps_words.standing_of, "Return to Sender", "29", S.RETURNING, None),
    (usps_words.standing_of, "Arriving Late", "", S.IN_TRANSIT, K.LATE_RISK),
    (usps_words.standing_of, "", "01", S.DELIVERED, None),
    (usps_words.standing_of, "of-next-year", "01", S.UNKNOWN, None),
    (usps_words.standing_of, "", "of-next-year", S.UNKNOWN, None),
    (dhl, "PU", "", S.PICKED_UP, None),
    (dhl, "DF", "", S.IN_TRANSIT, None),
    # karrio takes both for failed deliveries; they are clearance events.
    (dhl, "CR", "", S.IN_TRANSIT, None),
    (dhl, "CD", "", S.IN_TRANSIT, K.CUSTOMS),
    (dhl, "WC", "", S.OUT_FOR_DELIVERY, None),
    (dhl, "OK", "", S.DELIVERED, None),
    (dhl, "CC", "", S.READY_FOR_COLLECTION, None),
    (dhl, "NH", "", S.ATTEMPT_FAILED, K.RECIPIENT_UNAVAILABLE),
    (dhl, "RD", "", S.ATTEMPT_FAILED, K.REFUSED),
    (dhl, "BA", "", S.IN_TRANSIT, K.ADDRESS_PROBLEM),
    (dhl, "WX", "", S.IN_TRANSIT, K.WEATHER),
    (dhl, "RT", "", S.RETURNING, None),
    (dhl, "of-next-year", "", S.UNKNOWN, None),
    (canada, "3000", "", S.LABEL_READY, None),
    (canada, "2300", "", S.PICKED_UP, None),
    (canada, "0170", "", S.IN_TRANSIT, None),
    (canada, "170", "", S.IN_TRANSIT, None),
    (canada, "0174", "", S.OUT_FOR_DELIVERY, None),
    (canada, "1408", "", S.DELIVERED, None),
    (canada, "1701", "", S.READY_FOR_COLLECTION, None),
    (canada, "1420", "", S.RETURNING, K.REFUSED),
    (canada, "0160", "", S.IN_TRANSIT, K.LATE_RISK),
    (canada, "of-next-year", "", S.UNKNOWN, None),
    (purolator_words.standing_of, "Other", "Shipment created", S.LABEL_READY, None),
    (purolator_words.standing_of, "ProofOfPickUp", "Picked up", S.PICKED_UP, None),
    (purolator_words.standing_of, "Other", "Departed sort facility", S.IN_TRANSIT, None),
    (purolator_words.standing_of, "OnDelivery", "On vehicle", S.OUT_FOR_DELIVERY, None),
    (purolator_words.standing_of, "Delivery", "Shipment refused at first", S.DELIVERED, None),
    (purolator_words.standing_of, "Undeliverable", "Refused by receiver", S.ATTEMPT_FAILED, K.REFUSED),
    (
        purolator_words.standing_of,
        "Undeliverable",
        "Receiver not home",
        S.ATTEMPT_FAILED,
        K.RECIPIENT_UNAVAILABLE,
    ),
    (purolator_words.standing_of, "Undeliverable", "", S.ATTEMPT_FAILED, K.OTHER),
    (purolator_words.standing_of, "Other", "Available for pickup", S.READY_FOR_COLLECTION, None),
    (purolator_words.standing_of, "Other", "Returned to sender", S.RETURNING, None),
    (purolator_words.standing_of, "of-next-year", "", S.UNKNOWN, None),
]


@pytest.mark.parametrize(("read", "code", "more", "ours", "trouble"), TABLE)
def test_statuses_are_read_in_our_words(
    read: Read, code: str, more: str, ours: DeliveryStatus, trouble: IncidentKind | None
) -> None:
    standing = read(code, more)

    assert (standing.status, standing.trouble) == (ours, trouble)
    assert bool(standing.raw_reason) == (trouble is not None)


WHOLE: list[tuple[Read, list[str]]] = [
    (ups_words.standing_of, sorted(ups_words.TYPES)),
    (fedex, sorted(fedex_words.STATUSES)),
    (usps_words.standing_of, sorted(usps_words.CATEGORIES)),
    (dhl, sorted(mydhl_words.EVENTS)),
    (canada, sorted(canada_post_words.EVENTS)),
    (purolator_words.standing_of, sorted(purolator_words.SCANS)),
]


@pytest.mark.parametrize(("read", "codes"), WHOLE, ids=["ups", "fedex", "usps", "dhl", "canada", "purolator"])
def test_every_documented_code_has_a_place(read: Read, codes: list[str]) -> None:
    unplaced = [code for code in codes if read(code, "").status is S.UNKNOWN]

    # UPS's own word for "not available".
    assert unplaced == (["NA"] if "NA" in codes and "MV" in codes else [])


@pytest.mark.parametrize(
    "read", [read for read, _ in WHOLE], ids=["ups", "fedex", "usps", "dhl", "canada", "purolator"]
)
@given(code=st.text(max_size=8), more=st.text(max_size=20))
def test_nothing_that_a_carrier_may_send_makes_reading_fail(read: Read, code: str, more: str) -> None:
    assert read(code, more).status in DeliveryStatus
