"""ShipEngine API 1.1.202604 (its published OpenAPI of April 2026): labels and tracking, as they come back.

A booking goes by its tracking number. Webhooks of the first generation name neither label nor shipment, and
their carrier code may be another than the label's ("usps" beside "stamps_com"), so nothing else is common to
everything that ShipEngine says of a parcel. A label that is not tracked goes by its own id.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, time, timedelta

from connectors.parcel.shipengine.charges import LABEL_PARTS, total_of
from connectors.parcel.shipengine.statuses import standing_of
from doorstep.booking import Booking, CarrierUpdate
from doorstep.delivery_status import TERMINAL, DeliveryStatus
from doorstep.json_reading import Json, child, children, instant, text
from doorstep.money import Money

LABEL_IDS = "se-"
"""What the ids of labels begin with."""

BEFORE_TRACKING: dict[str, DeliveryStatus] = {
    "processing": DeliveryStatus.BOOKED,
    "completed": DeliveryStatus.LABEL_READY,
    "error": DeliveryStatus.FAILED,
    "voided": DeliveryStatus.CANCELLED,
}
"""Every documented status of a label, as long as no carrier has said anything of the parcel."""

_END_OF_DAY = timedelta(days=1) - timedelta(seconds=1)


def booking_id(label: Json) -> str:
    """What a booking goes by."""
    return text(label, "tracking_number") or text(label, "label_id")


def is_void(label: Json) -> bool:
    """Whether the label was given back."""
    return label.get("voided") is True or text(label, "status") == "voided"


def is_bought(label: Json) -> bool:
    """Whether there is a label, and it still counts."""
    return bool(text(label, "label_id")) and text(label, "status") != "error" and not is_void(label)


def read_booking(label: Json, quoted: Money) -> Booking:
    """A booking from its label; `quoted` stands in where it names no cost."""
    status = text(label, "status")
    return Booking(
        external_id=booking_id(label),
        status=BEFORE_TRACKING.get(status, DeliveryStatus.UNKNOWN),
        raw_status=status,
        price=total_of(label, LABEL_PARTS) or quoted,
        tracking_number=text(label, "tracking_number"),
        tracking_url=text(label, "tracking_url"),
        label_url=label_url(label),
    )


def read_label(label: Json, external_id: str) -> CarrierUpdate:
    """Where a label stands before anybody tracks it, or after it was voided."""
    status = "voided" if is_void(label) else text(label, "status")
    at = instant(label, "voided_at") if status == "voided" else instant(label, "created_at")
    return CarrierUpdate(
        source_event_id=f"{external_id}:{status}",
        external_id=external_id,
        status=BEFORE_TRACKING.get(status, DeliveryStatus.UNKNOWN),
        raw_status=status,
        occurred_at=at or datetime.now(UTC),
        tracking_number=text(label, "tracking_number"),
        tracking_url=text(label, "tracking_url"),
        label_url=label_url(label),
    )


def read_tracking(
    tracking: Json, *, external_id: str, fallback_at: datetime, label_url: str = ""
) -> CarrierUpdate:
    """What a TrackingInformation says; its newest scan gives the instant."""
    standing = standing_of(tracking)
    eta = None if standing.status in TERMINAL else _expected(tracking)
    return CarrierUpdate(
        source_event_id=_digest(tracking, external_id),
        external_id=external_id,
        status=standing.status,
        raw_status=standing.raw_status,
        occurred_at=_newest(tracking) or instant(tracking, "actual_delivery_date") or fallback_at,
        tracking_number=text(tracking, "tracking_number"),
        tracking_url=text(tracking, "tracking_url"),
        label_url=label_url,
        dropoff_eta=eta,
        trouble=standing.trouble,
        raw_reason=standing.raw_reason,
    )


def label_url(label: Json) -> str:
    """Where the label can be fetched; "" where it only comes inside the answer."""
    download = child(label, "label_download")
    url = text(download, "pdf") or text(download, "href")
    return "" if url.startswith("data:") else url


def _newest(tracking: Json) -> datetime | None:
    """ShipEngine lists the newest scan first; the instants decide all the same."""
    scans = [instant(scan, "occurred_at") for scan in children(tracking, "events")]
    return max((at for at in scans if at is not None), default=None)


def _expected(tracking: Json) -> datetime | None:
    """A bare day is meant as its end: parcels come until the evening."""
    at = instant(tracking, "estimated_delivery_date")
    return at + _END_OF_DAY if at is not None and at.time() == time() else at


def _digest(tracking: Json, external_id: str) -> str:
    """The same for a repeat: neither webhooks nor scans have ids of their own."""
    newest = _newest(tracking)
    names = ("status_code", "status_detail_code", "carrier_status_code", "estimated_delivery_date")
    said = [external_id, *(text(tracking, name) for name in names), newest.isoformat() if newest else ""]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:40]
