"""Lalamove API v3 (guide of 2026), payloads of November 2026. Pure, both ways."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from connectors.couriers.lalamove import remarks
from connectors.couriers.lalamove.markets import Market
from connectors.couriers.lalamove.planning import Plan, promise_of
from connectors.couriers.lalamove.statuses import (
    SEARCHING,
    dropoff_of,
    proof_of,
    proof_status,
    standing_of,
)
from connectors.couriers.lalamove.terms import Terms, identifier, price_of
from connectors.couriers.lalamove.vehicles import Service
from connectors.couriers.lalamove.wording import SYSTEM
from connectors.quoted import window_data
from doorstep.address import Address
from doorstep.booking import Booking, BookingRequest, CarrierUpdate
from doorstep.delivery import Courier
from doorstep.delivery_status import DeliveryStatus
from doorstep.geo import LatLng
from doorstep.json_reading import Json, child, children, instant, text
from doorstep.money import Money
from doorstep.position import Position
from doorstep.proof import Proof, ProofKind
from doorstep.quote import CarrierQuote, DeliveryMode, PriceBasis, QuoteRequest, VehicleKind

KEY = "booking_key"
"""Where our booking key lies in an order's metadata."""

_WHOLE_INSTANT = re.compile(r"T[0-9]{2}:[0-9]{2}:[0-9]{2}")


def quotation_body(
    pickup: Address, dropoff: Address, service: str, market: Market, schedule_at: datetime | None
) -> dict[str, object]:
    """POST /v3/quotations."""
    body: dict[str, object] = {
        "serviceType": service,
        "language": market.language,
        "stops": [stop(pickup), stop(dropoff)],
    }
    if schedule_at is not None:
        body["scheduleAt"] = _rfc3339(schedule_at)
    return body


def order_body(request: BookingRequest, terms: Terms) -> dict[str, object]:
    """POST /v3/orders. The booking key goes into the metadata, which answers and webhooks repeat."""
    pickup, dropoff = request.pickup, request.dropoff
    note = remarks.compose(request.reference, dropoff.line2, request.items, dropoff.instructions)
    return {
        "quotationId": terms.quotation_id,
        "sender": {
            "stopId": terms.pickup_stop,
            "name": pickup.company or pickup.name or "Store",
            "phone": pickup.phone,
        },
        "recipients": [
            {
                "stopId": terms.dropoff_stop,
                "name": dropoff.name or dropoff.company or "Recipient",
                "phone": dropoff.phone,
                "remarks": note,
            }
        ],
        "isPODEnabled": True,
        "metadata": {KEY: request.booking_key, "reference": request.reference},
    }


def stop(address: Address) -> dict[str, object]:
    """One end of a delivery; `address` is on the map."""
    place = address.location or LatLng(0.0, 0.0)
    return {
        "coordinates": {"lat": f"{place.lat:.7f}", "lng": f"{place.lng:.7f}"},
        "address": address.one_line,
    }


def offer(terms: Terms, service: Service, plan: Plan, request: QuoteRequest) -> CarrierQuote:
    """An offer from a quotation."""
    wanted = request.delivery_window
    return CarrierQuote(
        carrier=SYSTEM,
        service=service.key,
        title=_title(service.kind),
        mode=DeliveryMode.COURIER,
        vehicle=service.kind,
        price=terms.price,
        price_basis=PriceBasis.LIVE,
        promise=promise_of(plan, wanted, request.asked_at, request.time_zone),
        expires_at=terms.expires_at,
        pickup_by=plan.pickup_at,
        booking_data={**terms.as_data(), **window_data(wanted)},
    )


def road_m(quotation: Json) -> float | None:
    """Length of the way in metres, None where it is not told."""
    distance = child(quotation, "distance")
    value = text(distance, "value")
    return float(value) if text(distance, "unit") == "m" and value.isdecimal() else None


