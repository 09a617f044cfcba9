"""Deliveries and events as DoorDash's JSON; what is empty is left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from simulator.carriers.doordash.ledger import QUOTE_HOLDS, DeliveryRecord

_CARRIED = (
    "pickup_address",
    "pickup_business_name",
    "pickup_phone_number",
    "pickup_instructions",
    "pickup_reference_tag",
    "dropoff_address",
    "dropoff_business_name",
    "dropoff_location",
    "dropoff_phone_number",
    "dropoff_instructions",
    "dropoff_contact_given_name",
    "dropoff_contact_family_name",
    "dropoff_options",
    "order_value",
    "items",
    "contactless_dropoff",
    "action_if_undeliverable",
    "order_contains",
    "dasher_allowed_vehicles",
    "pickup_window",
    "dropoff_window",
)
_TOLD = ("pickup_address", "pickup_business_name", "dropoff_address", "order_value")


def iso(at: datetime) -> str:
    """Microseconds and Z, so that two events of one kind never have one instant."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def delivery_json(record: DeliveryRecord, now: datetime, pictures: str) -> dict[str, object]:
    """The answer to everything that is about one delivery.

    Parameters
    ----------
    pictures
        Where proofs are shown, without a trailing slash.
    """
    answer: dict[str, object] = {
        **{name: record.body[name] for name in _CARRIED if name in record.body},
        "external_delivery_id": record.external_id,
        "delivery_status": record.status,
        "cancellation_reason": record.cancellation_reason,
        "currency": record.currency,
        "fee": record.fee,
        "fee_components": [{"type": "distance_based_fee", "amount": record.fee}],
        "tax": 0,
        "tax_components": [],
        "tip": record.tip,
        "support_reference": str(int(record.uuid[:8], 16)),
        "tracking_url": f"https://tracking.invalid/drive/portal/track/{record.uuid}",
        "updated_at": iso(record.updated_at),
        **_when(record),
        **_dasher(record, now),
        **_proofs(record, pictures),
    }
    if record.status == "quote":
        answer["expires_at"] = iso(record.created_at + QUOTE_HOLDS)
    return _without_blanks(answer)


def event_json(record: DeliveryRecord, event: str, at: datetime, field: str) -> dict[str, object]:
    """A webhook; `field` is where it says what happened."""
    message: dict[str, object] = {
        field: event,
        "created_at": iso(at),
        "external_delivery_id": record.external_id,
        **{name: record.body[name] for name in _TOLD if name in record.body},
        "currency": record.currency,
        "fee": record.fee,
        "tip": record.tip or "",
        "cancellation_reason": record.cancellation_reason,
        "force_batch_id": record.batch_id if event == "DELIVERY_BATCHED" else "",
        "tracking_url": f"https://tracking.invalid/drive/portal/track/{record.uuid}",
        **_when(record),
    }
    contains = record.body.get("order_contains")
    if isinstance(contains, dict) and contains.get("alcohol"):
        message["contains_alcohol"] = True
    here = record.position(at)
    if record.dasher is not None and here is not None:
        message |= {
            "dasher_id": record.dasher.id,
            "dasher_name": record.dasher.name,
            "dasher_phone_number": record.dasher.phone_number,
            "dasher_location": {"lat": round(here.lat, 6), "lng": round(here.lng, 6)},
        }
    return _without_blanks(message)


def _when(record: DeliveryRecord) -> dict[str, object]:
    told: dict[str, object] = {
        "pickup_time_estimated": iso(record.pickup_eta),
        "dropoff_time_estimated": iso(record.dropoff_eta),
    }
    actual = {
        "pickup_time_actual": record.picked_up_at,
        "dropoff_time_actual": record.dropped_off_at,
        "return_time_actual": record.returned_at,
    }
    return told | {name: iso(at) for name, at in actual.items() if at is not None}


def _dasher(record: DeliveryRecord, now: datetime) -> dict[str, object]:
    dasher, here = record.dasher, record.position(now)
    if dasher is None or here is None:
        return {}
    told: dict[str, object] = {
        "dasher_id": dasher.id,
        "dasher_name": dasher.name,
        "dasher_pickup_phone_number": dasher.phone_number,
        "dasher_dropoff_phone_number": dasher.phone_number,
        "dasher_location": {"lat": round(here.lat, 6), "lng": round(here.lng, 6)},
    }
    if dasher.vehicle == "car":
        told |= {"dasher_vehicle_make": "Fjord", "dasher_vehicle_model": "One", "dasher_vehicle_year": "2021"}
    return told


def _proofs(record: DeliveryRecord, pictures: str) -> dict[str, object]:
    options = record.body.get("dropoff_options")
    asked = options if isinstance(options, dict) else {}
    proofs: dict[str, object] = {}
    if record.picked_up_at is not None:
        proofs["pickup_verification_image_url"] = f"{pictures}/{record.uuid}-pickup.png"
    if record.dropped_off_at is not None:
        if asked.get("proof_of_delivery") != "pin_code":
            proofs["dropoff_verification_image_url"] = f"{pictures}/{record.uuid}-dropoff.png"
        if asked.get("signature") == "required":
            proofs["dropoff_signature_image_url"] = f"{pictures}/{record.uuid}-signature.png"
    return proofs


def _without_blanks(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value not in ("", None)}
