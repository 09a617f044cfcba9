"""What a rate sheet would say of a sample delivery, without asking for a van or a window."""

from __future__ import annotations

from datetime import datetime

from connectors.fleet.area import depot_of, place_of, zone_ids_at
from connectors.fleet.declined import Declined
from connectors.fleet.rate_sheet import ExplainedPrice, band_of, explained_price
from connectors.fleet.settings import FleetSettings
from doorstep.address import Address
from doorstep.money import Money
from doorstep.ports import RoadEngine
from doorstep.quote import Decline


async def preview_price(
    settings: FleetSettings,
    roads: RoadEngine,
    *,
    pickup: Address,
    dropoff: Address,
    weight_g: int,
    begins: datetime,
    value: Money | None = None,
    budget_s: float = 2.0,
) -> ExplainedPrice | Decline:
    """The price for a window that begins at `begins`, in its parts, or why there is none.

    Parameters
    ----------
    settings
        For a draft, the merchant's own with the draft's bands, surcharges and `free_above`.
    value
        Of the goods, for what is free; None where it does not count.
    """
    try:
        _, depot = depot_of(settings, pickup)
        place = await place_of(settings, depot, dropoff, roads, budget_s)
        distance_m = place.drive.metres if place.drive else None
        return explained_price(
            settings,
            place.zone,
            band_of(settings, place.zone, weight_g, distance_m),
            distance_m=distance_m,
            begins=begins,
            time_zone=depot.time_zone,
            value=value,
        )
    except Declined as declined:
        return declined.told()


async def zones_at(
    settings: FleetSettings, roads: RoadEngine, *, pickup: Address, dropoff: Address, budget_s: float = 2.0
) -> tuple[str, ...]:
    """Ids of all zones that a door lies in, for slots that serve some zones; () where there are none."""
    try:
        _, depot = depot_of(settings, pickup)
    except Declined:
        return ()
    return await zone_ids_at(settings, depot, dropoff, roads, budget_s)
