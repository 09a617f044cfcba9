"""Jobs as Stuart's JSON: with underscores in answers, in camelCase in webhooks."""

from __future__ import annotations

from datetime import UTC, datetime

from simulator.carriers.stuart.ledger import CourierRecord, DeliveryRecord, JobRecord, Stop

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
        "package_type": order.dropoffs[0].package_type,
        "transport_type": None,
        "assignment_code": order.assignment_code or None,
        "pickup_at": iso(order.pickup_at),
        "dropoff_at": iso(order.dropoff_at),
        "ended_at": iso(job.ended_at),
        "comment": None,
        "deliveries": [_delivery(job, delivery) for delivery in job.deliveries],
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
    """`data` of a webhook about a job: all of its deliveries by name, the one at hand in full."""
    order, current = job.order, job.current
    return {
        "id": job.id,
        "status": job.status,
        "comment": None,
        "pickupAt": iso(order.pickup_at),
        "dropoffAt": iso(order.dropoff_at),
        "createdAt": iso(job.created_at),
        "endedAt": iso(job.ended_at),
        "transportType": None,
        "packageType": {"code": current.dropoff.package_type},
        "originComment": order.pickup.sent.get("comment"),
        "destinationComment": current.dropoff.stop.sent.get("comment"),
        "jobReference": order.assignment_code,
        "currentDelivery": delivery_notice(job, current, now),
        "deliveries": [
            {"id": delivery.id, "clientReference": delivery.dropoff.client_reference}
            for delivery in job.deliveries
        ],
    }


def delivery_notice(job: JobRecord, delivery: DeliveryRecord, now: datetime) -> Made:
    """`data` of a webhook about a delivery; it does not name the job."""
    courier = job.courier
    return {
        "id": delivery.id,
        "trackingUrl": _tracking_url(delivery),
        "clientReference": delivery.dropoff.client_reference,
        "driver": driver_notice(courier, job, now) if courier is not None else None,
        "status": delivery.status,
        "packageType": {"code": delivery.dropoff.package_type},
        "etaToDestination": iso(delivery.eta),
        "etaToOrigin": iso(job.eta_pickup),
        "cancellation": {
            "canceledBy": delivery.canceled_by or None,
            "reasonKey": delivery.reason_key or None,
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


def _delivery(job: JobRecord, delivery: DeliveryRecord) -> Made:
    is_done = delivery.status == "delivered"
    pictures = f"https://pictures.invalid/{delivery.id}"
    dropoff = delivery.dropoff
    return {
        "id": delivery.id,
        "status": delivery.status,
        "picked_at": iso(delivery.picked_at),
        "delivered_at": iso(delivery.delivered_at),
        "tracking_url": _tracking_url(delivery),
        "client_reference": dropoff.client_reference or None,
        "package_description": dropoff.description or None,
        "package_type": dropoff.package_type,
        "pickup": _stop(job.order.pickup),
        "dropoff": _stop(dropoff.stop),
        "cancellation": {
            "canceled_by": delivery.canceled_by or None,
            "reason_key": delivery.reason_key or None,
            "comment": None,
        },
        "eta": {"pickup": iso(job.eta_pickup), "dropoff": iso(delivery.eta)},
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


def _tracking_url(delivery: DeliveryRecord) -> str:
    return f"https://follow.invalid/{delivery.id}"