def read_booking(order: Json, quoted: Money) -> Booking:
    """A booking from an order; `quoted` stands in where it names no price."""
    raw_status = text(order, "status")
    return Booking(
        external_id=identifier(order, "orderId"),
        status=standing_of(raw_status, proof=proof_status(order)).status,
        raw_status=raw_status,
        price=price_of(order) or quoted,
        tracking_url=text(order, "shareLink"),
    )


def read_order(order: Json, driver: Json, now: datetime, external_id: str = "") -> CarrierUpdate:
    """Where an order stands; it carries no instant of its own, so it stands there `now`.

    A search may be the first or one after a driver who gave up: SEARCHING is right for both, since it is
    no step back from BOOKED.
    """
    raw_status, driver_id = text(order, "status"), identifier(order, "driverId")
    standing = standing_of(raw_status, proof=proof_status(order), cancelled_by=text(order, "cancelParty"))
    order_id = identifier(order, "orderId") or external_id
    event_id = f"{order_id}:{raw_status}:{driver_id}:{proof_status(order)}"
    is_search = raw_status == SEARCHING
    return CarrierUpdate(
        source_event_id=f"{event_id}:{now.isoformat()}" if is_search else event_id,
        external_id=order_id,
        status=DeliveryStatus.SEARCHING if is_search else standing.status,
        raw_status=raw_status,
        occurred_at=exact_instant(proof_of(order), "deliveredAt") or now,
        tracking_url=text(order, "shareLink"),
        courier=read_courier(driver),
        position=read_position(driver, now),
        trouble=standing.trouble,
        raw_reason=standing.raw_reason,
        price=price_of(order),
    )


def read_courier(driver: Json) -> Courier | None:
    """Who comes; the vehicle is the order's, which an answer does not repeat."""
    name = text(driver, "name")
    return Courier(name, VehicleKind.OTHER, text(driver, "phone") or None) if name else None


def read_position(driver: Json, now: datetime) -> Position | None:
    """Where the driver is, None where there is no fix."""
    coordinates = child(driver, "coordinates")
    try:
        place = LatLng(float(text(coordinates, "lat")), float(text(coordinates, "lng")))
    except ValueError:
        return None
    return Position(place, exact_instant(coordinates, "updatedAt") or now)


def read_proofs(order: Json) -> tuple[Proof, ...]:
    """Pictures of the pickup and of the drop-off."""
    proofs = [
        Proof(ProofKind.PHOTO, url, exact_instant(child(first, "POP"), "pickedUpAt"), is_pickup=True)
        for first in children(order, "stops")[:1]
        for url in _texts(child(first, "POP"), "imageUrls")
    ]
    proof = proof_of(order)
    kind = {"DELIVERED": ProofKind.PHOTO, "SIGNED": ProofKind.SIGNATURE}.get(text(proof, "status"))
    if kind is not None:
        proofs.append(Proof(kind, text(proof, "image"), exact_instant(proof, "deliveredAt")))
    return tuple(proofs)


def remark_lines(order: Json) -> tuple[str, ...]:
    """The remarks of the drop-off; an order lists them for all stops together."""
    of_stop = text(dropoff_of(order), "remarks")
    return tuple(of_stop.split("\r\n")) if of_stop else _texts(order, "remarks")


def exact_instant(data: Json, name: str) -> datetime | None:
    """An instant, None where it is none.

    Some of Lalamove's are written without seconds, and are local times that claim to be UTC (seen in public
    integrations): those are not believed.
    """
    return instant(data, name) if _WHOLE_INSTANT.search(text(data, name)) else None


def _texts(data: Json, name: str) -> tuple[str, ...]:
    value = data.get(name)
    return tuple(entry for entry in value if isinstance(entry, str)) if isinstance(value, list) else ()


def _title(kind: VehicleKind) -> str:
    return "Courier" if kind is VehicleKind.OTHER else f"Courier by {kind.replace('_', ' ').lower()}"


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
