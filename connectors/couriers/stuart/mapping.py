"""What Stuart answers and tells: API v2, its client libraries and public integrations, November 2026. Pure.

Stuart's own amounts are decimal numbers of major units. A quote's `amount` is compared with a job's
`price_tax_excluded`: what merchants pay before a tax that most of them get back.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta

from connectors.couriers.stuart.client import NAME, SYSTEM
from connectors.couriers.stuart.schedule import HANDLING, USUAL_PICKUP, Schedule, ride_between
from connectors.couriers.stuart.sizes import PackageType
from connectors.couriers.stuart.statuses import IMMINENT, VEHICLES, Standing, standing_of
from connectors.quoted import window_data
from doorstep.booking import Booking, CarrierUpdate
from doorstep.delivery import Courier
from doorstep.errors import RemoteUnavailable
from doorstep.geo import LatLng
from doorstep.json_reading import Json, child, children, instant, number, text
from doorstep.money import InvalidAmount, Money, UnknownCurrency
from doorstep.position import Position
from doorstep.proof import Proof, ProofKind
from doorstep.quote import CarrierQuote, DeliveryMode, PriceBasis, QuoteRequest, VehicleKind
from doorstep.window import Promise, PromiseBasis, Window

SERVICE = "on_demand"

PRICE_HOLDS = timedelta(minutes=5)
"""Ours: Stuart prices a job and promises nothing about how long."""

FREE_CANCEL = timedelta(minutes=2)
"""Stuart's help centre: within two minutes of ordering. A booking is later than its quote, so no less."""

_EARLIER = timedelta(minutes=10)
_LATER = timedelta(minutes=20)


def read_price(answer: Json) -> Money | None:
    """The price of a quote; None where it names none that we can read."""
    return _money(answer.get("amount"), text(answer, "currency"))


def read_quote(
    answer: Json, eta: timedelta | None, request: QuoteRequest, size: PackageType, schedule: Schedule
) -> CarrierQuote:
    """An offer from a price and, if there was one, the time until the pickup.

    Raises
    ------
    RemoteUnavailable
        If the answer lacks its price.
    """
    price = read_price(answer)
    if price is None:
        raise RemoteUnavailable(f"{NAME}'s quote lacks its price.", system=SYSTEM)
    pickup_by = schedule.pickup_at or request.asked_at + (eta if eta is not None else USUAL_PICKUP)
    expires_at = request.asked_at + PRICE_HOLDS
    wanted = schedule.window
    data = {"amount": price.amount, "currency": price.currency, "package_type": size.code}
    return CarrierQuote(
        carrier=SYSTEM,
        service=SERVICE,
        title="Courier in a time window" if wanted else "Courier, as soon as possible",
        mode=DeliveryMode.COURIER,
        vehicle=size.vehicle,
        price=price,
        price_basis=PriceBasis.LIVE,
        promise=_promise(pickup_by, request, wanted, is_told=eta is not None),
        expires_at=expires_at,
        pickup_by=pickup_by if wanted is None else None,
        booking_data=data | window_data(wanted) | {"expires_at": expires_at.isoformat()},
        free_cancel_until=request.asked_at + FREE_CANCEL,
    )


def booking_of(job: Json) -> Json:
    """The delivery of a job that has one alone, or is read as if it had; see `deliveries.alone`."""
    return child(job, "current_delivery") or next(iter(children(job, "deliveries")), {})


def reference_of(job: Json) -> str:
    """The customer's own id of a job: what Stuart's messages all name, and its own number they do not."""
    return text(booking_of(job), "client_reference")


def number_of(data: Json) -> str:
    """Stuart's number of a job or a delivery, "" where there is none."""
    value = data.get("id")
    return str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""


def standing_in(job: Json) -> Standing:
    """Where a job stands."""
    return standing_of(
        text(job, "status"), booking_of(job), is_seen=_position_of(job, datetime.now(UTC)) is not None
    )


def job_price(job: Json) -> Money | None:
    """What a job costs, without tax."""
    pricing = child(job, "pricing")
    return _money(pricing.get("price_tax_excluded"), text(pricing, "currency"))


def read_booking(job: Json, booking_key: str, quoted: Money) -> Booking:
    """A booking from a job; `quoted` stands in where it names no price."""
    standing, delivery = standing_in(job), booking_of(job)
    return Booking(
        external_id=booking_key,
        status=standing.status,
        raw_status=standing.raw,
        price=job_price(job) or quoted,
        tracking_number=number_of(job),
        tracking_url=text(delivery, "tracking_url"),
        dropoff_eta=_dropoff_eta(delivery),
        pickup_eta=_pickup_eta(delivery),
    )


