"""Deliveries and quotes as Uber's JSON."""

from __future__ import annotations

from datetime import UTC, datetime

from simulator.carriers.uber_direct.ledger import DeliveryRecord, QuoteRecord
from simulator.carriers.uber_direct.places import Place

CURRENCY = "usd"

_CARRIED = (
    "external_id",
    "external_store_id",
    "deliverable_action",
    "manifest_items",
    "tip",
)


def rfc3339(at: datetime) -> str:
    """Milliseconds and Z, as Uber writes instants."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def quote_json(
    quote: QuoteRecord, now: datetime, dropoff_eta: datetime, deadline: datetime, pickup_min: int
) -> dict[str, object]:
    """The answer to a quote."""
    return {
        "kind": "delivery_quote",
        "id": quote.id,
        "created": rfc3339(now),
        "expires": rfc3339(quote.expires_at),
        "fee": quote.fee,
        "currency": CURRENCY,
        "currency_type": CURRENCY.upper(),
        "dropoff_eta": rfc3339(dropoff_eta),
        "duration": max(1, round((dropoff_eta - now).total_seconds() / 60)),
        "pickup_duration": pickup_min,
        "dropoff_deadline": rfc3339(deadline),
    }


def delivery_json(delivery: DeliveryRecord, now: datetime) -> dict[str, object]:
    """The delivery object of answers and webhooks."""
    windows = delivery.windows
    answer: dict[str, object] = {
        "id": delivery.id,
        "uuid": delivery.uuid,
        "quote_id": delivery.quote_id,
        "status": delivery.status,
        "complete": not delivery.is_live,
        "kind": "delivery",
        "courier": _courier(delivery, now),
        "courier_imminent": delivery.is_imminent,
        "created": rfc3339(delivery.created_at),
        "updated": rfc3339(delivery.updated_at),
        "fee": delivery.fee,
        "currency": CURRENCY,
        "tracking_url": f"https://tracking.invalid/{delivery.uuid}",
        "pickup": _waypoint(delivery, "pickup", delivery.pickup),
        "dropoff": _waypoint(delivery, "dropoff", delivery.dropoff),
        "pickup_ready": rfc3339(windows.pickup_ready),
        "pickup_deadline": rfc3339(windows.pickup_deadline),
        "dropoff_ready": rfc3339(windows.dropoff_ready),
        "dropoff_deadline": rfc3339(windows.dropoff_deadline),
        "pickup_eta": rfc3339(delivery.pickup_eta),
        "dropoff_eta": rfc3339(delivery.dropoff_eta),
        "manifest": {
            "reference": delivery.reference,
            "total_value": delivery.body.get("manifest_total_value", 0),
        },
        "undeliverable_reason": delivery.undeliverable_reason,
        "undeliverable_action": delivery.undeliverable_action,
        "related_deliveries": [{"id": id_, "relationship": word} for id_, word in delivery.related],
        "live_mode": False,
    }
    if delivery.cancel_reasons is not None:
        primary, secondary = delivery.cancel_reasons
        answer["cancelation_reason"] = {"primary_reason": primary, "secondary_reason": secondary}
    return answer | {name: delivery.body[name] for name in _CARRIED if name in delivery.body}


def _courier(delivery: DeliveryRecord, now: datetime) -> dict[str, object] | None:
    courier, at = delivery.courier, delivery.position(now)
    if courier is None or at is None or not delivery.is_live:
        return None
    return {
        "name": courier.name,
        "vehicle_type": courier.vehicle_type,
        "phone_number": courier.phone_number,
        "location": {"lat": round(at.lat, 6), "lng": round(at.lng, 6)},
        "img_href": "",
    }


def _waypoint(delivery: DeliveryRecord, side: str, place: Place) -> dict[str, object]:
    done_at = delivery.picked_up_at if side == "pickup" else delivery.ended_at
    waypoint: dict[str, object] = {
        "name": delivery.body.get(f"{side}_name", ""),
        "phone_number": delivery.body.get(f"{side}_phone_number", ""),
        "address": place.one_line,
        "detailed_address": {
            "street_address_1": place.street,
            "street_address_2": place.street_2,
            "city": place.city,
            "state": place.state,
            "zip_code": place.zip_code,
            "country": place.country,
        },
        "notes": delivery.body.get(f"{side}_notes", ""),
        "location": {"lat": place.at.lat, "lng": place.at.lng},
    }
    is_done = done_at is not None and (side == "pickup" or delivery.status == "delivered")
    if is_done and done_at is not None:
        waypoint |= {"status": "completed", "status_timestamp": rfc3339(done_at)}
        waypoint["verification"] = _verification(delivery, side)
    elif side == "dropoff" and delivery.undeliverable_reason and done_at is not None:
        waypoint |= {"status": "failed", "status_timestamp": rfc3339(done_at)}
    return waypoint


def _verification(delivery: DeliveryRecord, side: str) -> dict[str, object]:
    """What was asked for at a waypoint and done there."""
    wanted = delivery.body.get(f"{side}_verification")
    asked = wanted if isinstance(wanted, dict) else {}
    at = f"https://proof.invalid/{delivery.uuid}/{side}"
    done: dict[str, object] = {}
    if asked.get("picture"):
        done["picture"] = {"image_url": f"{at}/picture.png"}
    if asked.get("signature_requirement"):
        done["signature"] = {"image_url": f"{at}/signature.png", "name": "Front Desk"}
    if asked.get("pincode"):
        done["pin_code"] = {"entered": "1234"}
    if asked.get("identification"):
        done["identification"] = {"min_age_verified": True}
    return done
