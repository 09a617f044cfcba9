"""What a delivery costs and how that came about: the row, kilometres, surcharges, and what is free.

Every part is rounded half up to the currency's smallest unit by itself, so that the parts that are shown add
up to the price exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from connectors.fleet.declined import Declined
from connectors.fleet.settings import FleetSettings, RateBand, Surcharge
from connectors.fleet.wall_clock import minutes_of
from connectors.fleet.zone import Zone
from doorstep.money import Money, zero
from doorstep.quote import DeclineReason


@dataclass(frozen=True, slots=True)
class AddedSurcharge:
    """A surcharge that applies, and what it adds."""

    surcharge: Surcharge
    price: Money


@dataclass(frozen=True, slots=True)
class ExplainedPrice:
    """A price in its parts.

    Attributes
    ----------
    band
        The row of the rate sheet; its `price` is the first part.
    distance_m
        Along the roads; None where the door is not on the map.
    kilometres
        What they add.
    waived
        Taken off again because the goods are worth enough: nothing, or all of it.
    """

    zone: Zone
    band: RateBand
    distance_m: int | None
    kilometres: Money
    surcharges: tuple[AddedSurcharge, ...]
    waived: Money

    @property
    def price(self) -> Money:
        """The sum of the parts, less what is waived."""
        return _sum(self.band.price, self.kilometres, self.surcharges) - self.waived


def explained_price(
    settings: FleetSettings,
    zone: Zone,
    band: RateBand,
    *,
    distance_m: int | None,
    begins: datetime,
    time_zone: str,
    value: Money | None,
) -> ExplainedPrice:
    """The price of a delivery whose window begins at `begins`, by a row of the sheet.

    Parameters
    ----------
    band
        What `band_of` gave for the zone, the weight and the distance.
    distance_m
        As in `band_of`.
    time_zone
        Of the depot, whose clock surcharges go by.
    value
        Of the goods; None where it does not count.
    """
    kilometres = zero(settings.currency)
    if band.price_per_km is not None and distance_m is not None:
        kilometres = band.price_per_km.times(Decimal(distance_m).scaleb(-3))
    local = begins.astimezone(ZoneInfo(time_zone))
    surcharges = tuple(
        AddedSurcharge(surcharge, _added(surcharge, band.price + kilometres))
        for surcharge in settings.surcharges
        if _applies(surcharge, local)
    )
    is_free = settings.free_above is not None and value is not None and value >= settings.free_above
    whole = _sum(band.price, kilometres, surcharges)
    waived = whole if is_free else zero(settings.currency)
    return ExplainedPrice(zone, band, distance_m, kilometres, surcharges, waived)


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
    of_zone = [band for band in settings.bands if band.zone_id in {None, zone.id}]
    rows = [band for band in of_zone if band.max_weight_g is None or weight_g <= band.max_weight_g]
    if not rows:
        most_g = max(band.max_weight_g or 0 for band in of_zone)
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


def _added(surcharge: Surcharge, carried: Money) -> Money:
    """Amount and percent of the price for carrying, the percent rounded half up."""
    added = zero(carried.currency)
    if surcharge.amount is not None:
        added += surcharge.amount
    if surcharge.percent is not None:
        added += carried.times(surcharge.percent.scaleb(-2))
    return added


def _applies(surcharge: Surcharge, local: datetime) -> bool:
    minute = local.hour * 60 + local.minute
    in_hours = minutes_of(surcharge.start) <= minute < minutes_of(surcharge.end)
    return in_hours and local.isoweekday() in surcharge.weekdays


def _sum(base: Money, kilometres: Money, surcharges: tuple[AddedSurcharge, ...]) -> Money:
    return sum((one.price for one in surcharges), base + kilometres)