def read_job(job: Json, *, source_event_id: str, now: datetime) -> CarrierUpdate:
    """What a job says, names with underscores. Stuart rarely says when: then it was `now`."""
    standing, delivery = standing_in(job), booking_of(job)
    at = _happened_at(job, delivery) or now
    return CarrierUpdate(
        source_event_id=source_event_id,
        external_id=reference_of(job),
        status=standing.status,
        raw_status=standing.raw,
        occurred_at=at,
        tracking_number=number_of(job),
        tracking_url=text(delivery, "tracking_url"),
        courier=_courier(_driver_of(job)),
        position=_position_of(job, now),
        dropoff_eta=_dropoff_eta(delivery),
        pickup_eta=_pickup_eta(delivery),
        is_imminent=standing.raw in IMMINENT,
        trouble=standing.trouble,
        raw_reason=standing.raw_reason,
        price=job_price(job),
        booking_key=reference_of(job),
    )


def read_proofs(job: Json) -> tuple[Proof, ...]:
    """Pictures that a job's delivery names."""
    delivery = booking_of(job)
    at = instant(delivery, "delivered_at")
    named = (
        (ProofKind.SIGNATURE, text(child(delivery, "proof"), "signature_url")),
        (ProofKind.PHOTO, text(delivery, "package_image_url")),
    )
    return tuple(Proof(kind, url, at) for kind, url in named if url)


def digest_of(data: Json) -> str:
    """An id of what was said: Stuart gives its messages none, and a repeat says the same."""
    return f"sha256:{hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()}"


def _promise(pickup_by: datetime, request: QuoteRequest, wanted: Window | None, *, is_told: bool) -> Promise:
    if wanted is not None:
        return Promise(wanted, request.time_zone, PromiseBasis.CARRIER_COMMITMENT)
    arrives_at = pickup_by + HANDLING + ride_between(request.pickup, request.dropoff)
    window = Window(max(pickup_by, arrives_at - _EARLIER), arrives_at + _LATER)
    return Promise(window, request.time_zone, PromiseBasis.PREDICTED if is_told else PromiseBasis.APPROXIMATE)


def _happened_at(job: Json, delivery: Json) -> datetime | None:
    raw = standing_of(text(job, "status"), delivery, is_seen=False).raw
    if raw in {"delivered", "package_delivered", "finished"}:
        return instant(delivery, "delivered_at") or instant(job, "ended_at")
    if raw in {"delivering", "package_delivering"}:
        return instant(delivery, "picked_at")
    return instant(job, "created_at") if raw in {"new", "scheduled"} else instant(job, "ended_at")


def _dropoff_eta(delivery: Json) -> datetime | None:
    return instant(delivery, "eta_to_destination") or instant(child(delivery, "eta"), "dropoff")


def _pickup_eta(delivery: Json) -> datetime | None:
    return instant(delivery, "eta_to_origin") or instant(child(delivery, "eta"), "pickup")


def _driver_of(job: Json) -> Json:
    return child(booking_of(job), "driver") or child(job, "driver")


def _courier(driver: Json) -> Courier | None:
    """Who comes: a first name and an initial, however much of the rest Stuart tells."""
    if not driver:
        return None
    last = text(driver, "lastname")
    name = f"{text(driver, 'firstname')} {last[:1]}.".strip() if last else text(driver, "firstname")
    transport = driver.get("transport_type")
    code = transport if isinstance(transport, str) else text(child(driver, "transport_type"), "code")
    return Courier(name, VEHICLES.get(code.lower(), VehicleKind.OTHER), text(driver, "phone") or None)


def _position_of(job: Json, at: datetime) -> Position | None:
    location = _location_of(job)
    return Position(location, at) if location is not None else None


def _location_of(job: Json) -> LatLng | None:
    driver = _driver_of(job)
    lat, lng = number(driver, "latitude"), number(driver, "longitude")
    try:
        return LatLng(lat, lng) if lat is not None and lng is not None else None
    except ValueError:
        return None


def _money(amount: object, currency: str) -> Money | None:
    if not isinstance(amount, int | float | str) or isinstance(amount, bool):
        return None
    try:
        return Money.parse_rounding(str(amount), currency.upper())
    except (InvalidAmount, UnknownCurrency):
        return None
