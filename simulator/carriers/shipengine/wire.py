"""Carriers, rates, labels and tracking as ShipEngine's JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from simulator.carriers.shipengine.journey import Scan, next_working_day
from simulator.carriers.shipengine.ledger import LabelRecord, RateRecord, ShipmentRecord, WebhookRecord
from simulator.carriers.shipengine.tariff import ACCOUNTS, Account, Offer

_WORDS = {
    "NY": "Not Yet In System",
    "AC": "Accepted",
    "IT": "In Transit",
    "DE": "Delivered",
    "EX": "Exception",
    "AT": "Delivery Attempt",
    "SP": "Delivered To Collection Location",
    "UN": "Unknown",
}
# Trackers speak of the post and not of who sold its label.
_TRACKED_AS = {"stamps_com": "usps"}


def iso(at: datetime | None) -> str | None:
    """Seconds and Z."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def money(cents: int) -> dict[str, object]:
    """A JSON number, and the currency in lower case."""
    return {"currency": "usd", "amount": cents / 100}


def carriers_json(failures: list[tuple[Account, str]]) -> dict[str, object]:
    """All accounts but those that failed."""
    failed = {account.id for account, _ in failures}
    return {
        "carriers": [_carrier(account) for account in ACCOUNTS if account.id not in failed],
        "request_id": "00000000-0000-0000-0000-000000000000",
        "errors": [failure_json(account, words) for account, words in failures],
    }


def failure_json(account: Account, words: str) -> dict[str, object]:
    """One carrier's failure inside an answer that is a yes."""
    is_away = "timed out" in words
    return {
        "error_source": "carrier",
        "error_type": "integrations" if is_away else "business_rules",
        "error_code": "timeout" if is_away else "unspecified",
        "message": words,
        "carrier_id": account.id,
        "carrier_code": account.code,
        "carrier_name": account.name,
    }


def rate_json(offer: Offer, rate_id: str, now: datetime) -> dict[str, object]:
    """A rate; an estimate belongs to no shipment and has no id."""
    account, service = offer.account, offer.service
    day = now.date()
    for _ in range(service.days):
        day = next_working_day(day)
    answer: dict[str, object] = {
        "rate_type": "shipment",
        "carrier_id": account.id,
        "carrier_code": account.code,
        "carrier_nickname": f"{account.name} account",
        "carrier_friendly_name": account.name,
        "service_code": service.code,
        "service_type": service.name,
        "package_type": offer.packaging,
        "shipping_amount": money(offer.shipping_cents),
        "insurance_amount": money(0),
        "confirmation_amount": money(offer.confirmation_cents),
        "other_amount": money(offer.other_cents),
        "zone": offer.zone,
        "delivery_days": service.days,
        "carrier_delivery_days": str(service.days),
        "estimated_delivery_date": f"{day.isoformat()}T00:00:00Z",
        "ship_date": f"{now.date().isoformat()}T00:00:00Z",
        "guaranteed_service": service.is_guaranteed,
        "negotiated_rate": False,
        "trackable": True,
        "validation_status": "invalid" if offer.obstacle else "valid",
        "warning_messages": [],
        "error_messages": [offer.obstacle] if offer.obstacle else [],
        "rate_attributes": [],
    }
    return {"rate_id": rate_id, **answer} if rate_id else answer


def rated_json(
    shipment: ShipmentRecord, rates: list[RateRecord], failures: list[tuple[Account, str]], now: datetime
) -> dict[str, object]:
    """A shipment with its rates; what failed stands beside them."""
    written = {rate.id: rate_json(rate.offer, rate.id, now) for rate in rates}
    valid = [written[rate.id] for rate in rates if not rate.offer.obstacle]
    return {
        "shipment_id": shipment.id,
        "external_shipment_id": shipment.external_id,
        "created_at": iso(shipment.created_at),
        "shipment_status": "pending",
        "rate_response": {
            "rates": valid,
            "invalid_rates": [written[rate.id] for rate in rates if rate.offer.obstacle],
            "rate_request_id": f"{shipment.id}1",
            "shipment_id": shipment.id,
            "created_at": iso(now),
            "status": ("partial" if failures else "completed") if valid else "error",
            "errors": [failure_json(account, words) for account, words in failures],
        },
    }


