"""What a delivery costs: the row of the rate sheet, kilometres, surcharges, and what is free."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from connectors.fleet.declined import Declined
from connectors.fleet.settings import FleetSettings, RateBand, Surcharge, Zone
from connectors.fleet.wall_clock import minutes_of
from doorstep.money import Money, zero
from doorstep.quote import DeclineReason


def band_of(settings: FleetSettings, zone: Zone, weight_g: int, distance_m: int | None) -> RateBand:
    """The first row that fits.

    Parameters
    ----------
    distance_m
        Along the roads; None where the door is not on the map, which only rows without a distance fit.

    Raises
    ------
    Declined
        If the sheet has no row for the weight or the distance.
    """
    rows = [band for band in settings.bands if band.zone_id == zone.id and weight_g <= band.max_weight_g]
    if not rows:
        most_g = max(band.max_weight_g for band in settings.bands if band.zone_id == zone.id)
        raise Declined(
            DeclineReason.TOO_HEAVY,
            f"Weighs {weight_g / 1000:.10g} kg; the rate sheet ends at {most_g / 1000:.10g} kg there.",
        )
    for band in rows:
        if distance_m is None and (band.max_distance_m is not None or band.price_per_km is not None):
            continue
        if band.max_distance_m is None or distance_m is None or distance_m <= band.max_distance_m:
            return band
    if distance_m is None:
        raise Declined(
            DeclineReason.ADDRESS_PROBLEM,
            "The address has no place on the map, and the price needs the distance.",
        )
    raise Declined(
        DeclineReason.OUT_OF_AREA,
        f"The rate sheet ends before {distance_m / 1000:.1f} km of road in that zone.",
    )


def price_of(
    settings: FleetSettings,
    band: RateBand,
    *,
    distance_m: int | None,
    begins: datetime,
    zone: ZoneInfo,
    value: Money,
) -> Money:
    """The price of a delivery in the window that begins at `begins`; kilometres count in proportion."""
    if settings.free_above is not None and value >= settings.free_above:
        return zero(settings.currency)
    price = band.price
    if band.price_per_km is not None and distance_m is not None:
        price += band.price_per_km.times(Decimal(distance_m) / 1000)
    for surcharge in settings.surcharges:
        if _applies(surcharge, begins.astimezone(zone)):
            price += surcharge.amount
    return price


def _applies(surcharge: Surcharge, local: datetime) -> bool:
    minute = local.hour * 60 + local.minute
    in_hours = minutes_of(surcharge.start) <= minute < minutes_of(surcharge.end)
    return in_hours and local.isoweekday() in surcharge.weekdays
