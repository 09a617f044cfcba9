"""What Lalamove carries at all, when a driver is sent, and when the goods should arrive.

Lalamove takes an instant for the pickup and says nothing about the arrival: every ETA here is our estimate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.couriers.lalamove.wording import NAME, SYSTEM
from doorstep.address import Address
from doorstep.geo import distance_m
from doorstep.goods import GoodsTrait
from doorstep.limits import CarrierLimits
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.quote import Decline, DeclineReason
from doorstep.window import Promise, PromiseBasis, Window

LIMITS = CarrierLimits(
    # Assumed: Lalamove's terms name them for every market, its API has no field.
    refused=frozenset({GoodsTrait.HAZARDOUS, GoodsTrait.LIVE_ANIMALS}),
    # A driver with proof of delivery takes a photo or a signature as he pleases: only the photo is claimed,
    # since either is shown as a picture. The number of the person at the door goes with every order.
    handovers=frozenset({HandoverRequirement.PHOTO, HandoverRequirement.PHONE_NUMBER}),
)
"""Sizes and weights depend on the city and come from GET /v3/cities; countries depend on the account."""

HORIZON = timedelta(days=30)
"""The furthest that Lalamove takes orders ahead (API guide v3)."""

_SOON = timedelta(minutes=15)
_UNTIL_PICKUP = timedelta(minutes=15)
_LOADING = timedelta(minutes=10)
_SPEED_MPS = 5.0
_DETOUR = 1.3
_EARLIER = timedelta(minutes=10)
_LATER = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Plan:
    """When the driver shall come, and the instant at which the goods should arrive.

    Attributes
    ----------
    schedule_at
        None for as soon as possible.
    """

    schedule_at: datetime | None
    pickup_at: datetime
    arrives_at: datetime


def why_not(market: str, pickup: Address, dropoff: Address, parcels: Sequence[Parcel]) -> Decline | None:
    """What keeps Lalamove from pricing this on any day, None where nothing does."""
    for side, address in (("pickup", pickup), ("delivery", dropoff)):
        if address.country and address.country != market:
            sentence = f"This {NAME} account serves {market}; the {side} is in {address.country}."
            return Decline(SYSTEM, DeclineReason.OUT_OF_AREA, sentence)
        if address.location is None or not address.one_line:
            sentence = f"{NAME} needs the {side} address and its place on the map."
            return Decline(SYSTEM, DeclineReason.ADDRESS_PROBLEM, sentence)
    if not parcels:
        return Decline(SYSTEM, DeclineReason.OTHER, "There is no parcel to carry.")
    return None


def why_not_booked(pickup: Address, dropoff: Address) -> Decline | None:
    """What an order needs beside what a quotation does: full addresses and phone numbers."""
    for side, address in (("pickup", pickup), ("delivery", dropoff)):
        if address.missing:
            sentence = f"{NAME} needs a full {side} address; it lacks {' and '.join(address.missing)}."
            return Decline(SYSTEM, DeclineReason.ADDRESS_PROBLEM, sentence)
        if not address.phone:
            sentence = f"{NAME} needs a phone number at the {side} address, with its country code."
            return Decline(SYSTEM, DeclineReason.ADDRESS_PROBLEM, sentence)
    return None


def plan_pickup(
    asked_at: datetime, ready_at: datetime, wanted: Window | None, way: tuple[Address, Address]
) -> Plan | Decline:
    """When to send the driver so that the goods come within the wanted window, or why that cannot be.

    Parameters
    ----------
    way
        Pickup and dropoff; both are on the map.
    """
    ride = _ride(_metres(*way))
    soonest = asked_at + _UNTIL_PICKUP
    pickup_at = max(ready_at, soonest)
    if wanted is not None:
        pickup_at = max(pickup_at, wanted.start - ride)
    if pickup_at >= asked_at + HORIZON:
        sentence = f"{NAME} takes orders at most 30 days ahead."
        return Decline(SYSTEM, DeclineReason.RULE, sentence)
    if wanted is not None and pickup_at + ride >= wanted.end:
        sentence = f"The wanted window ends before a driver of {NAME}'s could fetch and bring the goods."
        return Decline(SYSTEM, DeclineReason.PAST_CUTOFF, sentence)
    schedule_at = pickup_at if pickup_at > asked_at + _SOON else None
    return Plan(schedule_at, pickup_at, pickup_at + ride)


def promise_of(plan: Plan, wanted: Window | None, asked_at: datetime, time_zone: str) -> Promise:
    """The wanted window, or one around our estimate; Lalamove commits itself to neither."""
    if wanted is not None:
        return Promise(wanted, time_zone, PromiseBasis.PREDICTED)
    window = Window(max(asked_at, plan.arrives_at - _EARLIER), plan.arrives_at + _LATER)
    return Promise(window, time_zone, PromiseBasis.PREDICTED)


def with_road(plan: Plan, road_m: float | None) -> Plan:
    """The same with the length of the way as Lalamove measured it, metres; None leaves the estimate."""
    if road_m is None:
        return plan
    return Plan(plan.schedule_at, plan.pickup_at, plan.pickup_at + _ride(road_m))


def _ride(road_m: float) -> timedelta:
    return _LOADING + timedelta(seconds=road_m / _SPEED_MPS)


def _metres(pickup: Address, dropoff: Address) -> float:
    if pickup.location is None or dropoff.location is None:
        return 0.0
    return distance_m(pickup.location, dropoff.location) * _DETOUR
