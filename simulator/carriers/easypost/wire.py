"""Shipments, trackers and events as EasyPost's JSON."""

from __future__ import annotations

from datetime import UTC, datetime

from simulator.carriers.easypost.journey import Scan
from simulator.carriers.easypost.ledger import (
    Json,
    RateRecord,
    ShipmentRecord,
    TrackerRecord,
    WebhookRecord,
)

MODE = "test"


def iso(at: datetime | None) -> str | None:
    """Seconds and Z."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def money(cents: int) -> str:
    """Dollars as a decimal string."""
    return f"{cents // 100}.{cents % 100:02d}"


def rate_json(rate: RateRecord, shipment: ShipmentRecord | None, created_at: datetime) -> dict[str, object]:
    """A rate; one of the beta endpoint belongs to no shipment and has no id."""
    answer: dict[str, object] = {
        "object": "Rate",
        "mode": MODE,
        "carrier": rate.service.carrier,
        "service": rate.service.name,
        "carrier_account_id": "ca_simulated",
        "rate": money(rate.cents),
        "currency": "USD",
        "retail_rate": money(rate.cents * 5 // 4),
        "retail_currency": "USD",
        "list_rate": money(rate.cents * 11 // 10),
        "list_currency": "USD",
        "billing_type": "easypost",
        "delivery_days": rate.service.days,
        "est_delivery_days": rate.service.days,
        "delivery_date": None,
        "delivery_date_guaranteed": False,
        "created_at": iso(created_at),
    }
    return answer if shipment is None else {"id": rate.id, "shipment_id": shipment.id, **answer}


def shipment_json(shipment: ShipmentRecord, base_url: str) -> dict[str, object]:
    """A shipment; `base_url` is where its label can be fetched."""
    selected, tracker = shipment.selected, shipment.tracker
    return {
        "id": shipment.id,
        "object": "Shipment",
        "mode": MODE,
        "created_at": iso(shipment.created_at),
        "updated_at": iso(shipment.updated_at),
        "reference": shipment.reference or None,
        "is_return": shipment.body.get("is_return") is True,
        "status": tracker.status if tracker else "unknown",
        "from_address": shipment.body.get("from_address"),
        "to_address": shipment.body.get("to_address"),
        "parcel": shipment.body.get("parcel"),
        "options": shipment.body.get("options"),
        "rates": [rate_json(rate, shipment, shipment.updated_at) for rate in shipment.rates],
        "messages": shipment.messages,
        "selected_rate": rate_json(selected, shipment, shipment.updated_at) if selected else None,
        "tracking_code": shipment.tracking_code,
        "tracker": tracker_json(tracker) if tracker else None,
        "postage_label": _label(shipment, base_url) if selected else None,
        "refund_status": shipment.refund_status,
        "insurance": None,
        "fees": _fees(selected) if selected else [],
    }


def tracker_json(tracker: TrackerRecord) -> dict[str, object]:
    """A tracker with its scans, oldest first."""
    return {
        "id": tracker.id,
        "object": "Tracker",
        "mode": MODE,
        "tracking_code": tracker.tracking_code,
        "status": tracker.status,
        "status_detail": tracker.status_detail,
        "created_at": iso(tracker.created_at),
        "updated_at": iso(tracker.updated_at),
        "signed_by": tracker.signed_by,
        "weight": tracker.weight_oz,
        "est_delivery_date": iso(tracker.expected_at),
        "shipment_id": tracker.shipment_id,
        "carrier": tracker.carrier,
        "tracking_details": [_scan(scan, tracker.carrier) for scan in tracker.scans],
        "finalized": tracker.is_final,
        "is_return": tracker.is_return,
        "public_url": f"https://track.invalid/{tracker.id}",
    }


def webhook_json(webhook: WebhookRecord) -> dict[str, object]:
    """A webhook; its secret is never given back."""
    return {
        "id": webhook.id,
        "object": "Webhook",
        "mode": MODE,
        "url": webhook.url,
        "created_at": iso(webhook.created_at),
        "disabled_at": iso(webhook.disabled_at),
    }


def event_json(
    event_id: str, description: str, result: Json, previous: Json, url: str, at: datetime
) -> dict[str, object]:
    """An event around its result."""
    return {
        "id": event_id,
        "object": "Event",
        "mode": MODE,
        "description": description,
        "previous_attributes": previous,
        "result": result,
        "status": "pending",
        "pending_urls": [url],
        "completed_urls": [],
        "user_id": "user_simulated",
        "created_at": iso(at),
        "updated_at": iso(at),
    }


def refund_json(shipment: ShipmentRecord) -> dict[str, object]:
    """What a refund event is about."""
    return {
        "id": shipment.id.replace("shp_", "rfnd_"),
        "object": "Refund",
        "tracking_code": shipment.tracking_code,
        "shipment_id": shipment.id,
        "status": shipment.refund_status,
        "carrier": shipment.selected.service.carrier if shipment.selected else None,
    }


def _scan(scan: Scan, carrier: str) -> dict[str, object]:
    return {
        "object": "TrackingDetail",
        "message": scan.message,
        "description": scan.message,
        "status": scan.status,
        "status_detail": scan.status_detail,
        "datetime": iso(scan.at),
        "source": carrier,
        "tracking_location": {"object": "TrackingLocation", "city": None, "state": None, "zip": None},
    }


def _label(shipment: ShipmentRecord, base_url: str) -> dict[str, object]:
    return {
        "object": "PostageLabel",
        "label_url": f"{base_url}labels/{shipment.id}.png",
        "label_pdf_url": None,
        "label_zpl_url": None,
        "label_epl2_url": None,
        "label_file_type": "image/png",
        "label_size": "4x6",
        "label_resolution": 300,
        "label_date": iso(shipment.bought_at),
    }


def _fees(selected: RateRecord) -> list[dict[str, object]]:
    amounts = {"LabelFee": "0.01000", "PostageFee": f"{money(selected.cents)}000"}
    return [
        {"object": "Fee", "type": kind, "amount": amount, "charged": True, "refunded": False}
        for kind, amount in amounts.items()
    ]
