"""Which depot sends, which zone of the rate sheet a door lies in, and how far the drive is."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.fleet.declined import Declined
from connectors.fleet.distance import Drive, drive_to
from connectors.fleet.settings import Depot, FleetSettings
from connectors.fleet.zone import Zone, indexed
from doorstep.address import Address
from doorstep.geo import distance_m
from doorstep.ports import RoadEngine
from doorstep.quote import DeclineReason

AT_DEPOT_M = 1_000.0
"""A pickup this near to a depot is at it: geocoders differ by a yard, and a warehouse is large."""


@dataclass(frozen=True, slots=True)
class Place:
    """A door in its zone; `drive` is None where the door is not on the map."""

    zone: Zone
    drive: Drive | None


def depot_of(settings: FleetSettings, pickup: Address) -> tuple[str, Depot]:
    """Location id and depot that a pickup address means.

    Raises
    ------
    Declined
        If no depot is there, or the address has no place and there are several depots.
    """
    if pickup.location is None:
        if len(settings.depots) == 1:
            return next(iter(settings.depots.items()))
        raise Declined(
            DeclineReason.ADDRESS_PROBLEM,
            "The pickup has no place on the map, so it is unknown which depot is meant.",
        )
    here = pickup.location
    depot_id, depot = min(settings.depots.items(), key=lambda item: distance_m(item[1].location, here))
    if distance_m(depot.location, here) > AT_DEPOT_M:
        raise Declined(DeclineReason.OUT_OF_AREA, "The goods are at none of the fleet's depots.")
    return depot_id, depot


async def place_of(
    settings: FleetSettings, depot: Depot, door: Address, roads: RoadEngine, budget_s: float
) -> Place:
    """The first zone that holds a door, and the drive there; the roads are asked once at most.

    Raises
    ------
    Declined
        If no zone does, the address lacks what would tell, or no road leads there.
    """
    zones = indexed(settings.zones)
    zone = zones.first(door, depot.location)
    if zone is None and not zones.asks_drive:
        raise _nowhere(settings, door)
    drive = await _drive(depot, door, roads, budget_s)
    if zones.asks_drive and drive is not None:
        zone = zones.first(door, depot.location, drive.seconds)
    if zone is None:
        raise _nowhere(settings, door)
    return Place(zone, drive)


async def zone_ids_at(
    settings: FleetSettings, depot: Depot, door: Address, roads: RoadEngine, budget_s: float
) -> tuple[str, ...]:
    """Ids of all zones that hold a door; the roads are asked only if a zone asks for the time on them."""
    zones = indexed(settings.zones)
    drive_s: int | None = None
    if zones.asks_drive:
        try:
            drive = await _drive(depot, door, roads, budget_s)
        except Declined:
            drive = None
        drive_s = None if drive is None else drive.seconds
    return tuple(zone.id for zone in zones.all_at(door, depot.location, drive_s))


async def _drive(depot: Depot, door: Address, roads: RoadEngine, budget_s: float) -> Drive | None:
    place = door.location
    return None if place is None else await drive_to(roads, depot.location, place, budget_s)


def _nowhere(settings: FleetSettings, door: Address) -> Declined:
    if lacking := indexed(settings.zones).lacking(door):
        return Declined(DeclineReason.ADDRESS_PROBLEM, f"The address has no {lacking} to find its zone.")
    return Declined(DeclineReason.OUT_OF_AREA, "The address lies in none of the fleet's zones.")
