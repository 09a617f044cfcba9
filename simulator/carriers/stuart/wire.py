"""Jobs as Stuart's JSON: with underscores in answers, in camelCase in webhooks."""

from __future__ import annotations

from datetime import UTC, datetime

from simulator.carriers.stuart.ledger import CourierRecord, JobRecord, Stop

type Made = dict[str, object]


def iso(at: datetime | None) -> str | None:
    """With milliseconds and an offset, as Stuart writes instants."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds") if at is not None else None


def job_json(job: JobRecord, now: datetime) -> Made:
    """The job of answers."""
    order = job.order
    tax = round(order.price * order.market.tax, 2)
    return {
        "id": job.id,
        "status": job.status,
        "created_at": iso(job.created_at),
        "package_type": order.package_type,
        "transport_type": None,
        "assignment_code": order.assignment_code or None,
        "pickup_at": iso(order.pickup_at),
        "dropoff_at": iso(order.dropoff_at),
        "ended_at": iso(job.ended_at),
        "comment": None,
        "deliveries": [_delivery(job)],
        "driver": _driver(job, now),
        "pricing": {
            "price_tax_included": round(order.price + tax, 2),
            "price_tax_excluded": order.price,
            "tax_amount": tax,
            "tax_percentage": order.market.tax,
            "invoice_url": None,
            "currency": order.market.currency,
        },
        "rating": None,
    }


def job_notice(job: JobRecord, now: datetime) -> Made:
    """`data` of a webhook about a job."""
    order = job.order
    return {
        "id": job.id,
        "status": job.status,
        "comment": None,
        "pickupAt": iso(order.pickup_at),
        "dropoffAt": iso(order.dropoff_at),
        "createdAt": iso(job.created_at),
        "endedAt": iso(job.ended_at),
        "transportType": None,
        "packageType": {"code": order.package_type},
        "originComment": order.pickup.sent.get("comment"),
        "destinationComment": order.dropoff.sent.get("comment"),
        "jobReference": order.assignment_code,
        "currentDelivery": delivery_notice(job, now),
        "deliveries": [{"id": job.delivery_id, "clientReference": order.client_reference}],
    }


def delivery_notice(job: JobRecord, now: datetime) -> Made:
    """`data` of a webhook about a delivery; it does not name the job."""
    courier = job.courier
    return {
        "id": job.delivery_id,
        "trackingUrl": _tracking_url(job),
        "clientReference": job.order.client_reference,
        "driver": driver_notice(courier, job, now) if courier is not None else None,
        "status": job.delivery_status,
        "packageType": {"code": job.order.package_type},
        "etaToDestination": iso(job.eta_dropoff),
        "etaToOrigin": iso(job.eta_pickup),
        "cancellation": {
            "canceledBy": job.canceled_by or None,
            "reasonKey": job.reason_key or None,
            "comment": None,
        },
    }


def driver_notice(courier: CourierRecord, job: JobRecord, now: datetime) -> Made:
    """`data` of a webhook about a driver, without its job."""
    here = job.position(now)
    return {
        "status": "busy",
        "latitude": round(here.lat, 6) if here is not None else None,
        "longitude": round(here.lng, 6) if here is not None else None,
        "name": f"{courier.firstname} {courier.lastname}",
        "firstname": courier.firstname,
        "lastname": courier.lastname,
        "phone": courier.phone,
        "picture_path_imgix": None,
        "transportType": {"code": courier.transport},
    }


def _driver(job: JobRecord, now: datetime) -> Made | None:
    courier, here = job.courier, job.position(now)
    if courier is None or here is None:
        return None
    return {
        "firstname": courier.firstname,
        "lastname": courier.lastname,
        "phone": courier.phone,
        "latitude": round(here.lat, 6),
        "longitude": round(here.lng, 6),
        "transport_type": courier.transport,
    }


def _delivery(job: JobRecord) -> Made:
    is_done = job.delivery_status == "delivered"
    pictures = f"https://pictures.invalid/{job.delivery_id}"
    return {
        "id": job.delivery_id,
        "status": job.delivery_status,
        "picked_at": iso(job.picked_at),
        "delivered_at": iso(job.delivered_at),
        "tracking_url": _tracking_url(job),
        "client_reference": job.order.client_reference or None,
        "package_description": job.order.description or None,
        "package_type": job.order.package_type,
        "pickup": _stop(job.order.pickup),
        "dropoff": _stop(job.order.dropoff),
        "cancellation": {
            "canceled_by": job.canceled_by or None,
            "reason_key": job.reason_key or None,
            "comment": None,
        },
        "eta": {"pickup": iso(job.eta_pickup), "dropoff": iso(job.eta_dropoff)},
        "proof": {"signature_url": f"{pictures}-signature.png" if is_done else None},
        "package_image_url": f"{pictures}.jpg" if is_done else None,
    }


def _stop(stop: Stop) -> Made:
    parts = [part.strip() for part in stop.address.split(",")]
    postcode, _, city = (parts[1] if len(parts) > 1 else "").partition(" ")
    return {
        "address": {
            "street": parts[0],
            "postcode": postcode,
            "city": city,
            "country": parts[-1],
            "formatted_address": stop.address,
        },
        "latitude": stop.at.lat,
        "longitude": stop.at.lng,
        "comment": stop.sent.get("comment"),
        "contact": stop.sent.get("contact"),
    }


def _tracking_url(job: JobRecord) -> str:
    return f"https://follow.invalid/{job.delivery_id}"
