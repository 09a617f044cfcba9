"""One courier's tour to several doors: as which sizes, when, and whether Stuart takes it at all.

Stuart's help centre, 2026: up to eight drop-offs with one courier, who rides a bicycle or a moped, and all
packages fit into that bag together. Stuart arranges the doors by itself ("the most efficient route"), so our
order is a proposal, and what we reckon from it is near to what will be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from connectors.couriers.stuart.client import NAME, SYSTEM
from connectors.couriers.stuart.planning import about_address, refusal_of
from connectors.couriers.stuart.schedule import HANDLING, HORIZON, LEEWAY, USUAL_PICKUP, ride_between
from connectors.couriers.stuart.sizes import PACKAGE_TYPES, PackageType, package_type_for
from connectors.quoted import wanted_window
from doorstep.address import Address
from doorstep.booking import StackRequest
from doorstep.geo import distance_m
from doorstep.parcel import Parcel
from doorstep.quote import Decline, DeclineReason, VehicleKind

MOST_STOPS = 8

_VEHICLES = frozenset({VehicleKind.BICYCLE, VehicleKind.MOTORCYCLE})

_AT_A_DOOR = timedelta(minutes=4)
"""Ours: what a handover takes on the way to the next door."""


@dataclass(frozen=True, slots=True)
class Tour:
    """What Stuart is told of a tour beside its doors.

    Attributes
    ----------
    sizes
        Of each stop's package, in the order of the stops.
    pickup_at
        None means as soon as possible.
    """

    sizes: tuple[PackageType, ...]
    pickup_at: datetime | None


def plan_tour(stack: StackRequest) -> Tour:
    """Plan a tour.

    Raises
    ------
    RemoteRefused
        If Stuart takes no such tour, whatever it would say itself.
    """
    for objection in _objections(stack):
        raise refusal_of(objection)
    sizes = _sizes(stack)
    if isinstance(sizes, Decline):
        raise refusal_of(sizes)
    pickup_at = _pickup_at(stack)
    if isinstance(pickup_at, Decline):
        raise refusal_of(pickup_at)
    return Tour(sizes, pickup_at)


def _objections(stack: StackRequest) -> Iterator[Decline]:
    if len(stack.stops) > MOST_STOPS:
        sentence = f"{len(stack.stops)} doors; {NAME} takes {MOST_STOPS} in one tour."
        yield Decline(SYSTEM, DeclineReason.OTHER, sentence)
    sides = [("pickup", stack.stops[0].pickup), *(("delivery", stop.dropoff) for stop in stack.stops)]
    for side, address in sides:
        lacking = about_address(side, address)
        if lacking is not None:
            yield lacking


def _sizes(stack: StackRequest) -> tuple[PackageType, ...] | Decline:
    """Each package as its own size, but one of them as large as all are together.

    Nobody knows whether Stuart adds packages up when it picks a vehicle: so told, it sends one that takes
    them all. As no door is further than the tour is long, what goes the whole way reaches every door.
    """
    own = [
        package_type_for(
            stop.parcels,
            distance_m=_way_m(stop.pickup, stop.dropoff),
            at_least=stop.booking_data.get("package_type", ""),
        )
        for stop in stack.stops
    ]
    alone = [size for size in own if size is not None]
    if len(alone) < len(own) or not all(stop.parcels for stop in stack.stops):
        return _too_large("One of the packages is too large for a Stuart courier, or there is none.")
    largest = max(alone, key=PACKAGE_TYPES.index)
    parcels: list[Parcel] = [parcel for stop in stack.stops for parcel in stop.parcels]
    together = package_type_for(parcels, distance_m=_tour_m(stack), at_least=largest.code)
    if together is None or together.vehicle not in _VEHICLES:
        return _too_large("Together it is too much, or too far, for one courier on a bicycle or a moped.")
    place = alone.index(largest)
    return (*alone[:place], together, *alone[place + 1 :])


def _pickup_at(stack: StackRequest) -> datetime | Decline | None:
    """When the courier shall come, so that nobody is visited before their window; None for at once."""
    asked_at = stack.stops[0].asked_at
    pickup_at = max(stack.ready_at, asked_at)
    rides = tuple(_rides(stack))
    windows = [wanted_window(stop.booking_data) for stop in stack.stops]
    for ride, window in zip(rides, windows, strict=True):
        if window is not None:
            pickup_at = max(pickup_at, window.start - ride)
    leaves_at = max(pickup_at, asked_at + USUAL_PICKUP)
    for ride, window in zip(rides, windows, strict=True):
        if window is not None and leaves_at + ride >= window.end:
            sentence = "One tour cannot keep the windows of all these doors."
            return Decline(SYSTEM, DeclineReason.PAST_CUTOFF, sentence)
    if pickup_at > asked_at + HORIZON:
        return Decline(SYSTEM, DeclineReason.RULE, "Stuart takes orders at most four days ahead.")
    return pickup_at if pickup_at > asked_at + LEEWAY else None


def _rides(stack: StackRequest) -> Iterator[timedelta]:
    """From the pickup until each door is reached."""
    here, so_far = stack.stops[0].pickup, HANDLING
    for stop in stack.stops:
        so_far += ride_between(here, stop.dropoff)
        yield so_far
        here, so_far = stop.dropoff, so_far + _AT_A_DOOR


def _tour_m(stack: StackRequest) -> float:
    doors = [stack.stops[0].pickup, *(stop.dropoff for stop in stack.stops)]
    located = [door for door in doors if door.location is not None]
    return sum(_way_m(here, there) for here, there in pairwise(located))


def _way_m(here: Address, there: Address) -> float:
    """As the crow flies; nothing where nobody knows, as then only Stuart can tell."""
    if here.location is None or there.location is None:
        return 0.0
    return distance_m(here.location, there.location)


def _too_large(sentence: str) -> Decline:
    return Decline(SYSTEM, DeclineReason.TOO_LARGE, sentence)
