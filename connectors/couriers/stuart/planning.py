"""What is decided about a job before and after Stuart is asked: size, time, price, and what is adopted."""

from __future__ import annotations

from datetime import datetime

from connectors import quoted
from connectors.couriers.stuart import mapping
from connectors.couriers.stuart.client import NAME, SYSTEM
from connectors.couriers.stuart.schedule import Schedule, plan_schedule
from connectors.couriers.stuart.sizes import LIMITS, PackageType, package_type_for
from doorstep.address import Address
from doorstep.booking import BookingRequest
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteRefused
from doorstep.geo import distance_m
from doorstep.incident import IncidentKind
from doorstep.json_reading import Json
from doorstep.limits import why_not
from doorstep.money import Money
from doorstep.quote import Decline, DeclineReason, QuoteRequest

OVER = frozenset({DeliveryStatus.CANCELLED, DeliveryStatus.FAILED})
"""Nobody comes, or not to the door."""


def planned(request: QuoteRequest | BookingRequest) -> tuple[PackageType, Schedule] | Decline:
    """As which size it goes and when, or why not at all."""
    lacking = about_address("pickup", request.pickup) or about_address("delivery", request.dropoff)
    if lacking is not None:
        return lacking
    if isinstance(request, QuoteRequest):
        impossible = why_not(SYSTEM, NAME, LIMITS, request)
        if impossible is not None:
            return impossible
        vehicle, window, at_least = request.vehicle, request.delivery_window, ""
    else:
        vehicle, window = None, quoted.wanted_window(request.booking_data)
        at_least = request.booking_data.get("package_type", "")
    here, there = request.pickup.location, request.dropoff.location
    far_m = distance_m(here, there) if here is not None and there is not None else 0.0
    size = package_type_for(request.parcels, vehicle=vehicle, distance_m=far_m, at_least=at_least)
    if size is None or not request.parcels:
        sentence = "The parcels are too large or too heavy for one Stuart courier, or there are none."
        return Decline(SYSTEM, DeclineReason.TOO_LARGE, sentence)
    schedule = plan_schedule(request.asked_at, request.ready_at, window)
    return schedule if isinstance(schedule, Decline) else (size, schedule)


def planned_or_refused(request: BookingRequest) -> tuple[PackageType, Schedule]:
    """The same for a booking.

    Raises
    ------
    RemoteRefused
        If it cannot be booked, whatever Stuart says.
    """
    plan = planned(request)
    if isinstance(plan, Decline):
        raise refusal_of(plan)
    return plan


def refusal_of(decline: Decline) -> RemoteRefused:
    """The error of a booking that is declined before Stuart is asked."""
    kinds = {
        DeclineReason.ADDRESS_PROBLEM: IncidentKind.ADDRESS_PROBLEM,
        DeclineReason.PAST_CUTOFF: IncidentKind.LATE_RISK,
        DeclineReason.RULE: IncidentKind.LATE_RISK,
        DeclineReason.TOO_LARGE: IncidentKind.ITEM_MISMATCH,
    }
    kind = kinds.get(decline.reason, IncidentKind.OTHER)
    return RemoteRefused(decline.text, system=SYSTEM, raw_code=decline.raw_code, kind=kind)


def require_live(job: Json, request: BookingRequest) -> None:
    """Check that a job that was made with this key before may be adopted.

    Raises
    ------
    RemoteRefused
        If it is over: its reference is used up, and nobody comes.
    """
    standing, price = mapping.standing_in(job), mapping.job_price(job)
    if standing.status not in OVER:
        return
    if price is not None and is_too_dear(price, request):
        raise too_dear(price, request)  # it was us who called it off, for this
    raise RemoteRefused(
        f"{NAME}'s booking with this reference is over already.",
        system=SYSTEM,
        raw_code=standing.raw,
        kind=standing.trouble or IncidentKind.COURIER_CANCELLED,
    )


def quoted_price(request: BookingRequest) -> Money:
    """The price in the booking data; zero in the order's currency where the offer came from elsewhere."""
    data = request.booking_data
    if "amount" not in data:
        return Money(0, request.value.currency)
    return Money.parse(data["amount"], data.get("currency", request.value.currency))


def is_stale(request: BookingRequest) -> bool:
    """Whether the quoted price has outlived the time that we trust it for."""
    try:
        return datetime.fromisoformat(request.booking_data["expires_at"]) <= request.asked_at
    except (KeyError, ValueError):
        return False


def is_too_dear(price: Money, request: BookingRequest) -> bool:
    """Whether a price is more than a tenth above the quoted one, or in other money."""
    if "amount" not in request.booking_data:
        return False
    return quoted.is_too_dear(price, quoted_price(request))


def too_dear(price: Money, request: BookingRequest) -> RemoteRefused:
    """The error for such a price."""
    return quoted.too_dear(price, quoted_price(request), system=SYSTEM, name=NAME)


def about_address(side: str, address: Address) -> Decline | None:
    """What an address lacks; None where it lacks nothing."""
    if not address.missing:
        return None
    sentence = f"{NAME} needs a full {side} address; it lacks {' and '.join(address.missing)}."
    return Decline(SYSTEM, DeclineReason.ADDRESS_PROBLEM, sentence)
