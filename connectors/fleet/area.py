"""Which depot sends, and which zone of the rate sheet a door lies in."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.fleet.declined import Declined
from connectors.fleet.settings import Depot, FleetSettings, Zone
from doorstep.address import Address
from doorstep.geo import distance_m
from doorstep.quote import DeclineReason

AT_DEPOT_M = 1_000.0
"""A pickup this near to a depot is at it: geocoders differ by a yard, and a warehouse is large."""


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


def zone_of(settings: FleetSettings, depot: Depot, dropoff: Address) -> Zone:
    """The first zone that holds a door.

    Raises
    ------
    Declined
        If none does, or the address lacks what would tell.
    """
    for zone in settings.zones:
        if _holds(zone, depot, dropoff):
            return zone
    if _lacks(settings.zones, dropoff):
        raise Declined(
            DeclineReason.ADDRESS_PROBLEM,
            f"The address has no {_lacks(settings.zones, dropoff)} to find its zone.",
        )
    raise Declined(DeclineReason.OUT_OF_AREA, "The address lies in none of the fleet's zones.")


def _holds(zone: Zone, depot: Depot, dropoff: Address) -> bool:
    if zone.radius_m is not None:
        place = dropoff.location
        return place is not None and distance_m(depot.location, place) <= zone.radius_m
    if zone.country and zone.country != dropoff.country:
        return False
    code = _plain(dropoff.postal_code)
    return bool(code) and any(code.startswith(_plain(prefix)) for prefix in zone.postcode_prefixes)


def _lacks(zones: Sequence[Zone], dropoff: Address) -> str:
    """What the address would need for a zone to be found, "" where nothing is missing."""
    if dropoff.location is None and any(zone.radius_m is not None for zone in zones):
        return "place on the map"
    if not _plain(dropoff.postal_code) and any(zone.postcode_prefixes for zone in zones):
        return "postcode"
    return ""


def _plain(postcode: str) -> str:
    return "".join(postcode.split()).upper()