def label_json(label: LabelRecord, base_url: str) -> dict[str, object]:
    """A label; `base_url` is where it can be fetched."""
    offer, latest = label.offer, label.latest
    progress = {"NY": "unknown", "DE": "delivered", "EX": "error"}
    return {
        "label_id": label.id,
        "status": "voided" if label.voided_at else "completed",
        "shipment_id": label.shipment.id,
        "external_shipment_id": label.shipment.external_id,
        "rate_id": label.rate_id or None,
        "ship_date": iso(label.bought_at),
        "created_at": iso(label.bought_at),
        "shipment_cost": money(offer.cents),
        "insurance_cost": money(0),
        "tracking_number": label.tracking_number,
        "tracking_status": progress.get(latest.status_code, "in_transit") if latest else "unknown",
        "tracking_url": f"https://track.invalid/{label.tracking_number}",
        "trackable": True,
        "is_return_label": label.is_return,
        "rma_number": label.rma_number or None,
        "test_label": False,
        "carrier_id": offer.account.id,
        "carrier_code": offer.account.code,
        "service_code": offer.service.code,
        "package_code": offer.packaging,
        "voided": label.voided_at is not None,
        "voided_at": iso(label.voided_at),
        "label_format": "pdf",
        "label_layout": "4x6",
        "charge_event": label.charge_event,
        "label_download": _download(base_url, label.id, ("pdf", "png")),
        "form_download": None,
        "insurance_claim": None,
        "packages": [
            {"package_id": place, "package_code": offer.packaging, "tracking_number": number}
            for place, number in enumerate(label.tracking_numbers, start=1)
        ],
    }


def tracking_json(label: LabelRecord, tracking_number: str) -> dict[str, object]:
    """A TrackingInformation, its newest scan first."""
    latest = label.latest
    code = latest.status_code if latest else "NY"
    return {
        "tracking_number": tracking_number,
        "tracking_url": f"https://track.invalid/{tracking_number}",
        "status_code": code,
        "status_description": _WORDS[code],
        "status_detail_code": latest.detail_code if latest else None,
        "status_detail_description": latest.description if latest else None,
        "carrier_code": _TRACKED_AS.get(label.offer.account.code, label.offer.account.code),
        "carrier_id": 1,
        "carrier_status_code": code,
        "carrier_detail_code": None,
        "carrier_status_description": latest.description if latest else "Label created",
        "ship_date": None,
        "estimated_delivery_date": f"{label.expected_on.isoformat()}T00:00:00",
        "actual_delivery_date": iso(latest.at) if latest and code == "DE" else None,
        "exception_description": latest.description if latest and code == "EX" else None,
        "events": [_event(scan) for scan in reversed(label.scans)],
    }


def unknown_tracking_json(tracking_number: str, carrier_code: str) -> dict[str, object]:
    """Of a number that no carrier knows."""
    return {
        "tracking_number": tracking_number,
        "status_code": "UN",
        "status_description": _WORDS["UN"],
        "status_detail_code": None,
        "carrier_code": carrier_code,
        "estimated_delivery_date": None,
        "events": [],
    }


def track_event_json(label: LabelRecord, tracking_number: str, event: str) -> dict[str, object]:
    """A webhook of the first generation, or of the second where it was registered for that."""
    data = tracking_json(label, tracking_number)
    if event == "track_event_v2":
        resource = f"https://api.shipstation.com/v2/labels/{label.id}/track"
        return {"resource_url": resource, "resource_type": "TRACK_EVENT_V2", "data": data}
    query = urlencode({"carrier_code": data["carrier_code"], "tracking_number": tracking_number})
    resource = f"https://api.shipengine.com/v1/tracking?{query}"
    return {"resource_url": resource, "resource_type": "API_TRACK", "data": {"label_url": None, **data}}


def webhook_json(webhook: WebhookRecord) -> dict[str, object]:
    """A registered webhook."""
    return {
        "webhook_id": webhook.id,
        "event": webhook.event,
        "url": webhook.url,
        "name": webhook.name,
        "headers": [{"key": key, "value": value} for key, value in webhook.headers],
    }


def _carrier(account: Account) -> dict[str, object]:
    return {
        "carrier_id": account.id,
        "carrier_code": account.code,
        "nickname": f"{account.name} account",
        "friendly_name": account.name,
        "balance": 100.0,
        "primary": True,
        "send_rates": True,
        "services": [
            {
                "carrier_id": account.id,
                "carrier_code": account.code,
                "service_code": service.code,
                "name": service.name,
                "domestic": True,
                "international": False,
                "is_multi_package_supported": account.takes_many,
                "is_return_supported": service.takes_back,
            }
            for service in account.services
        ],
        "packages": [{"package_code": "package", "name": "Package"}],
    }


def _event(scan: Scan) -> dict[str, object]:
    return {
        "occurred_at": iso(scan.at),
        "carrier_occurred_at": scan.at.strftime("%Y-%m-%dT%H:%M:%S"),
        "description": scan.description,
        "city_locality": "",
        "state_province": "",
        "postal_code": "",
        "country_code": "US",
        "signer": None,
        "event_code": scan.status_code,
        "status_code": scan.status_code,
        "status_detail_code": scan.detail_code,
        "carrier_status_code": scan.status_code,
    }


def _download(base_url: str, label_id: str, formats: tuple[str, ...]) -> dict[str, str]:
    urls = {kind: f"{base_url}/downloads/{label_id}.{kind}" for kind in formats}
    return {"href": urls["pdf"], **urls}
